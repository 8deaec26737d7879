import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from pyregistry.errors import Invalid
from pyregistry.packaging.names import (
    canonical_version,
    check_package_name,
    normalize_name,
    parse_version,
    valid_package_name,
)

names = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,20}[A-Za-z0-9])?", fullmatch=True)


@pytest.mark.parametrize("name", ["Foo.Bar", "foo_bar", "foo--bar", "FOO-.-bar"])
def test_one_name_in_many_spellings(name):
    assert normalize_name(name) == "foo-bar"


@given(names)
def test_normalised_names_are_valid_and_stay(name):
    normalized = normalize_name(name)
    assert valid_package_name(normalized)
    assert normalize_name(normalized) == normalized
    assert normalized == re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", ["a", "A1", "a.b", "a-b_c", "1", "x" * 255])
def test_valid_names(name):
    assert check_package_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "-", "_", ".", "-a", "a-", "a.", "a b", "a/b", "é", "a\n", "\u0130", "\u017f", "x" * 256],
)
def test_invalid_names(name):
    assert not valid_package_name(name)
    with pytest.raises(Invalid, match="no name for a package"):
        check_package_name(name)


@given(st.text())
def test_any_text_is_a_name_or_refused(name):
    if valid_package_name(name):
        assert check_package_name(name) == name
    else:
        with pytest.raises(Invalid):
            check_package_name(name)


@pytest.mark.parametrize(
    ("version", "canonical"),
    [
        ("1", "1"),
        ("1.0", "1"),
        ("1.0.0", "1"),
        ("v1.0", "1"),
        ("1.10", "1.10"),
        ("1.0rc1", "1rc1"),
        ("1.0-1", "1.post1"),
        ("1.0.dev1", "1.dev1"),
        ("1.0+Ubuntu-1", "1+ubuntu.1"),
        ("2!1.0", "2!1"),
        ("0.0", "0"),
    ],
)
def test_canonical_versions(version, canonical):
    assert canonical_version(version) == canonical
    assert canonical_version(Version(version)) == canonical


@pytest.mark.parametrize(
    "version",
    ["", "abc", "1.0-", "1.0 ", "\n1.0", "1..0", "1.0+é", "\u0661", "9" * 256, "9" * 5000],
)
def test_invalid_versions(version):
    for read in (parse_version, canonical_version):
        with pytest.raises(Invalid, match="no version"):
            read(version)


@given(st.text())
def test_any_text_is_a_version_or_refused(text):
    try:
        version = parse_version(text)
    except Invalid:
        return
    assert canonical_version(text) == canonical_version(version)
    assert parse_version(canonical_version(text)) == version


@given(st.lists(st.integers(0, 99), min_size=1, max_size=4), st.integers(0, 4))
def test_trailing_zeros_make_no_other_release(numbers, zeros):
    version = ".".join(map(str, numbers))
    assert canonical_version(version) == canonical_version(version + ".0" * zeros)
