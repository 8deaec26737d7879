"""Limits of stored bytes on pages: what is typed into forms, and how much room is left."""

from collections.abc import Container, Iterable
from dataclasses import dataclass

from pyregistry.errors import Invalid
from pyregistry.limits.levels import Level, Limits
from pyregistry.sentences import typed_size
from pyregistry.settings.parsers import size
from pyregistry.ui.submissions import Sent

_NARROW = 0.9
"""The part of a quota from which on there is not much room."""


@dataclass(frozen=True, slots=True)
class Room:
    """What may be stored in a group or project, or in all of the registry; sizes in bytes.

    `used` and `quota` are those of the quota that leaves least; `quota` is None without one.
    """

    largest_file: int
    used: int
    quota: int | None
    where: str
    """Whose quota it is where that is another one's, in words; else empty."""
    own: int
    """What the group or project stores itself."""

    @property
    def is_narrow(self) -> bool:
        """Whether there is not much room any more."""
        return self.quota is not None and self.used >= self.quota * _NARROW


def room_of(limits: Limits, seen: Container[int] = ()) -> Room:
    """How much room there is; groups that are not in `seen` are not named."""
    tightest, own = limits.tightest, limits.here.used_bytes
    if tightest is None:
        return Room(limits.largest_file, own, None, "", own)
    where = "" if tightest is limits.here else tightest.named(seen)
    return Room(limits.largest_file, tightest.used_bytes, tightest.quota, where, own)


def limits_in(sent: Sent, names: Iterable[str]) -> dict[str, int | None]:
    """What those of the limits that a form has are to become: an empty field is no limit.

    Raises `Invalid`.
    """
    return {name: _size_in(sent.text(name), name) for name in names if sent.checked(name)}


def limits_as_typed(level: Level, names: Iterable[str]) -> dict[str, str]:
    """The limits of a level as the fields of a form show them."""
    sizes = {name: getattr(level, name) for name in names}
    return {name: "" if size is None else typed_size(size) for name, size in sizes.items()}


def _size_in(text: str, name: str) -> int | None:
    try:
        return size(1)(text) if text else None
    except ValueError as error:
        raise Invalid(f"This is no size: {error}.", about=name) from None
