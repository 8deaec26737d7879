import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyregistry.http.ranges import ByteRange, Unsatisfiable, parse_range


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=2-5", 2, 5),
        ("bytes=2-", 2, 9),
        ("bytes=9-", 9, 9),
        ("bytes=0-9", 0, 9),
        ("bytes=5-10", 5, 9),
        pytest.param("bytes=5-" + "9" * 10_000, 5, 9, id="huge last"),
        pytest.param("bytes=" + "0" * 10_000 + "5-7", 5, 7, id="many zeros"),
        ("bytes=-3", 7, 9),
        ("bytes=-10", 0, 9),
        ("bytes=-11", 0, 9),
        pytest.param("bytes=-" + "9" * 10_000, 0, 9, id="huge suffix"),
        ("Bytes=2-5", 2, 5),
        ("bytes= 2-5\t", 2, 5),
    ],
)
def test_one_range_of_ten_bytes(header, first, last):
    assert parse_range(header, 10) == ByteRange(first, last, 10)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5-2",
        "bytes=0-1,3-4",
        "bytes=0-1,",
        "bytes=a-b",
        "bytes=1",
        "bytes=--1",
        "bytes=1--2",
        "bytes=+1-2",
        "bytes=1_0-2",
        "bytes=\u0663-\u0665",
        "bytes=\u00b2-",
        "bytes=0x1-2",
        "bytes =0-1",
        "items=0-1",
        "bytes=0-1\n",
        "0-1",
    ],
)
def test_anything_else_means_the_whole_file(header):
    assert parse_range(header, 10) is None


@pytest.mark.parametrize(
    "header",
    [
        "bytes=10-",
        "bytes=10-12",
        "bytes=-0",
        pytest.param("bytes=" + "9" * 10_000 + "-", id="huge first"),
    ],
)
def test_nothing_in_the_range(header):
    answer = parse_range(header, 10)
    assert answer == Unsatisfiable(10)
    assert answer.content_range == "bytes */10"


def test_an_empty_file():
    assert parse_range("bytes=0-", 0) == Unsatisfiable(0)
    assert parse_range("bytes=0-0", 0) == Unsatisfiable(0)
    assert parse_range("bytes=-1", 0) is None


def test_a_range_says_its_length_and_header():
    part = ByteRange(2, 5, 10)
    assert (part.length, part.content_range) == (4, "bytes 2-5/10")


@given(
    st.text() | st.from_regex(r"\Abytes=[0-9]*-[0-9]*(,[0-9]*-[0-9]*)?\Z"),
    st.integers(0, 2**40),
)
def test_never_raises_and_stays_inside_the_file(header, size):
    answer = parse_range(header, size)
    if isinstance(answer, ByteRange):
        assert 0 <= answer.first <= answer.last < size
        assert answer.length >= 1


@given(st.binary(min_size=1, max_size=50), st.data())
def test_gives_the_bytes_that_were_asked_for(content, data):
    first = data.draw(st.integers(0, len(content) - 1))
    last = data.draw(st.integers(first, len(content) + 5))
    part = parse_range(f"bytes={first}-{last}", len(content))
    assert isinstance(part, ByteRange)
    assert content[part.first : part.last + 1] == content[first : last + 1]
