"""What the pages of members show."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pyramid.request import Request

from pyregistry.authnz.permissions import Permissions
from pyregistry.authnz.roles import Role
from pyregistry.members.days import last_day_of
from pyregistry.members.services.listing import Member, MemberFromAbove, find_member
from pyregistry.resources.base import OfNamespace, Resource
from pyregistry.resources.namespaces import authority_at
from pyregistry.ui.breadcrumbs import Crumb
from pyregistry.ui.grants import role_options
from pyregistry.ui.submissions import NOTHING_SENT, Attempt, Sent
from pyregistry.ui.tabs import namespace_page

MEMBERS: Final = "members"
"""The segment of these pages."""
TEMPLATES: Final = "pyregistry:ui/templates/members/"


@dataclass(frozen=True, slots=True)
class ShownMember:
    """A member as the pages show them; `group_path` is where a role comes from that is not own."""

    member: Member
    last_day: date | None
    may_change: bool = False
    group_path: str | None = None


def shown_member(context: Resource, member: Member) -> ShownMember:
    """A member who has a role of their own here."""
    may_manage = context.request.has_permission(Permissions.MEMBERS_MANAGE, context)
    may_change = bool(may_manage) and authority_at(context).reaches(member.role)
    return ShownMember(member, _last_day(member), may_change)


def shown_from_above(row: MemberFromAbove) -> ShownMember:
    """A member of a group above: they are changed there."""
    return ShownMember(row.member, _last_day(row.member), group_path=row.group_path)


def found_member(context: OfNamespace, user_id: int) -> ShownMember:
    """The member of the group or project itself with that id. Raises `MemberNotFound`."""
    request, namespace_id = context.request, context.namespace.id
    return shown_member(context, find_member(request.db, namespace_id, user_id, request.now))


def has_own_role(context: OfNamespace) -> bool:
    """Whether the visitor, who is signed in, has a role of their own here, and can leave."""
    return context.request.identity.role_in([context.namespace.id]) is not None


def _last_day(member: Member) -> date | None:
    return None if member.expires_at is None else last_day_of(member.expires_at)


def member_page(
    context: Resource,
    request: Request,
    title: str,
    sent: Sent = NOTHING_SENT,
    tried: Attempt[Any] | None = None,
) -> dict[str, Any]:
    """What the pages with a form show: what was typed, and why it was refused."""
    shared = namespace_page(context, request, MEMBERS)
    shared["crumbs"].append(Crumb(title, request.path))
    return {
        **shared,
        "title": title,
        "sent": sent.shown(),
        "refusal": tried.refusal if tried is not None else None,
        "roles": role_options(context),
        "default_role": str(int(Role.DEVELOPER)),
        "today": request.now.date(),
    }
