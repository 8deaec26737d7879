"""The first page."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.authnz.permissions import Permissions
from pyregistry.namespaces.services.pages import child_key, visible_children, visible_projects
from pyregistry.resources import Root
from pyregistry.resources.base import viewer_of
from pyregistry.ui.first_run import is_first_run
from pyregistry.ui.turned_off import turned_off
from pyregistry.ui.views.listing import listed
from pyregistry.ui.views.paging import page_of, read_after


@view_config(
    context=Root,
    request_method="GET",
    permission=Permissions.HOME_READ,
    renderer="pyregistry:ui/templates/home.jinja2",
)
def show_home(context: Root, request: Request) -> dict[str, Any]:
    """The groups at the top, and every project, that the visitor may see."""
    viewer = viewer_of(request)
    groups_after, after = read_after(request, "groups_after"), read_after(request)
    groups = page_of(
        lambda limit: visible_children(request.db, viewer, None, limit=limit, after=groups_after),
        child_key,
        groups_after,
    )
    projects = page_of(
        lambda limit: visible_projects(request.db, viewer, limit=limit, after=after),
        lambda record: record.full_path_key,
        after,
    )
    shows_nothing = request.identity is None and not (groups.items or projects.items)
    return {
        "groups": groups,
        "listed_groups": listed(request, groups.items),
        "projects": projects,
        "listed_projects": listed(request, projects.items),
        "turned_off": turned_off(request, context),
        "first_run": shows_nothing and is_first_run(request),
    }
