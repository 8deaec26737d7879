"""What forms say of roles and days, and what of it the visitor may give."""

from datetime import date
from typing import Final

from pyramid.request import Request

from pyregistry.authnz.permissions import Permissions
from pyregistry.authnz.policy import RefusedCredential
from pyregistry.authnz.roles import Role
from pyregistry.errors import Invalid
from pyregistry.refusals import ROLE_TOO_LOW
from pyregistry.resources.base import Resource
from pyregistry.resources.namespaces import authority_at
from pyregistry.sentences import shown
from pyregistry.ui.submissions import Sent

CONFIRMED: Final = "confirmed"
"""What the button sends that ends a page which asks "really?"."""

_MEANINGS: Final = {
    Role.GUEST: "sees that it exists",
    Role.REPORTER: "sees and installs packages",
    Role.DEVELOPER: "publishes packages",
    Role.MAINTAINER: "manages packages, members and tokens",
    Role.OWNER: "may do everything here",
}
_BY_LEVEL: Final = {str(int(role)): role for role in Role}


def role_options(context: Resource) -> list[tuple[str, str]]:
    """The roles that the visitor may give here, the lowest first: what forms send, and show."""
    authority = authority_at(context)
    return [
        (str(int(role)), f"{role.label}: {_MEANINGS[role]}")
        for role in Role
        if authority.reaches(role)
    ]


def role_in(sent: Sent) -> Role:
    """The role that was chosen. Raises `Invalid` for what is none."""
    role = _BY_LEVEL.get(sent.text("role"))
    if role is None:
        raise Invalid("Choose a role.", about="role")
    return role


def day_in(sent: Sent, name: str) -> date | None:
    """The day in a field; None where it is empty. Raises `Invalid` for what is no day."""
    text = sent.text(name)
    if not text:
        return None
    try:
        # As `<input type="date">` sends it. Python reads other forms of ISO 8601, too.
        if len(text) == len("2030-12-31") and text.isascii():
            return date.fromisoformat(text)
    except ValueError:
        pass  # the 31st of February
    raise Invalid(f"{shown(text)} is no date: write one such as 2030-12-31.", about="expires_at")


def check_confirmed_by_button(sent: Sent) -> None:
    """Raise `Invalid` unless the button was pressed of the page that asks "really?"."""
    if not sent.checked(CONFIRMED):
        raise Invalid("Nothing was done yet: confirm it with the button below.")


def reason_against(request: Request, permission: Permissions, context: Resource) -> str:
    """Why the visitor may not do something here; empty where they may."""
    answer = request.has_permission(permission, context)
    if answer:
        return ""
    return str(answer.msg) if isinstance(answer, RefusedCredential) else ROLE_TOO_LOW
