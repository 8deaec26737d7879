"""Texts that sort as versions do."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import InvalidVersion, Version

from pyregistry.packaging.version_keys import version_key

IN_ORDER = [
    "0",
    "0.1.dev1",
    "0.1",
    "1.dev1",
    "1.0a1.dev1",
    "1.0a1",
    "1.0a1.post1.dev2",
    "1.0a1.post1",
    "1.0a2",
    "1.0a10",
    "1.0b1",
    "1.0rc1",
    "1.0",
    "1.0+abc",
    "1.0+abc.1",
    "1.0+abd",
    "1.0+1",
    "1.0+1.a",
    "1.0+2",
    "1.0+10",
    "1.0.post1.dev1",
    "1.0.post1",
    "1.0.1",
    "1.9",
    "1.10",
    "2026.11.23",
    "1!0.1",
]
NUMBER = st.integers(0, 10**20)
VERSIONS = st.builds(
    "{}{}{}{}{}{}".format,
    st.sampled_from(["", "0!", "1!", "10!"]),
    st.lists(NUMBER | st.integers(0, 3), min_size=1, max_size=4).map(
        lambda numbers: ".".join(map(str, numbers))
    ),
    st.just("") | st.builds("{}{}".format, st.sampled_from(["a", "b", "rc"]), st.integers(0, 12)),
    st.just("") | st.builds(".post{}".format, st.integers(0, 12)),
    st.just("") | st.builds(".dev{}".format, st.integers(0, 12)),
    st.just("") | st.from_regex(r"\+[a-z0-9]{1,3}(\.[a-z0-9]{1,3}){0,2}", fullmatch=True),
)


def test_the_order_of_the_specification() -> None:
    assert sorted(IN_ORDER, key=Version) == IN_ORDER
    keys = [version_key(version) for version in IN_ORDER]
    assert all(one < other for one, other in pairwise(keys))


@given(VERSIONS, VERSIONS)
def test_keys_compare_as_versions_do(one: str, other: str) -> None:
    here, there = version_key(one), version_key(other)
    assert (here < there) == (Version(one) < Version(other))
    assert (here == there) == (Version(one) == Version(other))


@given(VERSIONS)
def test_keys_have_digits_alone(version: str) -> None:
    """Every collation of every database sorts them alike."""
    key = version_key(version)
    assert key.isascii()
    assert key.isdecimal()


def test_what_is_no_version() -> None:
    with pytest.raises(InvalidVersion):
        version_key("latest")
