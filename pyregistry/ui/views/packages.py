"""The pages of packages and releases."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from packaging.version import Version
from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.authnz.permissions import Permissions
from pyregistry.events.actions import Action
from pyregistry.packaging import models
from pyregistry.packaging.names import canonical_version
from pyregistry.packaging.services.builds import builds_slice, filenames_by_build
from pyregistry.packaging.services.pages import files_slice, releases_slice
from pyregistry.packaging.services.queries import find_release
from pyregistry.packaging.services.relations import packages_here, used_by
from pyregistry.resources.base import viewer_of
from pyregistry.resources.namespaces import Package, Release
from pyregistry.slices import Slice, Window
from pyregistry.ui.addresses import Addresses, moved
from pyregistry.ui.builds import ShownBuild, shown_builds
from pyregistry.ui.charts import BarChart, bar_chart
from pyregistry.ui.commands import TOKEN_PLACEHOLDER, needs_token
from pyregistry.ui.metadata import ReleaseDetails
from pyregistry.ui.package_pages import may_delete_from, package_page
from pyregistry.ui.tools import Wanted, install_tools, setup_tools
from pyregistry.ui.views.paging import PAGE_LENGTH, part_of, window_after
from pyregistry.ui.wheel_tags import in_words
from pyregistry.usage.services.pulls import pulls_by_day

_TEMPLATE = "pyregistry:ui/templates/packages/show.jinja2"
_PACKAGE_TYPES: Final = {"sdist": "Source distribution", "bdist_wheel": "Wheel"}
_MOST_BUILDS: Final = 100
_DAYS: Final = 30
_USED_BY: Final = 20
_FILES_LENGTH: Final = 20
"""Of files a page shows fewer than of other things: each has four digests."""
_FILES: Final = "files"
_VERSIONS: Final = "versions"


@view_config(
    context=Package,
    request_method="GET",
    permission=Permissions.PACKAGE_READ,
    renderer=_TEMPLATE,
)
def show_package(context: Package, request: Request) -> Any:
    """A package, by its latest release."""
    addresses, package = Addresses(request), context.package
    address = addresses.package(context.project.record.full_path, package.normalized_name)
    if redirect := moved(request, address):
        return redirect
    release = None
    if package.latest_version is not None:
        latest = canonical_version(package.latest_version)
        release = find_release(request.db, package.id, latest)
    page = package_page(context, request, package)
    return {**page, "release": release, **_contents(request, context, release, address)}


@view_config(
    context=Release,
    request_method="GET",
    permission=Permissions.PACKAGE_READ,
    renderer=_TEMPLATE,
)
def show_release(context: Release, request: Request) -> Any:
    """One release of a package."""
    package, release = context.package.package, context.release
    path = context.package.project.record.full_path
    address = Addresses(request).release(path, package.normalized_name, release.version)
    if redirect := moved(request, address):
        return redirect
    page = package_page(context, request, package, release)
    return {**page, **_contents(request, context.package, release, address)}


def _contents(
    request: Request, context: Package, release: models.Release | None, address: str
) -> dict[str, Any]:
    """What the page shows of a package and, where it has one, of a release."""
    project, package = context.project.record, context.package
    shown: dict[str, Any] = {
        "needs_token": needs_token(project),
        "token_placeholder": TOKEN_PLACEHOLDER,
        "setup_tools": setup_tools(Addresses(request), project),
        "pulls": _pulls_chart(request, package),
        "who_pulled": _who_pulled(request, context),
        "used_by": used_by(request.db, package.normalized_name, viewer_of(request), limit=_USED_BY),
        "may_delete": may_delete_from(context, request, package),
        "may_yank": request.has_permission(Permissions.PACKAGE_YANK, context),
        "may_set_status": request.has_permission(Permissions.PACKAGE_SET_STATUS, context),
        **_part(
            request,
            _VERSIONS,
            address,
            lambda window: releases_slice(request.db, package.id, window),
        ),
    }
    if release is not None:
        shown |= _of_release(request, context, release, address)
    return shown


def _of_release(
    request: Request, context: Package, release: models.Release, address: str
) -> dict[str, Any]:
    project = context.project.record
    details = ReleaseDetails.of(release.core_metadata)
    names = {each.name for each in details.dependencies if each.name}
    homes = packages_here(request.db, names, viewer_of(request), project.id)
    wanted = Wanted.of(
        context.package.name,
        release.version,
        details.requirements,
        homes,
        project.full_path,
    )
    return {
        "details": details,
        "homes": homes,
        "builds": _builds(request, release),
        "package_types": _PACKAGE_TYPES,
        "is_prerelease": Version(release.version).is_prerelease,
        "in_words": in_words,
        "install_tools": install_tools(Addresses(request), project, wanted),
        **_part(
            request,
            _FILES,
            address,
            lambda window: files_slice(request.db, release.id, window),
            length=_FILES_LENGTH,
        ),
    }


def _part(
    request: Request,
    name: str,
    address: str,
    fetch: Callable[[Window], Slice[Any]],
    *,
    length: int = PAGE_LENGTH,
) -> dict[str, Any]:
    """A part of a list that may be long, under its `name`, and where its other parts are.

    The parameter of that name says where the part begins.
    """
    window = window_after(request, name, length)
    part = part_of(fetch, window)
    anchor = f"#page-{name}"
    following = f"{address}?{name}={part.cursor}{anchor}" if part.cursor else ""
    return {
        name: part.rows,
        f"{name}_first": f"{address}{anchor}" if window.cursor else "",
        f"{name}_next": following,
    }


def _builds(request: Request, release: models.Release) -> list[ShownBuild]:
    window = Window(_MOST_BUILDS, by_key=True)
    builds = builds_slice(request.db, release.id, window).rows
    return shown_builds(builds, filenames_by_build(request.db, release.id)) if builds else []


def _pulls_chart(request: Request, package: models.Package) -> BarChart:
    last = request.now.date()
    first = last - timedelta(days=_DAYS - 1)
    days = pulls_by_day(request.db, package.project_id, package.normalized_name, first, last)
    counts = [(day.day, day.count) for day in days]
    title = f"Pulls of all versions in the last {_DAYS} days"
    return bar_chart("pulls", title, "pulls", counts, first, last)


def _who_pulled(request: Request, context: Package) -> str:
    """The events that say who pulled a package; empty for those who may not read them."""
    if not request.has_permission(Permissions.AUDIT_READ, context.project):
        return ""
    path, name = context.project.record.full_path, context.package.normalized_name
    return Addresses(request).page(path, "activity", action=Action.FILE_PULLED, package=name)
