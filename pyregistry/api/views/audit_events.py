"""The audit log of the instance, of groups and of projects."""

from typing import Any
from urllib.parse import urlencode

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.api.events import event_lines, present_event
from pyregistry.api.paging import page_size
from pyregistry.audit.errors import EventNotFound
from pyregistry.audit.filters import EventFilter, actions_of, credential_kind_of, moment_of
from pyregistry.audit.services.listing import event_batches, events_page, find_event
from pyregistry.authnz.permissions import Permissions
from pyregistry.components import Components
from pyregistry.errors import Invalid
from pyregistry.http.caching import VARY_ON_CREDENTIALS, describe_read
from pyregistry.http.disposition import attachment
from pyregistry.http.parameters import optional_number, optional_text
from pyregistry.http.preferences import parse_preferences
from pyregistry.packaging.names import normalize_name
from pyregistry.resources.api_events import ApiAuditEvent, ApiAuditEvents

_JSON = "application/json"
_JSON_LINES = "application/jsonl"
_FORMATS = {"json": _JSON, "jsonl": _JSON_LINES, "ndjson": "application/x-ndjson"}
_FILENAME = "audit-events.jsonl"
_ONLY_ORDER = {"page": "1", "pagination": "keyset", "order_by": "id", "sort": "desc"}
"""GitLab's parameters of other ways to page and to sort, with the values that change nothing."""
_KEPT = (
    "action",
    "action[]",
    "author_id",
    "author_name",
    "package",
    "namespace_path",
    "credential_kind",
    "created_after",
    "created_before",
    "per_page",
    "pagination",
)
"""What the address of the next page says again; a secret in a query is not said again."""


@view_config(
    context=ApiAuditEvents, request_method="GET", permission=Permissions.AUDIT_READ, renderer="json"
)
def list_events(context: ApiAuditEvents, request: Request) -> list[dict[str, Any]] | Response:
    """Events, newest first: a page of JSON with a link to the next, or all as JSON Lines."""
    chosen, before_id = _filter(request), _before_id(request)
    _refuse_other_orders(request)
    describe_read(request)
    request.response.headers["Vary"] = f"Accept, {VARY_ON_CREDENTIALS}"
    media_type = _media_type(request)
    if media_type != _JSON:
        return _export(request, context, chosen, before_id, media_type)
    limit = page_size(request)
    events = events_page(
        request.db, context.namespace, chosen, before_id=before_id, limit=limit + 1
    )
    if len(events) > limit:
        request.response.headers["Link"] = _next(request, context, events[limit - 1].id)
    return [present_event(event) for event in events[:limit]]


@view_config(
    context=ApiAuditEvent, request_method="GET", permission=Permissions.AUDIT_READ, renderer="json"
)
def show_event(context: ApiAuditEvent, request: Request) -> dict[str, Any]:
    """One event of the instance, or of a group or project with everything in it."""
    if context.event_id is None:
        raise EventNotFound
    describe_read(request)
    return present_event(find_event(request.db, context.namespace, context.event_id))


def _export(
    request: Request,
    context: ApiAuditEvents,
    chosen: EventFilter,
    before_id: int | None,
    media_type: str,
) -> Response:
    """All of them, as they are read: this is sent after the request's transaction has ended."""
    components: Components = request.components
    batches = event_batches(components.database, context.namespace, chosen, before_id=before_id)
    response = request.response
    response.content_type = media_type
    response.charset = None
    response.headers["Content-Disposition"] = attachment(_FILENAME)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.app_iter = (lines.encode("ascii") for lines in event_lines(batches))
    return response


def _filter(request: Request) -> EventFilter:
    parameters = dict(request.GET)
    actions = [*request.GET.getall("action"), *request.GET.getall("action[]")]
    package = optional_text(parameters, "package")
    kind = optional_text(parameters, "credential_kind")
    since = optional_text(parameters, "created_after")
    until = optional_text(parameters, "created_before")
    return EventFilter(
        actions=actions_of("action", actions),
        author_id=optional_number(parameters, "author_id"),
        author_name=optional_text(parameters, "author_name"),
        package=None if package is None else normalize_name(package),
        namespace_path=optional_text(parameters, "namespace_path"),
        credential_kind=None if kind is None else credential_kind_of("credential_kind", kind),
        since=None if since is None else moment_of("created_after", since),
        until=None if until is None else moment_of("created_before", until),
    )


def _before_id(request: Request) -> int | None:
    """The id that `before_id` or, as GitLab's links have it, `cursor` gives."""
    parameters = dict(request.GET)
    before_id = optional_number(parameters, "before_id")
    cursor = optional_number(parameters, "cursor")
    if before_id is not None and cursor is not None:
        raise Invalid("Send one of the parameters before_id and cursor.")
    return cursor if before_id is None else before_id


def _refuse_other_orders(request: Request) -> None:
    """Who asks for page 2 by number, and got page 1 again, would never come to an end."""
    for name, only in _ONLY_ORDER.items():
        if request.GET.get(name, only) != only:
            raise Invalid(
                f"The parameter {name} can only be {only} here: events are listed newest first, "
                "and the Link header of a page leads to the next."
            )


def _media_type(request: Request) -> str:
    """What `format` names, else what the Accept header wants most; JSON where it wants none."""
    name = request.GET.get("format")
    if name is not None:
        if name not in _FORMATS:
            raise Invalid(f"The parameter format must be one of: {', '.join(_FORMATS)}.")
        return _FORMATS[name]
    known = [
        preference
        for preference in parse_preferences(request.headers.get("Accept", ""))
        if preference.value in _FORMATS.values() and preference.quality
    ]
    best = max(known, key=lambda preference: preference.quality, default=None)
    return best.value if best else _JSON


def _next(request: Request, context: ApiAuditEvents, last_id: int) -> str:
    """The Link header with the address of the page after the event with that id."""
    query = [(name, value) for name, value in request.GET.items() if name in _KEPT]
    address = request.resource_url(context).rstrip("/")
    return f'<{address}?{urlencode([*query, ("cursor", last_id)])}>; rel="next"'
