"""The names that groups and projects may have."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import takewhile

from pyregistry.namespaces.errors import InvalidDescription, InvalidName, InvalidPath
from pyregistry.sentences import shown

MAXIMUM_DEPTH = 21
"""Twenty levels of groups, and a project in the deepest."""

MAXIMUM_PATH_LENGTH = 1024
"""In characters. An index of PostgreSQL holds values of up to 2,704 bytes."""

MAXIMUM_NAME_LENGTH = 255
MAXIMUM_DESCRIPTION_LENGTH = 2_000

_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")
_REFUSED_ENDINGS = (".git", ".atom")

RESERVED_SEGMENTS = frozenset(
    {
        # The tree's own words.
        "-",
        "_",
        "api",
        "static",
        "packages",
        # Every word that follows a project's or group's id in the JSON API: a path
        # that contained one could not be told from an address below the namespace.
        "access_tokens",
        "audit_events",
        "avatar",
        "badges",
        "deploy_tokens",
        "descendant_groups",
        "events",
        "explain",
        "groups",
        "invitations",
        "job_tokens",
        "members",
        "package_files",
        "pipelines",
        "projects",
        "protection_rules",
        "provenance",
        "registry",
        "reserved_prefixes",
        "restore",
        "share",
        "shared_projects",
        "statistics",
        "subgroups",
        "transfer",
        "transfer_locations",
        "trusted_publishers",
        "usage",
        "users",
        "variables",
        "webhooks",
    }
)
"""Words that are no name of a group or project, at any level."""

TOP_LEVEL_FILES = frozenset({"robots.txt", "favicon.ico"})
"""What browsers and crawlers ask for at the top: no name of a group there."""


def check_segment(segment: str) -> None:
    """Check one segment of a path.

    Raises `InvalidPath`: 1 to 255 letters, digits, `_`, `.` and `-`, first a letter
    or digit, not ending in `.git` or `.atom`, and not a reserved word.
    """
    if not _SEGMENT.fullmatch(segment):
        raise InvalidPath(
            f"{shown(segment)} is not a valid path: use 1 to 255 letters, digits, '_', '.' and "
            "'-', beginning with a letter or digit."
        )
    if segment.lower().endswith(_REFUSED_ENDINGS):
        raise InvalidPath(f"{shown(segment)} is not a valid path: it may not end in .git or .atom.")
    if segment.lower() in RESERVED_SEGMENTS:
        raise InvalidPath(f"{shown(segment)} is a reserved word: choose another path.")


def split_path(path: str) -> list[str]:
    """The checked segments of a full path such as `acme/core/library`.

    Raises `InvalidPath` for any segment that `check_segment` refuses, for a path
    that is too long or too deep, and for a first segment of digits alone (it would read as
    an id) or that is a file of the instance.
    """
    segments = path.strip("/").split("/")
    if len(segments) > MAXIMUM_DEPTH:
        raise InvalidPath(f"The path has {len(segments)} levels: at most {MAXIMUM_DEPTH} can be.")
    length = len("/".join(segments))
    if length > MAXIMUM_PATH_LENGTH:
        raise InvalidPath(
            f"The path has {length} characters: at most {MAXIMUM_PATH_LENGTH} can be."
        )
    for segment in segments:
        check_segment(segment)
    if segments[0].isdigit():
        raise InvalidPath(f"{shown(segments[0])} is all digits: a top-level name needs a letter.")
    if segments[0].lower() in TOP_LEVEL_FILES:
        raise InvalidPath(f"{shown(segments[0])} is a file of the registry: choose another path.")
    return segments


def path_keys(segments: Sequence[str]) -> list[str]:
    """The keys of every prefix of a path, shortest first, as deep as namespaces go.

    They end before the first segment that cannot name one: a database need not be asked,
    and PostgreSQL takes no text with NUL.
    """
    names = list(takewhile(_SEGMENT.fullmatch, segments[:MAXIMUM_DEPTH]))
    return [path_key("/".join(names[:depth])) for depth in range(1, len(names) + 1)]


def path_key(path: str) -> str:
    """The form in which paths are compared: they are unique without case."""
    return path.lower()


def checked_name(name: str) -> str:
    """The name by which people call a group or project, without blanks around it.

    Raises `InvalidName`: 1 to 255 characters that can be seen, in one line.
    """
    name = name.strip()
    # What cannot be seen could make one name look like another.
    if not 0 < len(name) <= MAXIMUM_NAME_LENGTH or not name.isprintable():
        raise InvalidName(
            f"{shown(name)} is not a valid name: use 1 to {MAXIMUM_NAME_LENGTH} characters that "
            "can be seen, in one line."
        )
    return name


def checked_description(description: str) -> str:
    """What people say of a group or project. Raises `InvalidDescription` for a longer text."""
    if len(description) > MAXIMUM_DESCRIPTION_LENGTH:
        raise InvalidDescription(
            f"The description has {len(description)} characters: at most "
            f"{MAXIMUM_DESCRIPTION_LENGTH} can be."
        )
    return description


def path_of(name: str) -> str:
    """The path that a name gives: `Core Library` is at `core-library`.

    Raises `InvalidPath` for a name that has no letter or digit for it.
    """
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    path = re.sub(r"[^a-z0-9_]+", "-", letters).strip("-_")[:MAXIMUM_NAME_LENGTH]
    if not path:
        raise InvalidPath(
            "The name gives no path, which is of the letters a to z and digits: choose a path, too."
        )
    return path
