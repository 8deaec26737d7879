"""The page that says who is a member."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.authnz.permissions import Permissions
from pyregistry.http.parameters import searched
from pyregistry.members.services.listing import (
    BY_USERNAME,
    MemberFromAbove,
    members_from_above,
    members_slice,
)
from pyregistry.resources.base import Resource, lineage_of
from pyregistry.resources.namespaces import NamespaceResource
from pyregistry.resources.pages.members import MembersPage
from pyregistry.slices import Slice
from pyregistry.ui.grants import reason_against
from pyregistry.ui.members import (
    MEMBERS,
    TEMPLATES,
    has_own_role,
    shown_from_above,
    shown_member,
)
from pyregistry.ui.tabs import namespace_page
from pyregistry.ui.views.paging import part_of, window_after


@view_config(
    context=MembersPage,
    request_method="GET",
    permission=Permissions.MEMBERS_READ,
    renderer=f"{TEMPLATES}list.jinja2",
)
def list_members(context: MembersPage, request: Request) -> dict[str, Any]:
    """Those who have a role here, and those who have it from the groups above."""
    query = searched(request, "q")
    db, namespace_id = request.db, context.namespace.id
    own = part_of(
        lambda window: members_slice(
            db, namespace_id, request.now, window, query=query, order=BY_USERNAME
        ),
        window_after(request),
    )
    above: Slice[MemberFromAbove] = Slice([], follows=False)
    if context.namespace.parent_id is not None:
        above = part_of(
            lambda window: members_from_above(db, namespace_id, request.now, window, query=query),
            window_after(request, "above_after"),
        )
    return {
        **namespace_page(context, request, MEMBERS),
        "query": query,
        "cannot_manage": reason_against(request, Permissions.MEMBERS_MANAGE, context),
        "is_own_member": has_own_role(context),
        "own_user_id": request.identity.user_id,
        "own": own.with_rows([shown_member(context, member) for member in own.rows]),
        "above": above.with_rows([shown_from_above(row) for row in above.rows]),
        "is_first_own": "after" not in request.GET,
        "is_first_above": "above_after" not in request.GET,
        "readable_groups": _readable_groups(context),
    }


def _readable_groups(context: Resource) -> set[str]:
    """The full paths of the groups above whose members the visitor may see, too."""
    return {
        above.record.full_path
        for above in lineage_of(context)
        if isinstance(above, NamespaceResource)
        and context.request.has_permission(Permissions.MEMBERS_READ, above)
    }
