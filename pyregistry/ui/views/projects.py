"""The page of a project."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.api.limits import bound_of
from pyregistry.authnz.permissions import Permissions
from pyregistry.authnz.policy import acl_permits
from pyregistry.components import Components
from pyregistry.limits.services.read import limits_of
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.namespaces.services.pages import project_counts
from pyregistry.packaging.models import PackageStatus
from pyregistry.packaging.services.pages import packages_slice
from pyregistry.resources.namespaces import Project, seen_above
from pyregistry.ui.addresses import Addresses, moved
from pyregistry.ui.breadcrumbs import namespace_crumbs
from pyregistry.ui.commands import TOKEN_PLACEHOLDER, needs_token
from pyregistry.ui.publishing import publishing
from pyregistry.ui.room import room_of
from pyregistry.ui.tabs import OVERVIEW, shown_tabs
from pyregistry.ui.tools import setup_tools
from pyregistry.ui.turned_off import turned_off
from pyregistry.ui.views.package_lists import AskedPackages
from pyregistry.ui.views.paging import part_of


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
    components: Components = request.components
    shown = {
        "project": project,
        "crumbs": namespace_crumbs(addresses, context.lineage),
        "tabs": shown_tabs(request, context, OVERVIEW),
        "needs_token": needs_token(project),
        "setup_tools": setup_tools(addresses, project),
        "ways": publishing(addresses, project, components.settings),
        "token_placeholder": TOKEN_PLACEHOLDER,
        "tokens_address": _tokens_address(request, context, addresses),
        "counts": None,
        "room": None,
        "packages": None,
        "turned_off": [],
    }
    if not project.packages_available:
        shown["turned_off"] = turned_off(request, context)
    if request.has_permission(Permissions.PACKAGE_READ, context):
        shown |= _listed_packages(request, addresses, project)
        if acl_permits(request.identity, context, Permissions.PACKAGE_PUBLISH):
            limits = limits_of(request.db, project.id, bound_of(request))
            shown["room"] = room_of(limits, seen_above(context))
    return shown


def _listed_packages(
    request: Request, addresses: Addresses, project: NamespaceRecord
) -> dict[str, Any]:
    """The part of the list that the address asks for, and how the page shows it."""
    asked = AskedPackages.read(request)

    def address(query: dict[str, str]) -> str:
        return addresses.namespace(project.full_path, **query)

    packages = part_of(
        lambda window: packages_slice(request.db, project.id, asked.query, window), asked.window
    )
    return {
        "counts": project_counts(request.db, project.id),
        "packages": packages,
        "asked": asked,
        "statuses": list(PackageStatus),
        "columns": asked.columns(address),
        "clear_address": address({"sort": asked.sort}),
        "first_page": address(asked.parameters()) if asked.after else "",
        "next_page": address(asked.parameters(after=packages.cursor)) if packages.cursor else "",
    }


def _tokens_address(request: Request, context: Project, addresses: Addresses) -> str:
    """The page of tokens, where the visitor may make some; else empty."""
    if not request.has_permission(Permissions.DEPLOY_TOKENS_MANAGE, context):
        return ""
    return addresses.page(context.record.full_path, "tokens")
