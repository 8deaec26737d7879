"""Which packages a release names in Requires-Dist."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from packaging.requirements import InvalidRequirement, Requirement

from pyregistry.packaging.names import normalize_name, valid_package_name

MAXIMUM_DEPENDENCIES: Final = 500
"""More of one release are not kept: the largest known names some 300, with all of its extras."""


def dependency_names(normalized_name: str, core_metadata: Mapping[str, Any]) -> list[str]:
    """The normalised names of what a release needs, with and without extras, in their order.

    Each is named once, and none is the package itself, which releases name to join extras.
    Requirements that cannot be read, as old tools wrote them, are skipped; at most
    `MAXIMUM_DEPENDENCIES` are read. Source: PEP 508.
    """
    requirements = core_metadata.get("requires_dist") or []
    names = (dependency_name(str(text)) for text in requirements[:MAXIMUM_DEPENDENCIES])
    return list(dict.fromkeys(name for name in names if name and name != normalized_name))


# A registry's packages need the same things over and over, and its migration reads them all.
@lru_cache(maxsize=4_096)
def dependency_name(requirement: str) -> str | None:
    """The normalised name in a requirement (PEP 508); None where it cannot be read."""
    try:
        name = Requirement(requirement).name
    except (InvalidRequirement, ValueError, RecursionError, MemoryError):
        return None
    return normalize_name(name) if valid_package_name(name) else None
