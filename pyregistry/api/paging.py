"""Pages as GitLab's API has them: by number, or by key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from pyramid.request import Request

from pyregistry.errors import Invalid
from pyregistry.http.parameters import check_text, whole_number
from pyregistry.slices import Slice, Window

_LARGEST_PAGE = 100
_LAST_PAGE = 100_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a list are asked for."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """How many rows come before the page."""
        return (self.number - 1) * self.size

    @property
    def limit(self) -> int:
        """How many rows to read: one more than are shown tells whether another page follows."""
        return self.size + 1

    @property
    def window(self) -> Window:
        """The page, as a service reads it."""
        return Window(self.size, self.offset)


def page_of(request: Request) -> Page:
    """The page that `page` and `per_page` ask for, of 20 by default. Raises `Invalid`."""
    number = whole_number(request, "page", default=1, least=1, most=_LAST_PAGE)
    size = whole_number(request, "per_page", default=20, least=1, most=_LARGEST_PAGE)
    return Page(number, size)


def window_of(request: Request) -> Window:
    """The rows that a request asks for, in a list that pages by number and by key.

    `pagination=keyset` reads by key, from where `cursor` says. Raises `Invalid`.
    """
    page = page_of(request)
    kind, cursor = request.GET.get("pagination", "offset"), request.GET.get("cursor")
    if kind not in ("offset", "keyset"):
        raise Invalid("The parameter pagination must be one of: offset, keyset.")
    if kind == "offset":
        return page.window
    if cursor is not None:
        check_text("cursor", cursor)
    return Window(page.size, by_key=True, cursor=cursor)


def shown_slice(request: Request, window: Window, found: Slice[T]) -> Sequence[T]:
    """The rows of a slice. The headers of the answer say where in the list they stand.

    GitLab's clients read on only where these say so, and else take the first page for the
    whole list. The totals are left out where they are unknown.
    """
    if window.by_key:
        if found.cursor is not None:
            request.response.headers["Link"] = _link(request, "next", cursor=found.cursor)
        return found.rows
    page = Page(window.offset // window.size + 1, window.size)
    follows = found.follows and page.number < _LAST_PAGE
    _describe(request, page, follows=follows, total=found.total)
    return found.rows


def shown_on(page: Page, request: Request, rows: Sequence[T]) -> Sequence[T]:
    """The rows of a page out of those that were read for it, of a list without a total."""
    follows = len(rows) > page.size and page.number < _LAST_PAGE
    _describe(request, page, follows=follows, total=None)
    return rows[: page.size]


def _describe(request: Request, page: Page, *, follows: bool, total: int | None) -> None:
    headers = request.response.headers
    headers["X-Page"] = str(page.number)
    headers["X-Per-Page"] = str(page.size)
    headers["X-Prev-Page"] = str(page.number - 1) if page.number > 1 else ""
    headers["X-Next-Page"] = str(page.number + 1) if follows else ""
    pages = {"prev": page.number - 1} if page.number > 1 else {}
    if follows:
        pages["next"] = page.number + 1
    pages["first"] = 1
    if total is not None:
        last = max(1, -(-total // page.size))  # even an empty list has a page
        headers["X-Total"], headers["X-Total-Pages"] = str(total), str(last)
        pages["last"] = last
    headers["Link"] = ", ".join(
        _link(request, relation, page=number, per_page=page.size)
        for relation, number in pages.items()
    )


def _link(request: Request, relation: str, **replaced: int | str) -> str:
    kept = [(name, value) for name, value in request.GET.items() if name not in replaced]
    address = request.resource_url(request.context).rstrip("/")
    query = urlencode([*kept, *replaced.items()])
    return f'<{address}?{query}>; rel="{relation}"'
