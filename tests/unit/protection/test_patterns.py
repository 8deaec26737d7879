"""Patterns and prefixes: how they are spelled, and what they match."""

import fnmatch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pyregistry.packaging.names import normalize_name
from pyregistry.protection.errors import InvalidProtection
from pyregistry.protection.patterns import (
    normalize_pattern,
    normalize_prefix,
    pattern_matches,
    prefixes_of,
)

PIECES = st.text("ab-", max_size=4)
NAMES = st.text("ab-", max_size=12)


@given(st.lists(PIECES, min_size=1, max_size=5).map("*".join), NAMES)
@example("a*a", "a")
@example("ab*ba", "aba")
@example("*ab*ab*", "aab")
@example("", "")
@example("*", "")
def test_it_matches_what_the_standard_library_matches(pattern: str, name: str) -> None:
    assert pattern_matches(pattern, name) == fnmatch.fnmatchcase(name, pattern)


@given(st.text("aAb._-*", min_size=1, max_size=9))
def test_a_normalised_pattern_stays_as_it_is(pattern: str) -> None:
    try:
        normalized = normalize_pattern(pattern)
    except InvalidProtection:
        assert pattern[0] in "._-" or pattern[-1] in "._-"
    else:
        assert normalize_pattern(normalized) == normalized
        assert "**" not in normalized


@given(st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,20}[A-Za-z0-9])?", fullmatch=True))
def test_a_name_is_a_pattern_that_matches_itself_and_no_longer_name(name: str) -> None:
    pattern = normalize_pattern(name)
    assert pattern_matches(pattern, normalize_name(name))
    assert not pattern_matches(pattern, normalize_name(name + "x"))


@pytest.mark.parametrize(
    ("pattern", "normalized"),
    [
        ("Acme.Core", "acme-core"),
        ("Acme_*", "acme-*"),
        ("acme-._*", "acme-*"),
        ("***", "*"),
        ("a**b", "a*b"),
        ("*-Core", "*-core"),
        ("a" * 255, "a" * 255),
        ("*a" * 10, "*a" * 10),
    ],
)
def test_normalising(pattern: str, normalized: str) -> None:
    assert normalize_pattern(pattern) == normalized


@pytest.mark.parametrize(
    "pattern",
    ["", " ", "-a", "a-", "_*", "*.", "a b", "a?", "[a]", "a/b", "é", "a\n", "a\x00", "a" * 256],
)
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(InvalidProtection, match="is no pattern"):
        normalize_pattern(pattern)


def test_too_many_stars() -> None:
    with pytest.raises(InvalidProtection, match="at most 10"):
        normalize_pattern("*a" * 11)


@pytest.mark.parametrize("prefix", ["", "-", "acme-", "acme*", "a b", "é", "a" * 256])
def test_what_is_no_prefix(prefix: str) -> None:
    with pytest.raises(InvalidProtection, match="is no prefix"):
        normalize_prefix(prefix)


def test_prefixes() -> None:
    assert normalize_prefix("Acme__Core") == "acme-core"
    assert prefixes_of("acme-core-x") == ["acme", "acme-core", "acme-core-x"]
    assert prefixes_of("acme") == ["acme"]


@given(st.from_regex(r"[ab](-?[ab]){0,9}", fullmatch=True), st.sampled_from(["a", "a-b", "ab-a"]))
def test_the_prefixes_of_a_name_are_those_that_it_equals_or_continues(
    name: str, prefix: str
) -> None:
    assert (prefix in prefixes_of(name)) == (name == prefix or name.startswith(f"{prefix}-"))
