"""The parameter `sort`: which way round a list is."""

from enum import StrEnum

from pyramid.request import Request

from pyregistry.http.parameters import optional_choice


class Direction(StrEnum):
    """Which way round a list is."""

    ASCENDING = "asc"
    DESCENDING = "desc"


def is_descending(request: Request, usual: Direction) -> bool:
    """Whether the last comes first; as `usual` where nothing is said. Raises `Invalid`."""
    direction = optional_choice(dict(request.GET), "sort", Direction) or usual
    return direction is Direction.DESCENDING
