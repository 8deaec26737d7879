"""The pages of packages and releases."""

from collections.abc import Sequence
from typing import Any

from packaging.version import Version
from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.authnz.permissions import Permissions
from pyregistry.packaging import models
from pyregistry.packaging.names import canonical_version
from pyregistry.packaging.services.pages import listed_releases
from pyregistry.packaging.services.queries import find_release
from pyregistry.resources.namespaces import Package, Release
from pyregistry.ui.addresses import Addresses, moved
from pyregistry.ui.breadcrumbs import Crumb, namespace_crumbs
from pyregistry.ui.builds import shown_builds
from pyregistry.ui.commands import TOKEN_PLACEHOLDER, install_commands, needs_token
from pyregistry.ui.metadata import ReleaseDetails

_TEMPLATE = "pyregistry:ui/templates/packages/show.jinja2"
_PACKAGE_TYPES = {"sdist": "Source distribution", "bdist_wheel": "Wheel"}


@view_config(
    context=Package,
    request_method="GET",
    permission=Permissions.PACKAGE_READ,
    renderer=_TEMPLATE,
)
def show_package(context: Package, request: Request) -> Any:
    """A package, by its latest release."""
    addresses, package = Addresses(request), context.package
    project_path = context.project.record.full_path
    if redirect := moved(request, addresses.package(project_path, package.normalized_name)):
        return redirect
    release = None
    if package.latest_version is not None:
        latest = canonical_version(package.latest_version)
        release = find_release(request.db, package.id, latest)
    return _page(request, addresses, context, release)


@view_config(
    context=Release,
    request_method="GET",
    permission=Permissions.PACKAGE_READ,
    renderer=_TEMPLATE,
)
def show_release(context: Release, request: Request) -> Any:
    """One release of a package."""
    addresses, package, release = Addresses(request), context.package.package, context.release
    project_path = context.package.project.record.full_path
    address = addresses.release(project_path, package.normalized_name, release.version)
    if redirect := moved(request, address):
        return redirect
    page = _page(request, addresses, context.package, release)
    page["crumbs"].append(Crumb(release.version, address))
    return page


def _page(
    request: Request, addresses: Addresses, context: Package, release: models.Release | None
) -> dict[str, Any]:
    project, package = context.project.record, context.package
    crumbs = namespace_crumbs(addresses, context.project.lineage)
    crumbs.append(
        Crumb(package.name, addresses.package(project.full_path, package.normalized_name))
    )
    page: dict[str, Any] = {
        "project": project,
        "package": package,
        "crumbs": crumbs,
        "releases": listed_releases(request.db, package.id),
        "release": release,
        "needs_token": needs_token(project),
        "token_placeholder": TOKEN_PLACEHOLDER,
    }
    if release is not None:
        page["details"] = ReleaseDetails.of(release.core_metadata)
        page["files"] = _ordered(release.files)
        page["builds"] = shown_builds(page["files"])
        page["package_types"] = _PACKAGE_TYPES
        page["is_prerelease"] = Version(release.version).is_prerelease
        page["install_commands"] = install_commands(
            addresses, project, package.name, release.version
        )
    return page


def _ordered(files: Sequence[models.File]) -> list[models.File]:
    """Source distributions first, then wheels, by filename."""
    return sorted(files, key=lambda file: (file.packagetype != "sdist", file.filename))
