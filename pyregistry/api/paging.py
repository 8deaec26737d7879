"""Pages by number, as GitLab's API has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from pyramid.request import Request

from pyregistry.http.parameters import whole_number

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


def page_of(request: Request) -> Page:
    """The page that `page` and `per_page` ask for, of 20 by default. Raises `Invalid`."""
    number = whole_number(request, "page", default=1, least=1, most=_LAST_PAGE)
    size = whole_number(request, "per_page", default=20, least=1, most=_LARGEST_PAGE)
    return Page(number, size)


def shown_on(page: Page, request: Request, rows: Sequence[T]) -> Sequence[T]:
    """The rows of a page out of those that were read for it.

    The headers of the answer lead to the next page: GitLab's clients read on
    only where these say so, and else take the first page for the whole list.
    """
    follows = len(rows) > page.size and page.number < _LAST_PAGE
    headers = request.response.headers
    headers["X-Page"] = str(page.number)
    headers["X-Per-Page"] = str(page.size)
    headers["X-Prev-Page"] = str(page.number - 1) if page.number > 1 else ""
    headers["X-Next-Page"] = str(page.number + 1) if follows else ""
    if follows:
        headers["Link"] = _link(request, page.number + 1)
    return rows[: page.size]


def _link(request: Request, number: int) -> str:
    kept = [(name, value) for name, value in request.GET.items() if name != "page"]
    address = request.resource_url(request.context).rstrip("/")
    return f'<{address}?{urlencode([*kept, ("page", number)])}>; rel="next"'
