"""JSON objects that mean the same to every reader."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyregistry.http.objects import NotPlain, read_object, texts_in

OBJECTS = st.dictionaries(
    st.text(),
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
)


@given(OBJECTS)
def test_objects_are_read_as_they_are(written: dict[str, Any]) -> None:
    assert read_object(json.dumps(written).encode()) == written


@given(st.binary())
def test_whatever_comes_is_an_object_or_a_value_error(text: bytes) -> None:
    with suppress(ValueError):
        assert isinstance(read_object(text), dict)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"null",
        b"1",
        b'"x"',
        b"{} {}",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e400}',
        b'{"a": 1' + b"0" * 5000 + b"}",
        b'{"a": 1, "a": 1}',
        b'{"a": 1, "\\u0061": 2}',
        b'{"a": {"b": 1, "b": 2}}',
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b"\xef\xbb\xbf{}",
        '{"a": "ü"}'.encode("latin-1"),
        '{"a": 1}'.encode("utf-16"),
    ],
)
def test_what_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_object(text)


def test_the_refusal_says_what_is_wrong() -> None:
    for text, reason in (
        (b'{"a": {"b": 1, "b": 2}}', "the name 'b' comes twice"),
        (b'{"a": 1e400}', "the number '1e400' is too large"),
        (b'{"a": NaN}', "NaN is no number of JSON"),
        (b"[]", "it must be a JSON object"),
        (b"[" * 60_000, "it is nested too deeply"),
    ):
        with pytest.raises(NotPlain, match=reason):
            read_object(text)


def test_texts_are_found_however_deep() -> None:
    deep: Any = "innermost"
    for _ in range(10_000):
        deep = [deep]
    found = texts_in({"a": ["b", {"c": "d"}], "e": 1, "f": None, "g": deep})
    assert sorted(found) == ["a", "b", "c", "d", "e", "f", "g", "innermost"]
