"""The pages that show how often packages were pushed, pulled and deleted."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.authnz.permissions import Permissions
from pyregistry.components import Components
from pyregistry.errors import Invalid
from pyregistry.http.csv import Row, csv_response
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.resources.base import viewer_of
from pyregistry.resources.pages.activity import (
    GroupUsagePage,
    GroupUsageTable,
    UsagePage,
    UsageTable,
)
from pyregistry.resources.pages.admin import AdminUsagePage, AdminUsageTable
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.admin import admin_page
from pyregistry.ui.forms import query_text
from pyregistry.ui.submissions import attempt
from pyregistry.ui.tabs import namespace_page
from pyregistry.ui.usage import ACTIONS, PERIODS, ShownUsage, chosen_usage, shown_usage
from pyregistry.usage.filters import Grouping, UsageFilter
from pyregistry.usage.services.report import counts_by_day, package_usage

_SEGMENT = "usage"
_DAY = timedelta(days=1)


@view_config(
    context=GroupUsagePage,
    request_method="GET",
    permission=Permissions.GROUP_READ,
    renderer="pyregistry:ui/templates/usage/show.jinja2",
)
@view_config(
    context=UsagePage,
    request_method="GET",
    permission=Permissions.USAGE_READ,
    renderer="pyregistry:ui/templates/usage/show.jinja2",
)
def show_usage(context: UsagePage | GroupUsagePage, request: Request) -> dict[str, Any]:
    """The usage of a project, or of what the visitor may see in a group."""
    record = context.namespace
    page_at = partial(Addresses(request).page, record.full_path, _SEGMENT)
    page = namespace_page(context, request, _SEGMENT)
    return {**page, **_shown(request, record, page_at)}


@view_config(
    context=AdminUsagePage,
    request_method="GET",
    permission=Permissions.USAGE_READ,
    renderer="pyregistry:ui/templates/admin/usage.jinja2",
)
def show_usage_of_all(_context: AdminUsagePage, request: Request) -> dict[str, Any]:
    """The usage of the whole instance."""
    page_at = partial(Addresses(request).instance_page, "admin", _SEGMENT)
    return {**admin_page(request, _SEGMENT), **_shown(request, None, page_at)}


@view_config(context=GroupUsageTable, request_method="GET", permission=Permissions.GROUP_READ)
@view_config(context=UsageTable, request_method="GET", permission=Permissions.USAGE_READ)
def download_usage(context: UsageTable | GroupUsageTable, request: Request) -> Response:
    """The same numbers for a spreadsheet."""
    return _table(request, context.namespace, context.namespace.full_path.replace("/", "-"))


@view_config(context=AdminUsageTable, request_method="GET", permission=Permissions.USAGE_READ)
def download_usage_of_all(_context: AdminUsageTable, request: Request) -> Response:
    """The numbers of the whole instance for a spreadsheet."""
    return _table(request, None, "registry")


def _shown(
    request: Request, scope: NamespaceRecord | None, page_at: Callable[..., str]
) -> dict[str, Any]:
    tried = attempt(request, lambda: chosen_usage(request))
    choice = tried.result
    shown = ShownUsage()
    if choice is not None:
        shown = shown_usage(request, scope, viewer_of(request), choice.filter)
    typed = {name: request.GET.get(name, "") for name in ("from", "to", "package")}
    return {
        "usage": shown,
        "choice": choice,
        "refusal": tried.refusal,
        "typed": typed,
        "periods": PERIODS,
        "period_query": choice.period if choice else {},
        "page_at": page_at,
        "scope": scope,
    }


def _table(request: Request, scope: NamespaceRecord | None, name: str) -> Response:
    """By day, those without a count as well; with `by=package` by package. Raises `Invalid`."""
    chosen, viewer = chosen_usage(request).filter, viewer_of(request)
    grouping = query_text(request, "by") or Grouping.DAY.value
    if grouping not in (Grouping.DAY, Grouping.PACKAGE):
        raise Invalid(f"The parameter by must be one of: {Grouping.DAY}, {Grouping.PACKAGE}.")
    period = f"{chosen.first.isoformat()}-to-{chosen.last.isoformat()}"
    if grouping == Grouping.PACKAGE:
        components: Components = request.components
        found = package_usage(components.database, scope, viewer, chosen)
        heading = ("project", "group", "package", *ACTIONS)
        rows: Iterator[Row] = (
            (
                used.project_path or "",
                used.group_path or "",
                used.package or "",
                *_numbers(used.counts),
            )
            for used in found
        )
        filename = f"usage-{name}-by-package-{period}.csv"
    else:
        counts = counts_by_day(request.db, scope, viewer, chosen)
        heading = ("day", *ACTIONS)
        rows = (
            (
                day.isoformat(),
                *(counts.get(action, {}).get(day, 0) for action in ACTIONS),
            )
            for day in _days(chosen)
        )
        filename = f"usage-{name}-{period}.csv"
    return csv_response(request, filename, _under(heading, rows))


def _under(heading: Row, rows: Iterator[Row]) -> Iterator[Row]:
    yield heading
    yield from rows


def _numbers(counts: dict[str, int]) -> tuple[int, ...]:
    return tuple(counts.get(action, 0) for action in ACTIONS)


def _days(chosen: UsageFilter) -> Iterator[date]:
    for number in range((chosen.last - chosen.first).days + 1):
        yield chosen.first + number * _DAY
