"""Users in GitLab's words."""

from typing import Any

from pyregistry.accounts.models import User
from pyregistry.api.presenters import present_optional_time, present_time
from pyregistry.members.services.memberships import MemberOf
from pyregistry.namespaces.models import NamespaceKind

SOURCE_TYPES = {"Namespace": NamespaceKind.GROUP, "Project": NamespaceKind.PROJECT}
"""What GitLab calls where somebody is a member."""
_TYPE_OF_SOURCE = {kind: name for name, kind in SOURCE_TYPES.items()}


def present_user(user: User) -> dict[str, Any]:
    """A user as everybody sees them who may. Nobody has a page or a picture here."""
    return {
        "id": user.id,
        "username": user.username,
        "name": user.name,
        "state": "active" if user.blocked_at is None else "blocked",
        "public_email": "",
        "avatar_url": None,
        "web_url": None,
    }


def present_account(user: User) -> dict[str, Any]:
    """A user as they see themselves, and as administrators see them."""
    return {
        **present_user(user),
        "email": user.email,
        "is_admin": user.is_admin,
        "external": user.is_external,
        "bot": user.is_bot,
        "created_at": present_time(user.created_at),
        "last_sign_in_at": present_optional_time(user.last_sign_in_at),
        "current_sign_in_at": present_optional_time(user.current_sign_in_at),
    }


def present_membership(membership: MemberOf) -> dict[str, Any]:
    """Where a user is a member; `source_id` is the id of the group or project."""
    return {
        "source_id": membership.namespace_id,
        "source_name": membership.name,
        "source_type": _TYPE_OF_SOURCE[membership.kind],
        "access_level": int(membership.role),
    }
