"""CSV whose cells no spreadsheet calculates."""

import csv
from io import StringIO

import pytest

from pyregistry.http.csv import csv_pieces, safe_cell


@pytest.mark.parametrize(
    "harmful",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "=cmd|' /C calc'!A0"],
)
def test_what_would_be_calculated_is_text(harmful: str) -> None:
    assert safe_cell(harmful) == f"'{harmful}"


@pytest.mark.parametrize("harmless", ["demo", "acme/core", "1+1", "a=b", "2026-05-01", ""])
def test_other_text_stays_as_it_is(harmless: str) -> None:
    assert safe_cell(harmless) == harmless


def test_numbers_stay_numbers() -> None:
    assert safe_cell(-5) == "-5"


def test_rows_are_read_again_as_they_were() -> None:
    rows = [["a, b", 'say "no"', "two\nlines", 1], *([["x", "y", "é", 2]] * 2500)]
    pieces = list(csv_pieces(rows))
    assert len(pieces) == 3
    text = b"".join(pieces).decode("utf-8")
    assert list(csv.reader(StringIO(text, newline=""))) == [
        [str(cell) for cell in row] for row in rows
    ]
