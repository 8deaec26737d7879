"""The pages that say why something was refused, and what to do next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from pyramid.renderers import render
from pyramid.request import Request
from pyramid.response import Response

from pyregistry.authnz.permissions import Permissions
from pyregistry.authnz.roles import ROLE_PERMISSIONS, Role
from pyregistry.http.refusals import CHALLENGE
from pyregistry.http.request_ids import current_request_id
from pyregistry.resources.base import Resource
from pyregistry.resources.namespaces import NamespaceResource, authority_at, namespace_above
from pyregistry.ui.rendering import ask_nobody

_TEMPLATE: Final = "pyregistry:ui/templates/refusal.jinja2"
_ADVICE: Final = {
    HTTPStatus.BAD_REQUEST: "Go back, look at what you sent or at the address, and try again.",
    HTTPStatus.UNAUTHORIZED: "Sign in with your user name and your password.",
    HTTPStatus.NOT_FOUND: (
        "Look at the address for a mistake. What you look for may have been moved or deleted, or"
        " be for other people only."
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: (
        "This address only takes a form that was filled in. Go back to the page with the form, and"
        " send it from there."
    ),
    HTTPStatus.CONFLICT: "Go back, load the page again to see how things are now, and try again.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "Send less: a shorter text or a smaller file. An administrator of the registry can raise"
        " most limits."
    ),
    HTTPStatus.UNPROCESSABLE_ENTITY: "Go back, correct what you sent, and try again.",
    HTTPStatus.TOO_MANY_REQUESTS: "Nothing is wrong with your account. Wait, then try again.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "It is no fault of yours.",
}
_NO_FORM_HERE: Final = (
    "This form cannot be sent here",
    "Nothing was changed. Open the page with the form again, where it is now, and send it from"
    " there.",
)
"""The heading and the advice of a 405 for a form: its page was moved, or is none."""
_WHAT_WAS_SENT: Final = (
    "What you sent may be lost: look whether it is there before you send it again."
)
_HEADINGS: Final = {
    HTTPStatus.BAD_REQUEST: "This could not be understood",
    HTTPStatus.UNAUTHORIZED: "Please sign in",
    HTTPStatus.FORBIDDEN: "You may not do this",
    HTTPStatus.NOT_FOUND: "Page not found",
    HTTPStatus.METHOD_NOT_ALLOWED: "This is no page to open",
    HTTPStatus.CONFLICT: "Something is in the way",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "This is too large",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Something must be corrected",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many attempts",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong",
    HTTPStatus.SERVICE_UNAVAILABLE: "The registry is not available",
    HTTPStatus.INSUFFICIENT_STORAGE: "The registry is full",
}
"""What people read in the place of HTTP's words."""


@dataclass(frozen=True, slots=True)
class Needed:
    """The role that was missing at a place, and what the visitor has there.

    `full_path` is empty where only administrators may.
    """

    full_path: str = ""
    kind: str = ""
    role: Role | None = None
    own: Role | None = None
    shows_members: bool = False
    """Whether the visitor may see who is a member, and so whom to ask."""


def refusal_page(
    request: Request,
    status: HTTPStatus,
    sentence: str,
    *,
    needed: Needed | None = None,
    retry_after: int | None = None,
    beginning: str = "",
) -> Response:
    """The page with a refusal. It asks the database nothing new.

    `retry_after` are seconds; `beginning` is the address of the list that was asked for.
    What a hidden place shows is what a missing one shows: nothing in it comes from there.
    """
    is_ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if is_ours:
        ask_nobody(request)
    heading, advice = _HEADINGS.get(status, status.phrase), _ADVICE.get(status, "")
    if status is HTTPStatus.METHOD_NOT_ALLOWED and request.method == "POST":
        heading, advice = _NO_FORM_HERE
    if beginning:
        advice = ""
    page = {
        "status": status,
        "heading": heading,
        "sentence": sentence,
        "advice": advice,
        "needed": needed,
        "again_at": _moment(request, retry_after),
        "beginning": beginning,
        "what_was_sent": _WHAT_WAS_SENT if is_ours and request.method == "POST" else "",
        "request_id": current_request_id() if is_ours else "",
    }
    response = Response(render(_TEMPLATE, page, request))
    response.status = int(status)
    response.headers["Cache-Control"] = "no-store"
    if status is HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = CHALLENGE
    return response


def needed_for(request: Request, context: Resource, permission: str) -> Needed:
    """What the caller, who sees the place, lacks for a permission there."""
    try:
        namespace = namespace_above(context)
    except LookupError:
        return Needed()
    roles = (role for role in Role if Permissions(permission) in ROLE_PERMISSIONS[role])
    record = namespace.record
    return Needed(
        record.full_path,
        record.kind.value,
        min(roles, default=None),
        _own_role(request, namespace),
        bool(request.has_permission(Permissions.MEMBERS_READ, namespace)),
    )


def _own_role(request: Request, namespace: NamespaceResource) -> Role | None:
    if request.identity is None:
        return None
    return authority_at(namespace).role


def _moment(request: Request, retry_after: int | None) -> datetime | None:
    if retry_after is None:
        return None
    now: datetime = request.now
    return now + timedelta(seconds=retry_after)
