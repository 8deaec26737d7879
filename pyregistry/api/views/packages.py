"""Releases, their files, and the statuses of packages."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.api.paging import page_of, shown_on
from pyregistry.api.pipelines import present_built_file, present_built_release, present_pipeline
from pyregistry.api.presenters import present_status
from pyregistry.authnz.permissions import Permissions
from pyregistry.authnz.policy import acl_permits
from pyregistry.builds.models import Build
from pyregistry.http.caching import describe_read
from pyregistry.http.parameters import boolean, choice, optional_text, read_parameters
from pyregistry.packaging.errors import PackageNotFound
from pyregistry.packaging.models import PackageStatus, Release
from pyregistry.packaging.names import canonical_version, normalize_name
from pyregistry.packaging.services.builds import (
    builds_of_releases,
    builds_page,
    files_with_builds,
)
from pyregistry.packaging.services.change import (
    delete_file,
    delete_release,
    set_status,
    set_yanked,
)
from pyregistry.packaging.services.queries import find_package, releases_page
from pyregistry.protection.services.check import check_may_delete
from pyregistry.resources.api_packages import (
    ApiPackages,
    ApiRelease,
    ApiReleaseFile,
    ApiReleaseFiles,
    ApiReleasePipelines,
    ApiStatus,
)
from pyregistry.resources.namespaces import authority_at


@view_config(
    context=ApiPackages,
    request_method="GET",
    permission=Permissions.PACKAGE_PULL,
    renderer="json",
)
def list_releases(context: ApiPackages, request: Request) -> list[dict[str, Any]]:
    """The releases of a project, oldest first, a page at a time."""
    page = page_of(request)
    name, version = request.GET.get("package_name"), request.GET.get("package_version")
    releases: Sequence[Release] = ()
    if request.GET.get("package_type", "pypi") == "pypi":
        releases = releases_page(
            request.db,
            context.project.id,
            offset=page.offset,
            limit=page.limit,
            name=normalize_name(name) if name else None,
            version=canonical_version(version) if version else None,
        )
    releases = shown_on(page, request, releases)
    builds = _builds(request, releases)
    describe_read(request)
    return [present_built_release(release, builds.get(release.id, ())) for release in releases]


@view_config(
    context=ApiRelease, request_method="GET", permission=Permissions.PACKAGE_PULL, renderer="json"
)
def show_release(context: ApiRelease, request: Request) -> dict[str, Any]:
    """One release."""
    describe_read(request)
    return _presented(request, context.release)


@view_config(
    context=ApiRelease, request_method="PUT", permission=Permissions.PACKAGE_YANK, renderer="json"
)
def yank_release(context: ApiRelease, request: Request) -> dict[str, Any]:
    """Yank a release with a reason, or take it back (PEP 592)."""
    parameters = read_parameters(request)
    release = set_yanked(
        request.db,
        context.release.id,
        boolean(parameters, "yanked"),
        optional_text(parameters, "yanked_reason"),
        request.actor,
        request.now,
    )
    return _presented(request, release)


@view_config(context=ApiRelease, request_method="DELETE", permission=Permissions.PACKAGE_DELETE)
def remove_release(context: ApiRelease, request: Request) -> Response:
    """Delete a release with its files."""
    permit = partial(check_may_delete, authority_at(context))
    delete_release(request.db, context.release.id, request.actor, request.now, permit=permit)
    return Response(status=204)


@view_config(
    context=ApiReleaseFiles,
    request_method="GET",
    permission=Permissions.PACKAGE_PULL,
    renderer="json",
)
def list_files(context: ApiReleaseFiles, request: Request) -> list[dict[str, Any]]:
    """The files of a release, each with its build."""
    files = files_with_builds(request.db, context.release.id)
    shown = _shows_builds(request)
    describe_read(request)
    return [present_built_file(file, file.build if shown else None) for file in files]


@view_config(
    context=ApiReleasePipelines,
    request_method="GET",
    permission=Permissions.PACKAGE_PULL,
    renderer="json",
)
def list_pipelines(context: ApiReleasePipelines, request: Request) -> list[dict[str, Any]]:
    """The builds of the files of a release, newest first, a page at a time."""
    page = page_of(request)
    builds: Sequence[Build] = ()
    if _shows_builds(request):
        builds = builds_page(request.db, context.release.id, offset=page.offset, limit=page.limit)
    describe_read(request)
    return [present_pipeline(build) for build in shown_on(page, request, builds)]


@view_config(context=ApiReleaseFile, request_method="DELETE", permission=Permissions.PACKAGE_DELETE)
def remove_file(context: ApiReleaseFile, request: Request) -> Response:
    """Delete one file; a release goes with its last one."""
    permit = partial(check_may_delete, authority_at(context))
    delete_file(request.db, context.file.id, request.actor, request.now, permit=permit)
    return Response(status=204)


@view_config(
    context=ApiStatus, request_method="GET", permission=Permissions.PACKAGE_PULL, renderer="json"
)
def show_status(context: ApiStatus, request: Request) -> dict[str, Any]:
    """The status of a package (PEP 792)."""
    package = find_package(request.db, context.project.id, context.normalized_name)
    if package is None:
        raise PackageNotFound("There is no such package in this project.")
    describe_read(request)
    return present_status(package)


@view_config(
    context=ApiStatus,
    request_method="PUT",
    permission=Permissions.PACKAGE_SET_STATUS,
    renderer="json",
)
def change_status(context: ApiStatus, request: Request) -> dict[str, Any]:
    """Set the status of a package, with a reason (PEP 792)."""
    parameters = read_parameters(request)
    status = choice(parameters, "status", PackageStatus)
    package = set_status(
        request.db,
        context.project.id,
        context.normalized_name,
        status,
        optional_text(parameters, "reason"),
        request.actor,
        request.now,
    )
    return present_status(package)


def _presented(request: Request, release: Release) -> dict[str, Any]:
    return present_built_release(release, _builds(request, [release]).get(release.id, ()))


def _builds(request: Request, releases: Sequence[Release]) -> Mapping[int, Sequence[Build]]:
    if not _shows_builds(request):
        return {}
    return builds_of_releases(request.db, [release.id for release in releases])


def _shows_builds(request: Request) -> bool:
    """Whether the caller could see the pages of packages, where builds are shown, too.

    Where a private project lets anyone pull, its branches and people are nobody's business.
    """
    return bool(acl_permits(request.identity, request.context, Permissions.PACKAGE_READ))
