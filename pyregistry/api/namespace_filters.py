"""Which groups and projects a list is asked for, in GitLab's query parameters."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from pyramid.request import Request

from pyregistry.api.roles import optional_role
from pyregistry.api.sorting import Direction, is_descending
from pyregistry.authnz.identity import Viewer
from pyregistry.authnz.roles import Role
from pyregistry.errors import Invalid
from pyregistry.http.parameters import (
    optional_boolean,
    optional_choice,
    optional_list,
    optional_number,
    searched,
)
from pyregistry.namespaces.models import NamespaceKind, Visibility
from pyregistry.namespaces.services.listing import OrderedBy, Selection

MOST_SKIPPED = 1_000
"""A database takes so many parameters, and no more."""


class GroupOrder(StrEnum):
    """What GitLab orders groups by."""

    NAME = "name"
    PATH = "path"
    ID = "id"


class ProjectOrder(StrEnum):
    """What GitLab orders projects by."""

    ID = "id"
    NAME = "name"
    PATH = "path"
    CREATED_AT = "created_at"
    LAST_ACTIVITY_AT = "last_activity_at"
    """The registry keeps no such time: their creation stands for it."""
    UPDATED_AT = "updated_at"
    """The same."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: which groups or projects, and in which order."""

    selection: Selection
    by: OrderedBy
    descending: bool


def groups_wanted(request: Request, viewer: Viewer) -> Wanted:
    """The groups that a request asks for. Raises `Invalid`."""
    query = dict(request.GET)
    selection = replace(
        _selection(request, NamespaceKind.GROUP),
        top_level=_switch(query, "top_level_only"),
        of_members=not _all_available(query, viewer),
        without=_skipped(request),
    )
    by = optional_choice(query, "order_by", GroupOrder) or GroupOrder.NAME
    return Wanted(selection, OrderedBy(by), is_descending(request, Direction.ASCENDING))


def projects_wanted(request: Request) -> Wanted:
    """The projects that a request asks for. Raises `Invalid`."""
    query = dict(request.GET)
    selection = replace(
        _selection(request, NamespaceKind.PROJECT),
        in_full_paths=_switch(query, "search_namespaces"),
        of_members=_switch(query, "membership"),
        after_id=optional_number(query, "id_after"),
        before_id=optional_number(query, "id_before"),
    )
    order = optional_choice(query, "order_by", ProjectOrder) or ProjectOrder.CREATED_AT
    known = order.value in set(OrderedBy)
    by = OrderedBy(order.value) if known else OrderedBy.CREATED_AT
    return Wanted(selection, by, is_descending(request, Direction.DESCENDING))


def briefly(request: Request) -> bool:
    """Whether `simple` projects are asked for. Raises `Invalid`."""
    return _switch(dict(request.GET), "simple")


def with_subgroups(request: Request) -> bool:
    """Whether the projects of the subgroups are asked for, too. Raises `Invalid`."""
    return _switch(dict(request.GET), "include_subgroups")


def _selection(request: Request, kind: NamespaceKind) -> Selection:
    query = dict(request.GET)
    least_role = optional_role(query, "min_access_level")
    return Selection(
        kind,
        words=tuple(searched(request, "search").split()),
        visibility=optional_choice(query, "visibility", Visibility),
        least_role=Role.OWNER if _switch(query, "owned") else least_role,
    )


def _all_available(query: dict[str, Any], viewer: Viewer) -> bool:
    """Whether groups are asked for that are not the caller's own: GitLab's default is who asks."""
    if viewer.user_id is None:
        return True
    asked = optional_boolean(query, "all_available")
    return viewer.is_admin if asked is None else asked


def _skipped(request: Request) -> frozenset[int]:
    several = request.GET.getall("skip_groups[]")
    texts = several or optional_list(dict(request.GET), "skip_groups") or []
    if len(texts) > MOST_SKIPPED:
        raise Invalid(f"The parameter skip_groups may name {MOST_SKIPPED} groups at most.")
    numbers = (optional_number({"skip_groups": text}, "skip_groups") for text in texts)
    return frozenset(number for number in numbers if number is not None)


def _switch(query: dict[str, Any], name: str) -> bool:
    return optional_boolean(query, name) or False
