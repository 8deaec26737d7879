"""How often packages were pushed, pulled and deleted, and commands copied, by day."""

from http import HTTPStatus
from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.api.paging import shown_slice, window_of
from pyregistry.authnz.permissions import Permissions
from pyregistry.events.counted import CountedAction
from pyregistry.http.caching import describe_read
from pyregistry.http.parameters import (
    choice,
    optional_choice,
    optional_day,
    optional_text,
    read_parameters,
)
from pyregistry.packaging.names import normalize_name
from pyregistry.resources.api_usage import ApiGroupUsage, ApiProjectUsage, ApiUsage
from pyregistry.resources.base import viewer_of
from pyregistry.usage.filters import Grouping, UsageFilter, days_of
from pyregistry.usage.services.copies import copy_of
from pyregistry.usage.services.counts import Usage, usage_slice


@view_config(
    context=ApiGroupUsage, request_method="GET", permission=Permissions.GROUP_READ, renderer="json"
)
@view_config(
    context=ApiProjectUsage,
    request_method="GET",
    permission=Permissions.USAGE_READ,
    renderer="json",
)
@view_config(
    context=ApiUsage, request_method="GET", permission=Permissions.USAGE_READ, renderer="json"
)
def list_usage(
    context: ApiUsage | ApiGroupUsage | ApiProjectUsage, request: Request
) -> list[dict[str, Any]]:
    """The counts of a period, by day, by package, or added up; each action by itself."""
    parameters = dict(request.GET)
    grouping = optional_choice(parameters, "by", Grouping) or Grouping.DAY
    chosen, window = _filter(request, parameters), window_of(request)
    describe_read(request)
    found = usage_slice(request.db, context.namespace, viewer_of(request), chosen, grouping, window)
    return [_presented(grouping, usage) for usage in shown_slice(request, window, found)]


@view_config(context=ApiProjectUsage, request_method="POST", permission=Permissions.USAGE_COUNT)
def count_copy(context: ApiProjectUsage, request: Request) -> Response:
    """Count that somebody copied a command from a page."""
    parameters = read_parameters(request)
    action = choice(parameters, "action", CountedAction)
    package = _package(parameters)
    copy = copy_of(request.db, context.project.id, action, package, request.now.date())
    request.note_once_answered(copy)
    return Response(status=HTTPStatus.NO_CONTENT, content_type=None)


def _filter(request: Request, parameters: dict[str, Any]) -> UsageFilter:
    first, last = days_of(
        optional_day(parameters, "from"), optional_day(parameters, "to"), request.now.date()
    )
    action = optional_choice(parameters, "action", CountedAction)
    return UsageFilter(first, last, _package(parameters), action)


def _package(parameters: dict[str, Any]) -> str | None:
    name = optional_text(parameters, "package")
    return normalize_name(name) if name else None


def _presented(grouping: Grouping, usage: Usage) -> dict[str, Any]:
    shown = {"action": usage.action, "count": usage.count}
    if grouping is Grouping.DAY and usage.day is not None:
        return {"day": usage.day.isoformat(), **shown}
    if grouping is Grouping.PACKAGE:
        ids = {"project_id": usage.project_id, "group_id": usage.group_id}
        return {"package": usage.package, **ids, **shown}
    return shown
