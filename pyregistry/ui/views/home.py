"""The first page."""

from typing import Any, Final

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.authnz.permissions import Permissions
from pyregistry.namespaces.services.pages import child_key, visible_children, visible_projects
from pyregistry.packaging.services.pages import PublishedRelease, published_lately
from pyregistry.resources import Root
from pyregistry.resources.base import viewer_of
from pyregistry.ui.creating import may_create_at_top
from pyregistry.ui.first_run import is_first_run
from pyregistry.ui.turned_off import turned_off
from pyregistry.ui.views.listing import listed
from pyregistry.ui.views.paging import page_of, read_after

_LATELY: Final = 5


@view_config(
    context=Root,
    request_method="GET",
    permission=Permissions.HOME_READ,
    renderer="pyregistry:ui/templates/home.jinja2",
)
def show_home(context: Root, request: Request) -> dict[str, Any]:
    """What the visitor published lately, and the groups and projects that they may see."""
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
        "lately": _published(request) if groups.is_first and projects.is_first else [],
        "may_create": may_create_at_top(request),
        "turned_off": turned_off(request, context),
        "first_run": shows_nothing and is_first_run(request),
    }


def _published(request: Request) -> list[PublishedRelease]:
    """The newest releases of the visitor; a token of a project has none of its own."""
    viewer = viewer_of(request)
    if viewer.user_id is None:
        return []
    return published_lately(request.db, viewer.user_id, viewer, limit=_LATELY)
