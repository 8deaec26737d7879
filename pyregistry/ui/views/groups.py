"""The page of a group."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.authnz.permissions import Permissions
from pyregistry.namespaces.services.pages import child_key, visible_children
from pyregistry.resources.base import viewer_of
from pyregistry.resources.namespaces import Group
from pyregistry.ui.addresses import Addresses, moved
from pyregistry.ui.breadcrumbs import namespace_crumbs
from pyregistry.ui.commands import TOKEN_PLACEHOLDER, needs_token
from pyregistry.ui.creating import may_create_in
from pyregistry.ui.tabs import OVERVIEW, shown_tabs
from pyregistry.ui.tools import setup_tools
from pyregistry.ui.turned_off import turned_off
from pyregistry.ui.views.listing import listed
from pyregistry.ui.views.paging import page_of, read_after


@view_config(
    context=Group,
    request_method="GET",
    permission=Permissions.GROUP_READ,
    renderer="pyregistry:ui/templates/groups/show.jinja2",
)
def show_group(context: Group, request: Request) -> Any:
    """What is in a group and the visitor may see."""
    addresses, group = Addresses(request), context.record
    if redirect := moved(request, addresses.namespace(group.full_path)):
        return redirect
    viewer, after = viewer_of(request), read_after(request)
    children = page_of(
        lambda limit: visible_children(request.db, viewer, group.id, limit=limit, after=after),
        child_key,
        after,
    )
    return {
        "group": group,
        "crumbs": namespace_crumbs(addresses, context.lineage),
        "tabs": shown_tabs(request, context, OVERVIEW),
        "children": children,
        "listed_children": listed(request, children.items),
        "may_create": may_create_in(request, context),
        "setup_tools": setup_tools(addresses, group),
        "needs_token": needs_token(group),
        "token_placeholder": TOKEN_PLACEHOLDER,
        "turned_off": [] if group.packages_available else turned_off(request, context),
    }
