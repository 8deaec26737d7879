import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyregistry.http.disposition import attachment


@pytest.mark.parametrize("filename", ["demo-1.0.tar.gz", "demo-1!2.0+local.1-py3-none-any.whl"])
def test_names_an_ordinary_file_as_it_is(filename):
    assert attachment(filename) == f'attachment; filename="{filename}"'


@pytest.mark.parametrize(
    ("filename", "plain"),
    [
        ('a"b.whl', "a_b.whl"),
        ("a\\b.whl", "a_b.whl"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("a\r\nSet-Cookie: b", "a__Set-Cookie_ b"),
        ("a\x00b\x7f\x85", "a_b__"),
    ],
)
def test_replaces_harmful_characters(filename, plain):
    assert attachment(filename) == f'attachment; filename="{plain}"'


@pytest.mark.parametrize(
    ("filename", "plain", "whole"),
    [("naïve.zip", "na_ve.zip", "na%C3%AFve.zip"), ("a%41.zip", "a_41.zip", "a%2541.zip")],
)
def test_gives_other_names_twice(filename, plain, whole):
    assert attachment(filename) == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}"


@given(st.text())
def test_is_always_one_line_of_ascii_with_one_quoted_name(filename):
    value = attachment(filename)
    found = re.fullmatch(
        r"attachment; filename=\"[ -!#-~]*\"(; filename\*=UTF-8''(?P<whole>[A-Za-z0-9%._~-]*))?",
        value,
    )
    assert found is not None
    assert "/" not in unquote(found["whole"] or "")
