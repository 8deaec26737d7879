from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyregistry.http.conditional import (
    accepts_gzip,
    etag_matches,
    gzip_etag,
    if_range_matches,
    strong_etag,
)

header_text = st.text(st.sampled_from('W/"-gzip*, \tabc\\;q=01.') | st.characters())


def test_strong_etag_puts_quotes_around():
    assert strong_etag("7-json") == '"7-json"'
    assert gzip_etag('"7-json"') == '"7-json-gzip"'


@pytest.mark.parametrize("opaque", ['a"b', "a b", "a\r\nX: y", "ā"])
def test_strong_etag_refuses_what_a_header_cannot_carry(opaque):
    with pytest.raises(ValueError, match="opaque"):
        strong_etag(opaque)


@pytest.mark.parametrize(
    "if_none_match",
    [
        '"7"',
        'W/"7"',
        "*",
        " * ",
        '"6", "7"',
        '"6","7"',
        ' , "6" ,,\tW/"7" ,',
        '"7-gzip"',
        'W/"7-gzip"',
        '"a,b", "7"',
        '"7", broken',
    ],
)
def test_if_none_match_names_the_etag(if_none_match):
    assert etag_matches(if_none_match, '"7"')
    assert etag_matches(if_none_match, '"7-gzip"')


@pytest.mark.parametrize(
    "if_none_match",
    [
        None,
        "",
        '"8"',
        "7",
        '"7',
        'w/"7"',
        '"77"',
        '"7"8"',
        '"6" "7"',
        '"8-gzip"',
        '"7-br"',
        '*, "8"',
        '"a,"7"',
        "'7'",
    ],
)
def test_if_none_match_does_not_name_the_etag(if_none_match):
    assert not etag_matches(if_none_match, '"7"')


@given(header_text)
def test_if_none_match_never_raises(if_none_match):
    assert isinstance(etag_matches(if_none_match, '"7"'), bool)


@given(st.lists(st.text(st.characters(min_codepoint=0x23, max_codepoint=0x7E)), max_size=5))
def test_if_none_match_finds_the_etag_anywhere_in_a_list(others):
    listed = ", ".join(f'"{tag}"' for tag in [*others, "the one", *others])
    assert not etag_matches(listed, '"the-one"') or "the-one" in others
    assert etag_matches(listed.replace("the one", "the-one"), '"the-one"')


def test_if_range_compares_strongly():
    assert if_range_matches(None, '"abc"')
    assert if_range_matches('"abc"', '"abc"')
    assert if_range_matches(' "abc"\t', '"abc"')
    for other in ['W/"abc"', '"abc-gzip"', '"abd"', "abc", "*", '"abc", "abd"', ""]:
        assert not if_range_matches(other, '"abc"')
    assert not if_range_matches('W/"abc"', 'W/"abc"')


def test_if_range_takes_a_date_only_where_it_is_exact():
    changed = datetime(2026, 11, 22, 10, 20, 30, 456789, tzinfo=UTC)
    assert if_range_matches("Sun, 22 Nov 2026 10:20:30 GMT", '"abc"', changed)
    assert not if_range_matches("Sun, 22 Nov 2026 10:20:31 GMT", '"abc"', changed)
    assert not if_range_matches("Sun, 22 Nov 2026 10:20:29 GMT", '"abc"', changed)
    assert not if_range_matches("Sun, 22 Nov 2026 10:20:30 GMT", '"abc"')
    for broken in ("Sun, 99 Nov 2026 10:20:30 GMT", "Sun, 22 Nov 2026 10:999999999999:30 GMT"):
        assert not if_range_matches(broken, '"abc"', changed)


@given(header_text | st.text("0123456789 :,GMTSunNov+-"))
def test_if_range_never_raises(if_range):
    changed = datetime(2026, 11, 22, tzinfo=UTC)
    assert isinstance(if_range_matches(if_range, '"abc"', changed), bool)


@pytest.mark.parametrize(
    "accept_encoding",
    [
        "gzip",
        "gzip, deflate",
        "GZip",
        "x-gzip",
        "*",
        "gzip;q=0.001",
        "identity;q=0.5, gzip;q=0.5",
        "identity;q=0, gzip;q=0.1",
        "*;q=0, gzip",
        "br;q=1, gzip;q=0.2",
        "gzip;q=0, gzip",
    ],
)
def test_accepts_gzip(accept_encoding):
    assert accepts_gzip(accept_encoding)


@pytest.mark.parametrize(
    "accept_encoding",
    [
        None,
        "",
        "identity",
        "deflate, br",
        "gzip;q=0",
        "gzip;q=0.000",
        "*;q=0",
        "gzip;q=0, *",
        "identity, gzip;q=0.5",
        "identity, *;q=0.5",
        "gzip;q=x",
        "gzipped",
    ],
)
def test_does_not_accept_gzip(accept_encoding):
    assert not accepts_gzip(accept_encoding)


@given(header_text)
def test_accept_encoding_never_raises(accept_encoding):
    assert isinstance(accepts_gzip(accept_encoding), bool)
