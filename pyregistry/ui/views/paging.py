"""Lists that page by key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pyramid.request import Request

from pyregistry.errors import Invalid
from pyregistry.namespaces.names import MAXIMUM_PATH_LENGTH
from pyregistry.slices import Slice, Window
from pyregistry.ui.errors import NoSuchPart
from pyregistry.ui.forms import query_text

T = TypeVar("T")

PAGE_LENGTH = 50
_LONGEST_CURSOR = 2000
"""No cursor is longer: that of the longest path has 1,500 characters."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list. `next_after` begins the next part; None at the end."""

    items: Sequence[T]
    next_after: str | None
    is_first: bool


def read_after(request: Request, parameter: str = "after") -> str:
    """The key after which the asked part of a list begins. Raises `Invalid`, or `NoSuchPart`."""
    after = query_text(request, parameter)
    # No key is longer than the full path of a project, by which the longest lists page.
    if len(after) > MAXIMUM_PATH_LENGTH:
        raise NoSuchPart(after)
    return after


def window_after(request: Request, parameter: str = "after", size: int = PAGE_LENGTH) -> Window:
    """The part of a list that is asked for, read by key. Raises `Invalid`, or `NoSuchPart`."""
    cursor = query_text(request, parameter)
    if len(cursor) > _LONGEST_CURSOR:
        raise NoSuchPart(cursor)
    return Window(size, by_key=True, cursor=cursor or None)


def part_of(fetch: Callable[[Window], Slice[T]], window: Window) -> Slice[T]:
    """The part of a list that `fetch(window)` reads. Raises `NoSuchPart`.

    The service speaks of headers, which people do not see. Whatever else could be wrong in the
    address must have been read before.
    """
    try:
        return fetch(window)
    except Invalid:
        raise NoSuchPart(window.cursor or "") from None


def page_of(fetch: Callable[[int], Sequence[T]], key: Callable[[T], str], after: str) -> Page[T]:
    """The part of a list that `fetch(limit)` gives: one item too many says that there is more."""
    found = fetch(PAGE_LENGTH + 1)
    items = found[:PAGE_LENGTH]
    more = len(found) > PAGE_LENGTH
    return Page(items, key(items[-1]) if more else None, is_first=not after)
