"""What the pages of one's own account have in common."""

from typing import Any, Final

from pyramid.request import Request

from pyregistry.authnz.identity import Identity
from pyregistry.authnz.permissions import CredentialKind, Permissions
from pyregistry.errors import Refusal
from pyregistry.resources.base import Resource
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.breadcrumbs import Crumb
from pyregistry.ui.submissions import NOTHING_SENT, Sent
from pyregistry.ui.tabs import ShownTab

TEMPLATES: Final = "pyregistry:ui/templates/profile/"
PROFILE: Final = "profile"

_TABS: Final = (
    ("", "Profile", Permissions.SELF_READ),
    ("tokens", "Access tokens", Permissions.OWN_TOKENS_READ),
    ("sessions", "Sessions", Permissions.SELF_READ),
    ("password", "Password", Permissions.SELF_MANAGE),
)


def profile_page(
    context: Resource,
    request: Request,
    current: str,
    *,
    title: str = "",
    sent: Sent = NOTHING_SENT,
    refusal: Refusal | None = None,
) -> dict[str, Any]:
    """What a page of one's own account shows: the way to it, its tabs, and its form.

    `current` is the segment of its tab; `title` is that of a page below it. Give it to a template
    that extends `profile/layout.jinja2`.
    """
    addresses = Addresses(request)
    tabs = [
        ShownTab(
            label, addresses.instance_page(PROFILE, *filter(None, [segment])), segment == current
        )
        for segment, label, permission in _TABS
        if request.has_permission(permission, context)
    ]
    crumbs = [Crumb("Your profile", addresses.instance_page(PROFILE))]
    crumbs += [Crumb(tab.label, tab.address) for tab in tabs if tab.is_current and current]
    if title:
        crumbs.append(Crumb(title, request.path))
    return {
        "crumbs": crumbs,
        "tabs": tabs,
        "title": title or next((tab.label for tab in tabs if tab.is_current), ""),
        "may_manage": bool(request.has_permission(Permissions.SELF_MANAGE, context)),
        "sent": sent.shown(),
        "chosen": sent.chosen("scopes"),
        "refusal": refusal,
    }


def own_session_id(identity: Identity) -> int | None:
    """The id of the browser session that a request belongs to; None where it is another way in."""
    credential = identity.credential
    return credential.id if credential.kind is CredentialKind.BROWSER_SESSION else None
