"""Small forms, read strictly."""

from contextlib import suppress
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyregistry.errors import Invalid
from pyregistry.http.forms import MAXIMUM_FIELDS, MULTIPART, URL_ENCODED, read_fields

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
IN_PARTS = f"{MULTIPART}; boundary=x"


def part(name: str, value: bytes, more: str = "") -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + value + b"\r\n"


@given(st.lists(st.tuples(TEXTS, TEXTS)))
def test_a_form_is_read_as_it_was_written(fields: list[tuple[str, str]]) -> None:
    assert read_fields(URL_ENCODED, urlencode(fields).encode()) == fields


@given(TEXTS)
def test_a_part_is_read_as_it_was_written(text: str) -> None:
    assert read_fields(IN_PARTS, part("a", text.encode()) + b"--x--\r\n") == [("a", text)]


@given(st.sampled_from([URL_ENCODED, IN_PARTS, ""]), st.binary() | st.just(b"--x\r\n"))
def test_whatever_comes_is_a_form_or_refused(content_type: str, body: bytes) -> None:
    with suppress(Invalid):
        for name, value in read_fields(content_type, body):
            assert (name + value).encode().decode() == name + value  # no half of a surrogate


@pytest.mark.parametrize(
    ("content_type", "body", "fields"),
    [
        (URL_ENCODED, b"", []),
        (IN_PARTS, b"", []),
        ("", b"a=1", [("a", "1")]),
        (URL_ENCODED, b"a=1&a=2&b=", [("a", "1"), ("a", "2"), ("b", "")]),
        (URL_ENCODED, "a=ü".encode(), [("a", "ü")]),
        (URL_ENCODED, b"a=%zz%", [("a", "%zz%")]),
        (URL_ENCODED, b"a=x+y%2B", [("a", "x y+")]),
        (f"{URL_ENCODED}; charset=UTF-8", b"a=%C3%BC", [("a", "ü")]),
        (IN_PARTS, part("f", b"\xff", '; filename="f"') + part("a", b"1") + b"--x--", [("a", "1")]),
    ],
)
def test_what_is_read(content_type: str, body: bytes, fields: list[tuple[str, str]]) -> None:
    assert read_fields(content_type, body) == fields


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (URL_ENCODED, b"a=%FF"),
        (URL_ENCODED, b"a=\xff"),
        (URL_ENCODED, b"a=%ED%A0%80"),
        (URL_ENCODED, b"&".join([b"a=1"] * (MAXIMUM_FIELDS + 1))),
        (f"{URL_ENCODED}; charset=utf-16", b"a=1"),
        (f"{URL_ENCODED}; charset=nonsense", b"a=1"),
        (MULTIPART, b"--x--"),
        (f"{MULTIPART}; boundary=\xfc", b"--x--"),
        (IN_PARTS, b"a=1"),
        (IN_PARTS, b"--x\r\nnonsense"),
        (IN_PARTS, part("a", b"1")),
        (IN_PARTS, part("a", b"\xff") + b"--x--"),
        (IN_PARTS, part("", b"1") + b"--x--"),
        (IN_PARTS, b"--x\r\n\r\n1\r\n--x--"),
        (IN_PARTS, part("a", b"1") * (MAXIMUM_FIELDS + 1) + b"--x--"),
    ],
)
def test_what_is_refused(content_type: str, body: bytes) -> None:
    with pytest.raises(Invalid, match="not a valid form"):
        read_fields(content_type, body)
