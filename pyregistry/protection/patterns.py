"""Patterns and prefixes of package names: how they are spelled, and what they match."""

import re

from pyregistry.packaging.names import (
    MAX_NAME_LENGTH,
    normalize_name,
    valid_package_name,
)
from pyregistry.protection.errors import InvalidProtection
from pyregistry.sentences import shown

MAXIMUM_STARS = 10
_PATTERN = re.compile(r"[a-z0-9*](?:[a-z0-9._*-]*[a-z0-9*])?", re.IGNORECASE | re.ASCII)
_STARS = re.compile(r"\*+")


def normalize_pattern(pattern: str) -> str:
    """A pattern of names as it is compared with normalised names.

    Letters become small and runs of `-`, `_` and `.` one `-`, as in a name; several `*` in a row
    are one. Raises `InvalidProtection` for what no name could match, and for more than 255
    characters or 10 stars.
    """
    if len(pattern) > MAX_NAME_LENGTH or not _PATTERN.fullmatch(pattern):
        raise InvalidProtection(
            f"{shown(pattern)} is no pattern for names of packages: use up to {MAX_NAME_LENGTH} "
            "ASCII letters, digits, '.', '-', '_' and '*', with a letter, digit or '*' first and "
            "last.",
            about="pattern",
        )
    normalized = _STARS.sub("*", normalize_name(pattern))
    if normalized.count("*") > MAXIMUM_STARS:
        raise InvalidProtection(
            f"{shown(pattern)} has too many stars: a pattern has at most {MAXIMUM_STARS}.",
            about="pattern",
        )
    return normalized


def pattern_matches(pattern: str, normalized_name: str) -> bool:
    """Whether a normalised pattern matches a name; `*` stands for any characters, or none.

    Each piece between two stars is looked for once, from the left: there is nothing to go
    back to, whatever the pattern.
    """
    first, *pieces = pattern.split("*")
    if not pieces:
        return first == normalized_name
    last = pieces.pop()
    end = len(normalized_name) - len(last)
    position = len(first)
    if position > end or not (normalized_name.startswith(first) and normalized_name.endswith(last)):
        return False
    for piece in pieces:
        found = normalized_name.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True


def normalize_prefix(prefix: str) -> str:
    """A prefix of names, normalised as a name. Raises `InvalidProtection` for what is no name."""
    if not valid_package_name(prefix):
        raise InvalidProtection(
            f"{shown(prefix)} is no prefix for names of packages: use up to {MAX_NAME_LENGTH} "
            "ASCII letters, digits, '.', '-' and '_', with a letter or digit first and last.",
            about="prefix",
        )
    return normalize_name(prefix)


def prefixes_of(normalized_name: str) -> list[str]:
    """Every prefix that a name can fall under, shortest first; the last is the name itself.

    `acme-core-x` falls under `acme`, `acme-core` and `acme-core-x` (PEP 752).
    """
    parts = normalized_name.split("-")
    return ["-".join(parts[:count]) for count in range(1, len(parts) + 1)]
