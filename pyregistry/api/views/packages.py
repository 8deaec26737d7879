"""Releases, their files, and the statuses of packages."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.api.paging import shown_slice, window_of
from pyregistry.api.pipelines import present_built_file, present_pipeline
from pyregistry.api.presenters import present_status
from pyregistry.api.releases import (
    Place,
    present_releases,
    present_versions,
    release_query,
)
from pyregistry.api.sorting import Direction, is_descending
from pyregistry.authnz.permissions import Permissions
from pyregistry.builds.models import Build
from pyregistry.http.caching import describe_read
from pyregistry.http.conditional import check_unmodified_since
from pyregistry.http.parameters import (
    boolean,
    choice,
    optional_boolean,
    optional_choice,
    optional_text,
    read_parameters,
)
from pyregistry.namespaces.services.lineages import lineages_of
from pyregistry.packaging.errors import PackageNotFound
from pyregistry.packaging.models import PackageStatus, Release
from pyregistry.packaging.services.builds import (
    FileOrder,
    builds_of_package,
    builds_slice,
    files_slice,
)
from pyregistry.packaging.services.change import (
    delete_file,
    delete_release,
    set_status,
    set_yanked,
)
from pyregistry.packaging.services.listing import (
    group_releases,
    other_releases,
    project_releases,
)
from pyregistry.packaging.services.queries import find_package
from pyregistry.protection.services.check import check_may_delete
from pyregistry.resources.api_packages import (
    ApiGroupPackages,
    ApiPackages,
    ApiRelease,
    ApiReleaseFile,
    ApiReleaseFiles,
    ApiReleasePipelines,
    ApiStatus,
)
from pyregistry.resources.base import Resource, viewer_of
from pyregistry.resources.namespaces import authority_at, namespace_above
from pyregistry.slices import Slice


@view_config(
    context=ApiPackages,
    request_method="GET",
    permission=Permissions.PACKAGE_PULL,
    renderer="json",
)
def list_releases(context: ApiPackages, request: Request) -> list[dict[str, Any]]:
    """The releases of a project, a page at a time."""
    query, window = release_query(request, of_a_group=False), window_of(request)
    found: Slice[Release] = Slice((), follows=False, total=0)
    if query is not None:
        found = project_releases(request.db, context.project.id, query, window)
    describe_read(request)
    places = {context.project.id: _place(context)}
    return present_releases(request, shown_slice(request, window, found), places)


@view_config(
    context=ApiGroupPackages,
    request_method="GET",
    permission=Permissions.INDEX_READ,
    renderer="json",
)
def list_group_releases(context: ApiGroupPackages, request: Request) -> list[dict[str, Any]]:
    """The releases in a group that the caller may pull, a page at a time."""
    query, window = release_query(request, of_a_group=True), window_of(request)
    subgroups = not optional_boolean(dict(request.GET), "exclude_subgroups")
    found: Slice[Release] = Slice((), follows=False, total=0)
    if query is not None:
        viewer = viewer_of(request)
        found = group_releases(
            request.db, context.group.id, viewer, query, window, subgroups=subgroups
        )
    describe_read(request)
    releases = shown_slice(request, window, found)
    lineages = lineages_of(request.db, {release.project_id for release in releases})
    places = {each: Place(lineage) for each, lineage in lineages.items()}
    return [
        {**shown, "project_path": places[shown["project_id"]].project.full_path}
        for shown in present_releases(request, releases, places)
    ]


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
    delete_release(
        request.db,
        context.release.id,
        request.actor,
        request.now,
        permit=permit,
        precondition=partial(check_unmodified_since, request),
    )
    return Response(status=204)


@view_config(
    context=ApiReleaseFiles,
    request_method="GET",
    permission=Permissions.PACKAGE_PULL,
    renderer="json",
)
def list_files(context: ApiReleaseFiles, request: Request) -> list[dict[str, Any]]:
    """The files of a release, each with its build, a page at a time."""
    window = window_of(request)
    order = optional_choice(dict(request.GET), "order_by", FileOrder) or FileOrder.ID
    descending = is_descending(request, Direction.ASCENDING)
    found = files_slice(request.db, context.release.id, window, order, descending=descending)
    shown = _place(context).shows_builds(request.identity)
    describe_read(request)
    return [
        present_built_file(file, file.build if shown else None)
        for file in shown_slice(request, window, found)
    ]


@view_config(
    context=ApiReleasePipelines,
    request_method="GET",
    permission=Permissions.PACKAGE_PULL,
    renderer="json",
)
def list_pipelines(context: ApiReleasePipelines, request: Request) -> list[dict[str, Any]]:
    """The builds of the files of a release, newest first, a page at a time."""
    window = window_of(request)
    builds: Slice[Build] = Slice((), follows=False, total=0)
    if _place(context).shows_builds(request.identity):
        builds = builds_slice(request.db, context.release.id, window)
    describe_read(request)
    return [present_pipeline(build) for build in shown_slice(request, window, builds)]


@view_config(context=ApiReleaseFile, request_method="DELETE", permission=Permissions.PACKAGE_DELETE)
def remove_file(context: ApiReleaseFile, request: Request) -> Response:
    """Delete one file; a release goes with its last one."""
    permit = partial(check_may_delete, authority_at(context))
    delete_file(
        request.db,
        context.file.id,
        request.actor,
        request.now,
        permit=permit,
        precondition=partial(check_unmodified_since, request),
    )
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
    """One release, with the other ones of its package."""
    place = _place(request.context)
    (shown,) = present_releases(request, [release], {release.project_id: place})
    others = other_releases(request.db, release)
    builds: Mapping[int, Sequence[Build]] = {}
    if place.shows_builds(request.identity):
        builds = builds_of_package(request.db, release.package_id)
    return {**shown, "versions": present_versions(others, builds)}


def _place(context: Resource) -> Place:
    return Place(namespace_above(context).lineage)
