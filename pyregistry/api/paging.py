"""Pages by number, as GitLab's API has them."""

from dataclasses import dataclass

from pyramid.request import Request

from pyregistry.http.parameters import whole_number

_LARGEST_PAGE = 100
_LAST_PAGE = 100_000


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a list are asked for."""

    offset: int
    limit: int


def page_of(request: Request) -> Page:
    """The page that `page` and `per_page` ask for, of 20 by default. Raises `Invalid`."""
    page = whole_number(request, "page", default=1, least=1, most=_LAST_PAGE)
    per_page = whole_number(request, "per_page", default=20, least=1, most=_LARGEST_PAGE)
    return Page(offset=(page - 1) * per_page, limit=per_page)
