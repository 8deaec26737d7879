"""Members of an archive, and the rules for their names and links."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

from pyregistry.errors import Invalid
from pyregistry.sentences import shown

MAX_PATH_SIZE = 4096
"""In bytes, for names of members and targets of links."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_DRIVE = re.compile(r"[A-Za-z]:")
_NO_SEGMENT = frozenset({"", ".", ".."})


class MemberKind(Enum):
    """What a member is when it is extracted."""

    FILE = auto()
    FOLDER = auto()
    LINK = auto()


@dataclass(frozen=True, slots=True)
class Member:
    """One member while the archive is read.

    `path` has no slash at its end. `chunks` are the expanded bytes of a file,
    piece by piece, none for others; they can be read once, before the next
    member is asked for. What a reader leaves is read and checked all the same.
    """

    path: str
    kind: MemberKind
    chunks: Iterator[bytes]


class MemberNames:
    """Takes the members of one archive in turn and refuses what is unsafe to extract."""

    def __init__(self) -> None:
        self._kinds: dict[str, MemberKind] = {}

    def add(self, path: str, kind: MemberKind) -> None:
        """Take the next member. Raises `Invalid` for an unsafe or repeated path.

        Paths that differ in their Unicode normal form alone are one: file
        systems disagree about them. A folder may be named again.
        """
        check_path(path)
        key = unicodedata.normalize("NFC", path)
        known = self._kinds.get(key)
        if known is not None and not (known is kind is MemberKind.FOLDER):
            raise Invalid(f"The archive has {shown(path)} more than once: keep one")
        self._kinds[key] = kind

    def add_hard_link(self, path: str, target: str) -> None:
        """Take a hard link. Raises `Invalid` unless its target is a file that came before."""
        self.add(path, MemberKind.LINK)
        if self._kinds.get(unicodedata.normalize("NFC", target)) is not MemberKind.FILE:
            raise Invalid(
                f"The hard link {shown(path)} in the archive leads to {shown(target)}, which is"
                " no file before it: put the file itself into the archive"
            )

    def finish(self) -> None:
        """After the last member. Raises `Invalid` where one lies below a file or a link."""
        # With the slash as the lowest character, what lies below a path comes next.
        paths = sorted(self._kinds, key=lambda path: path.replace("/", "\0"))
        for path, following in pairwise(paths):
            is_folder = self._kinds[path] is MemberKind.FOLDER
            if not is_folder and following.startswith(f"{path}/"):
                raise Invalid(
                    f"The archive has {shown(path)} both as a file or link and as a folder:"
                    " rename one"
                )


def decode_path(raw: bytes) -> str:
    """The name of a member or the target of a link. Raises `Invalid` unless it is UTF-8."""
    if len(raw) > MAX_PATH_SIZE:
        raise Invalid(f"The archive has a name of {len(raw)} bytes: use at most {MAX_PATH_SIZE}")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid(
            f"The archive has the name {raw[:80]!a}, which is not UTF-8: write it in UTF-8"
        ) from None


def check_path(path: str) -> None:
    """Raises `Invalid` unless the path, without a slash at its end, stays in its folder.

    It has no empty, `.` or `..` segment, so two spellings are never one path.
    """
    _check_path_characters(path, "name")
    if not _NO_SEGMENT.isdisjoint(path.split("/")):
        raise Invalid(
            f"The archive has the name {shown(path)}: use relative names without '.', '..'"
            " and empty segments"
        )


def check_link(path: str, target: str) -> None:
    """Raises `Invalid` unless a symbolic link stays in the top-level folder of its archive.

    Only leading `..` segments are taken: what lies above the link itself are
    true folders, while a later `..` could lead through another link.
    """
    _check_path_characters(target, "link target")
    segments = target.rstrip("/").split("/")
    ups = 0
    while ups < len(segments) and segments[ups] == "..":
        ups += 1
    depth = path.count("/") - 1
    if ups > depth or "" in segments or ".." in segments[ups:]:
        raise Invalid(
            f"The link {shown(path)} in the archive leads to {shown(target)}: let it lead to a"
            " place inside the archive's top-level folder, or put the file itself there"
        )


def _check_path_characters(path: str, what: str) -> None:
    if _CONTROL.search(path) or "\\" in path or _DRIVE.match(path):
        raise Invalid(
            f"The archive has the {what} {shown(path)}: use one without control characters,"
            " backslashes and drive letters"
        )
