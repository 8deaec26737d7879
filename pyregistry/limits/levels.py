"""The limits that meet in one project: its own, those of the groups above, the registry's.

What applies is the smallest of them. Every size is in bytes.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass

from pyregistry.limits.errors import FileTooLarge, OverQuota
from pyregistry.namespaces.models import NamespaceKind
from pyregistry.sentences import shown_size


@dataclass(frozen=True, slots=True)
class Level:
    """A project, a group or the registry (`namespace_id` None): what it stores, and may.

    None is no limit. The registry has its own limits where others have those of administrators.
    """

    namespace_id: int | None
    kind: NamespaceKind | None
    full_path: str
    used_bytes: int
    max_file_size: int | None = None
    storage_limit: int | None = None
    admin_max_file_size: int | None = None
    admin_storage_limit: int | None = None

    @property
    def largest_file(self) -> int | None:
        """The largest file by this level alone."""
        return smallest(self.max_file_size, self.admin_max_file_size)

    @property
    def quota(self) -> int | None:
        """The most that may be stored here, by this level alone."""
        return smallest(self.storage_limit, self.admin_storage_limit)

    def named(self, seen: Container[int]) -> str:
        """What a sentence calls it; `seen` has the groups and projects that may be named."""
        if self.namespace_id is None:
            return "this registry"
        if self.namespace_id in seen:
            return f"the {self.kind} {self.full_path}"
        return f"a {self.kind} above this project"


@dataclass(frozen=True, slots=True)
class Limits:
    """Every level from a project or group up to the registry, the nearest first.

    `bound` is the largest file that the registry was started with.
    """

    levels: Sequence[Level]
    bound: int

    @property
    def here(self) -> Level:
        """The project or group itself, or the registry where that is asked about."""
        return self.levels[0]

    @property
    def above(self) -> "Limits":
        """The same, without the project or group itself."""
        return Limits(self.levels[1:], self.bound)

    @property
    def largest_file(self) -> int:
        """The largest file that may be uploaded."""
        return smallest(self.bound, *(level.largest_file for level in self.levels)) or self.bound

    @property
    def quota(self) -> int | None:
        """The smallest quota of all levels; None where none has one."""
        return smallest(*(level.quota for level in self.levels))

    @property
    def tightest(self) -> Level | None:
        """The level whose quota leaves least; None where none has one."""
        limited = [level for level in self.levels if level.quota is not None]
        return min(limited, key=_left_in, default=None)

    @property
    def left(self) -> int | None:
        """How much may be stored besides, 0 where a quota is exceeded; None: without a limit."""
        tightest = self.tightest
        return max(0, _left_in(tightest)) if tightest is not None else None

    def check(self, size: int, seen: Container[int], *, at_least: bool = False) -> None:
        """Raise `FileTooLarge` or `OverQuota` for a file of `size` bytes that is not allowed.

        The sentence names no group that is not in `seen`. `at_least`: more of it may come.
        """
        if size > self.largest_file:
            raise FileTooLarge(self._too_large(size, seen, at_least=at_least))
        for level in self.levels:
            if level.quota is not None and level.used_bytes + size > level.quota:
                raise OverQuota(_over_quota(level, level.quota, size, seen, at_least=at_least))

    def _too_large(self, size: int, seen: Container[int], *, at_least: bool) -> str:
        largest = self.largest_file
        shown, limit = shown_apart(size, largest)
        said = f"The file{_told(shown, at_least)} is larger than {limit}, the largest that"
        for level in self.levels:
            if level.largest_file == largest:
                return f"{said} {level.named(seen)} takes: {_whom_to_ask(level, largest)}."
        return f"{said} this registry takes: ask an administrator."


def smallest(*sizes: int | None) -> int | None:
    """The smallest of what limits; None where nothing does."""
    return min((size for size in sizes if size is not None), default=None)


def shown_apart(one: int, other: int) -> tuple[str, str]:
    """Two different sizes as people read them; to the byte where they would look the same."""
    shown = shown_size(one), shown_size(other)
    if shown[0] == shown[1] and one != other:
        return f"{one:,} bytes", f"{other:,} bytes"
    return shown


def _left_in(level: Level) -> int:
    return (level.quota or 0) - level.used_bytes


def _told(shown: str, at_least: bool) -> str:
    return f" of at least {shown}" if at_least else f" of {shown}"


def _over_quota(
    level: Level, quota: int, size: int, seen: Container[int], *, at_least: bool
) -> str:
    limit, used = shown_size(quota), shown_size(level.used_bytes)
    left, shown = shown_apart(max(0, quota - level.used_bytes), size)
    told = "" if at_least and not size else _told(shown, at_least)
    return (
        f"The file{told} does not fit into the quota of"
        f" {level.named(seen)}: {used} of {limit} are used, {left} left."
        f" Delete what nobody needs, or {_whom_to_ask(level, quota, of_quota=True)} for more."
    )


def _whom_to_ask(level: Level, limit: int, *, of_quota: bool = False) -> str:
    """Who can set another limit: that of Owners, or that of administrators."""
    by_admin = level.admin_storage_limit if of_quota else level.admin_max_file_size
    if by_admin == limit:
        return "ask an administrator"
    return f"ask an Owner of the {level.kind}"
