"""The page of a project."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.authnz.permissions import Permissions
from pyregistry.namespaces.services.pages import project_counts
from pyregistry.packaging.services.pages import listed_packages
from pyregistry.resources.namespaces import Project
from pyregistry.ui.addresses import Addresses, moved
from pyregistry.ui.breadcrumbs import namespace_crumbs
from pyregistry.ui.commands import TOKEN_PLACEHOLDER, needs_token, publish_commands
from pyregistry.ui.tabs import OVERVIEW, shown_tabs
from pyregistry.ui.turned_off import turned_off
from pyregistry.ui.views.paging import page_of, read_after


@view_config(
    context=Project,
    request_method="GET",
    permission=Permissions.PROJECT_READ,
    renderer="pyregistry:ui/templates/projects/show.jinja2",
)
def show_project(context: Project, request: Request) -> Any:
    """The packages of a project, for those who may see them."""
    addresses, project = Addresses(request), context.record
    if redirect := moved(request, addresses.namespace(project.full_path)):
        return redirect
    shown = {
        "project": project,
        "crumbs": namespace_crumbs(addresses, context.lineage),
        "tabs": shown_tabs(request, context, OVERVIEW),
        "needs_token": needs_token(project),
        "publish_commands": publish_commands(addresses, project),
        "token_placeholder": TOKEN_PLACEHOLDER,
        "counts": None,
        "packages": None,
        "turned_off": [],
    }
    if not project.packages_available:
        shown["turned_off"] = turned_off(request, context)
    if request.has_permission(Permissions.PACKAGE_READ, context):
        after = read_after(request)
        shown["counts"] = project_counts(request.db, project.id)
        shown["packages"] = page_of(
            lambda limit: listed_packages(request.db, project.id, after=after, limit=limit),
            lambda package: package.normalized_name,
            after,
        )
    return shown
