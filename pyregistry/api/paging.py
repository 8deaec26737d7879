"""Pages as GitLab's API has them: by number, or by key."""

from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import urlencode

from pyramid.request import Request

from pyregistry.errors import Invalid
from pyregistry.http.parameters import whole_number
from pyregistry.slices import Slice, Window

_LARGEST_PAGE = 100
_LARGEST_NUMBER = 10**18 - 1
_LAST_PAGE = 100_000

T = TypeVar("T")


def window_of(request: Request) -> Window:
    """The rows that a request asks for, in a list that pages by number and by key.

    `pagination=keyset` reads by key, from where `cursor` says. Raises `Invalid`.
    """
    number = whole_number(request, "page", default=1, least=1, most=_LAST_PAGE)
    size = page_size(request)
    kind, cursor = request.GET.get("pagination", "offset"), request.GET.get("cursor")
    if kind not in ("offset", "keyset"):
        raise Invalid("The parameter pagination must be one of: offset, keyset.")
    if kind == "offset":
        return Window(size, (number - 1) * size)
    return Window(size, by_key=True, cursor=cursor)


def page_size(request: Request) -> int:
    """How many rows `per_page` asks for: 20 by default, and 100 for more, as at GitLab.

    Raises `Invalid`.
    """
    size = whole_number(request, "per_page", default=20, least=1, most=_LARGEST_NUMBER)
    return min(size, _LARGEST_PAGE)


def shown_slice(request: Request, window: Window, found: Slice[T]) -> Sequence[T]:
    """The rows of a slice. The headers of the answer say where in the list they stand.

    GitLab's clients read on only where these say so, and else take the first page for the
    whole list. The totals are left out where they are unknown.
    """
    if window.by_key:
        if found.cursor is not None:
            request.response.headers["Link"] = _link(request, "next", cursor=found.cursor)
        return found.rows
    number = window.offset // window.size + 1
    follows = found.follows and number < _LAST_PAGE
    _describe(request, number, window.size, follows=follows, total=found.total)
    return found.rows


def _describe(
    request: Request, number: int, size: int, *, follows: bool, total: int | None
) -> None:
    headers = request.response.headers
    headers["X-Page"] = str(number)
    headers["X-Per-Page"] = str(size)
    headers["X-Prev-Page"] = str(number - 1) if number > 1 else ""
    headers["X-Next-Page"] = str(number + 1) if follows else ""
    pages = {"prev": number - 1} if number > 1 else {}
    if follows:
        pages["next"] = number + 1
    pages["first"] = 1
    if total is not None:
        last = max(1, -(-total // size))  # even an empty list has a page
        headers["X-Total"], headers["X-Total-Pages"] = str(total), str(last)
        pages["last"] = last
    headers["Link"] = ", ".join(
        _link(request, relation, page=other, per_page=size) for relation, other in pages.items()
    )


def _link(request: Request, relation: str, **replaced: int | str) -> str:
    kept = [(name, value) for name, value in request.GET.items() if name not in replaced]
    address = request.resource_url(request.context).rstrip("/")
    query = urlencode([*kept, *replaced.items()])
    return f'<{address}?{query}>; rel="{relation}"'
