"""Which packages a release names in Requires-Dist."""

import pytest

from pyregistry.packaging.dependencies import (
    MAXIMUM_DEPENDENCIES,
    dependency_name,
    dependency_names,
)


@pytest.mark.parametrize(
    ("requirement", "name"),
    [
        ("requests", "requests"),
        ("Zope.Interface >=1,<2", "zope-interface"),
        ("core[fast] (>=1.0) ; python_version < '3'", "core"),
        ("core @ https://example.org/core.whl", "core"),
        (">>> broken", None),
        ("two words", None),
        ("core >=", None),
        ("", None),
        ("core ; " + "(" * 3_900, None),
        ("n" * 300, None),
    ],
)
def test_names(requirement: str, name: str | None) -> None:
    assert dependency_name(requirement) == name


def test_each_is_named_once_and_none_is_the_package_itself() -> None:
    metadata = {"requires_dist": ["b", "A>1", "?", "a; extra == 'x'", "Demo[x]; extra == 'all'"]}
    assert dependency_names("demo", metadata) == ["b", "a"]


def test_nothing_is_needed() -> None:
    assert dependency_names("demo", {}) == []


def test_no_more_than_are_kept() -> None:
    metadata = {"requires_dist": [f"n{number}" for number in range(2_000)]}
    assert len(dependency_names("demo", metadata)) == MAXIMUM_DEPENDENCIES
