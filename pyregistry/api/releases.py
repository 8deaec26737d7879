"""Lists of releases: GitLab's parameters of them, and what each caller is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pyramid.request import Request

from pyregistry.api.pipelines import present_built_release, present_pipeline
from pyregistry.api.presenters import present_time
from pyregistry.api.sorting import Direction, is_descending
from pyregistry.authnz.identity import Identity
from pyregistry.authnz.permissions import Permissions
from pyregistry.authnz.policy import acl_permits, permits
from pyregistry.builds.models import Build
from pyregistry.errors import Invalid
from pyregistry.http.parameters import choice, searched
from pyregistry.namespaces.acl import AccessControlList, namespace_acl
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.packaging.models import Release
from pyregistry.packaging.names import canonical_version, normalize_name
from pyregistry.packaging.services.builds import builds_of_releases
from pyregistry.packaging.services.listing import ReleaseOrder, ReleaseQuery
from pyregistry.protection.services.check import delete_rules, may_delete
from pyregistry.ui.addresses import Addresses


class GroupOrder(StrEnum):
    """What GitLab orders the releases of a group by."""

    CREATED_AT = "created_at"
    NAME = "name"
    VERSION = "version"
    TYPE = "type"
    PROJECT_PATH = "project_path"


class ProjectOrder(StrEnum):
    """What GitLab orders the releases of a project by."""

    CREATED_AT = "created_at"
    NAME = "name"
    VERSION = "version"
    TYPE = "type"


class Status(StrEnum):
    """GitLab's statuses of packages. Ours all have the first one."""

    DEFAULT = "default"
    HIDDEN = "hidden"
    PROCESSING = "processing"
    ERROR = "error"
    PENDING_DESTRUCTION = "pending_destruction"
    DEPRECATED = "deprecated"


def release_query(request: Request, *, of_a_group: bool) -> ReleaseQuery | None:
    """Which releases a request asks for; None where there can be none. Raises `Invalid`."""
    kind = GroupOrder if of_a_group else ProjectOrder
    order: StrEnum = choice({"order_by": "created_at", **request.GET}, "order_by", kind)
    # All have one type.
    by = ReleaseOrder.CREATED_AT if order == GroupOrder.TYPE else ReleaseOrder(order)
    descending = is_descending(request, Direction.ASCENDING)
    name, version = searched(request, "package_name"), request.GET.get("package_version")
    query = ReleaseQuery(
        normalize_name(name) if name else None,
        _checked_version(version) if version else None,
        by,
        descending,
    )
    status = choice({"status": Status.DEFAULT, **request.GET}, "status", Status)
    if status is not Status.DEFAULT or request.GET.get("package_type", "pypi") != "pypi":
        return None
    return query


def _checked_version(version: str) -> str:
    try:
        return canonical_version(version)
    except Invalid as error:
        raise Invalid(f"The parameter package_version is wrong: {error.sentence}.") from None


@dataclass(frozen=True, slots=True)
class Place:
    """A project whose releases are shown, with the groups above it, nearest first."""

    lineage: Sequence[NamespaceRecord]

    @property
    def project(self) -> NamespaceRecord:
        """The project."""
        return self.lineage[0]

    def __acl__(self) -> AccessControlList:
        return namespace_acl(self.lineage)

    def shows_builds(self, identity: Identity | None) -> bool:
        """Whether the caller could see the pages of packages, where builds are shown, too.

        Where a private project lets anyone pull, its branches and people are nobody's business.
        """
        return bool(acl_permits(identity, self, Permissions.PACKAGE_READ))

    def lets_delete(self, identity: Identity | None) -> bool:
        """Whether the caller may delete packages here that no rule protects."""
        return bool(permits(identity, self, Permissions.PACKAGE_DELETE))


def present_releases(
    request: Request, releases: Sequence[Release], places: Mapping[int, Place]
) -> list[dict[str, Any]]:
    """Releases as GitLab's `package` objects, as far as the caller may see them.

    `places` has the project of each. Two queries, however many there are.
    """
    identity = request.identity
    known = {each for each, place in places.items() if place.shows_builds(identity)}
    builds = builds_of_releases(
        request.db, [release.id for release in releases if release.project_id in known]
    )
    links = _Links(request, places)
    return [
        {**present_built_release(release, builds.get(release.id, ())), "_links": links.of(release)}
        for release in releases
    ]


def present_versions(
    others: Sequence[tuple[int, str, datetime]], builds: Mapping[int, Sequence[Build]]
) -> list[dict[str, Any]]:
    """The other releases of a package as GitLab's `versions`."""
    return [
        {
            "id": release_id,
            "version": version,
            "created_at": present_time(created_at),
            "tags": [],
            "pipelines": [present_pipeline(build) for build in builds.get(release_id, ())],
        }
        for release_id, version, created_at in others
    ]


class _Links:
    """Makes the `_links` of releases."""

    def __init__(self, request: Request, places: Mapping[int, Place]) -> None:
        identity: Identity | None = request.identity
        self._identity = identity
        self._addresses = Addresses(request)
        self._places = places
        deletable = [each for each, place in places.items() if place.lets_delete(identity)]
        self._rules = delete_rules(request.db, deletable) if deletable else {}

    def of(self, release: Release) -> dict[str, str]:
        """Where people see a release, and where the caller may delete it, if they may."""
        place, name = self._places[release.project_id], release.normalized_name
        page = self._addresses.release(place.project.full_path, name, release.version)
        links = {"web_path": page}
        if self._may_delete(place, name):
            links["delete_api_path"] = self._addresses.api(
                f"projects/{release.project_id}/packages/{release.id}"
            )
        return links

    def _may_delete(self, place: Place, name: str) -> bool:
        rules = self._rules.get(place.project.id)
        if self._identity is None or rules is None:
            return False
        authority = self._identity.authority_in(record.id for record in place.lineage)
        return may_delete(authority, rules, name)
