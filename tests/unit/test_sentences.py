"""Text, sizes and counts in sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyregistry.sentences import plural, shown, shown_size, typed_size
from pyregistry.settings.parsers import size


def test_text_is_quoted_in_ascii_and_cut() -> None:
    assert shown("a\r\nb\u20ac") == r"'a\r\nb\u20ac'"
    assert shown("x" * 80) == f"'{'x' * 80}'"
    assert shown("x" * 81) == f"'{'x' * 80}...'"
    assert shown("\u20ac" * 14) == "'" + r"\u20ac" * 13 + r"\u..." + "'"


@given(st.text())
def test_any_text_is_one_printable_line(text: str) -> None:
    assert shown(text).isascii()
    assert shown(text).isprintable()
    assert len(shown(text)) <= 80 + len("'...'")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1,023 bytes"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (99 * 1024, "99.0 KiB"),
        (120 * 1024, "120 KiB"),
        (1024**2 - 1, "1.0 MiB"),
        (1024**3 * 2, "2.0 GiB"),
        (1024**6, "1024 PiB"),
    ],
)
def test_sizes(size: int, text: str) -> None:
    assert shown_size(size) == text


@given(st.integers(1, 2**59))
def test_sizes_as_they_are_typed_are_exact(amount: int) -> None:
    assert size(1)(typed_size(amount)) == amount


def test_sizes_are_typed_in_the_largest_unit_that_is_exact() -> None:
    sizes = (0, 1, 1023, 1024, 1536 * 1024, 5 * 1024**3)
    assert [typed_size(each) for each in sizes] == [
        *("0 B", "1 B", "1023 B", "1 KiB", "1536 KiB", "5 GiB")
    ]


def test_counts() -> None:
    assert plural(1, "file") == "1 file"
    assert plural(12000, "file") == "12,000 files"
