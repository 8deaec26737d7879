"""The pages that show what was done, by whom."""

from collections.abc import Callable
from functools import partial
from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.audit.filters import EventFilter
from pyregistry.authnz.permissions import Permissions
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.resources.pages.activity import ActivityPage
from pyregistry.resources.pages.admin import AdminActivityPage
from pyregistry.ui.activity import (
    ACTION_CHOICES,
    FIELDS,
    INSTANCE_CHOICES,
    ShownActivity,
    chosen_events,
    export_query,
    shown_activity,
    typed_fields,
)
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.admin import admin_page
from pyregistry.ui.submissions import attempt
from pyregistry.ui.tabs import namespace_page

_SEGMENT = "activity"


@view_config(
    context=ActivityPage,
    request_method="GET",
    permission=Permissions.AUDIT_READ,
    renderer="pyregistry:ui/templates/activity/show.jinja2",
)
def show_activity(context: ActivityPage, request: Request) -> dict[str, Any]:
    """The events of a group or project, with those of everything in it."""
    record, addresses = context.namespace, Addresses(request)
    return {
        **namespace_page(context, request, _SEGMENT),
        **_shown(request, record, partial(addresses.page, record.full_path, _SEGMENT)),
        "export": addresses.api(f"{record.kind}s/{record.id}/audit_events"),
        "choices": ACTION_CHOICES,
    }


@view_config(
    context=AdminActivityPage,
    request_method="GET",
    permission=Permissions.AUDIT_READ,
    renderer="pyregistry:ui/templates/admin/activity.jinja2",
)
def show_activity_of_all(_context: AdminActivityPage, request: Request) -> dict[str, Any]:
    """The events of the whole instance."""
    addresses = Addresses(request)
    return {
        **admin_page(request, _SEGMENT),
        **_shown(request, None, partial(addresses.instance_page, "admin", _SEGMENT)),
        "export": addresses.api("audit_events"),
        "choices": (*ACTION_CHOICES, *INSTANCE_CHOICES),
    }


def _shown(
    request: Request, scope: NamespaceRecord | None, page_at: Callable[..., str]
) -> dict[str, Any]:
    typed = typed_fields(request)

    def read() -> tuple[EventFilter, ShownActivity]:
        chosen = chosen_events(request)
        return chosen, shown_activity(request, scope, chosen)

    tried = attempt(request, read)
    chosen, activity = tried.result or (None, ShownActivity())
    given = {name: typed[name] for name in FIELDS if typed[name]}
    return {
        "activity": activity,
        "refusal": tried.refusal,
        "typed": typed,
        "given": given,
        "scope_path": scope.full_path if scope else None,
        "is_first": not request.GET.get("before"),
        "page_at": page_at,
        "export_query": export_query(typed, chosen) if chosen else None,
    }
