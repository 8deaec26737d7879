"""Groups, projects, packages, releases, and their endpoints."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from pyramid.request import Request

from pyregistry.authnz.identity import Authority, Identity
from pyregistry.authnz.permissions import Permissions
from pyregistry.authnz.policy import acl_permits
from pyregistry.errors import Invalid
from pyregistry.namespaces.acl import AccessControlList, namespace_acl
from pyregistry.namespaces.names import path_key
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.packaging import models
from pyregistry.packaging.names import canonical_version, normalize_name
from pyregistry.packaging.services.lookup import Resolution
from pyregistry.packaging.services.queries import find_package, find_release
from pyregistry.resources.base import OfProject, Resource, lineage_of, looks_inside
from pyregistry.resources.indexes import (
    ProjectFiles,
    ProjectSimpleIndex,
    SubtreeFiles,
    SubtreeSimpleIndex,
)
from pyregistry.resources.metrics import Metrics
from pyregistry.resources.pages import GROUP_PAGES, INSTANCE_PAGES, PROJECT_PAGES
from pyregistry.resources.pages.packages import PackageEndpoints, ReleaseEndpoints
from pyregistry.resources.pypi import (
    GroupPyPI,
    InstancePyPI,
    ProjectIntegrity,
    ProjectPyPI,
    SubtreeIntegrity,
)

PACKAGE_ENDPOINTS = frozenset({"simple", "files", "legacy", "pypi", "integrity", "copied"})
"""What behind a `-` belongs to the package registry, and goes when that is turned off."""


class NamespaceResource(Resource):
    """A group or a project, wherever it is mounted, with its access control list.

    `lineage` goes from the namespace itself to its top group. `resolution` is what
    the whole path of the request resolved to.
    """

    def __init__(
        self,
        request: Request,
        parent: Resource | None,
        name: str,
        lineage: Sequence[NamespaceRecord],
        resolution: Resolution,
    ) -> None:
        super().__init__(request, parent, name)
        self.lineage = lineage
        self.resolution = resolution

    @property
    def record(self) -> NamespaceRecord:
        """The namespace."""
        return self.lineage[0]

    def __acl__(self) -> AccessControlList:
        return namespace_acl(self.lineage)

    def check_packages_available(self, segment: str) -> None:
        """Raise `KeyError` where the package registry is turned off: then nothing of it is there.

        Every address of the package registry asks this before it looks for anything.
        """
        if not self.record.packages_available:
            raise KeyError(segment)

    def as_if_available(self) -> "NamespaceResource":
        """The same place, with the package registry turned on."""
        lineage = [replace(self.record, packages_available=True), *self.lineage[1:]]
        return NamespaceResource(
            self.request, self.__parent__, self.__name__, lineage, self.resolution
        )


def authority_at(resource: Resource) -> Authority:
    """As what the caller acts in the group or project that `resource` belongs to.

    Raises `LookupError` for a caller who is nobody, and for what belongs to none.
    """
    identity: Identity | None = resource.request.identity
    if identity is None:
        raise LookupError("nobody")
    return identity.authority_in(record.id for record in namespace_above(resource).lineage)


def namespace_above(resource: Resource) -> NamespaceResource:
    """The group or project that `resource` belongs to. Raises `LookupError` where to none."""
    for above in lineage_of(resource):
        if isinstance(above, NamespaceResource):
            return above
    raise LookupError("nowhere")


def seen_above(resource: Resource) -> frozenset[int]:
    """The ids of the group or project that `resource` belongs to, and of the groups above it,
    of which the caller may know; whatever the credential that they chose to send may carry.

    Raises as `namespace_above` does.
    """
    nearest, request = namespace_above(resource), resource.request
    seen = {nearest.record.id}
    for depth, record in enumerate(nearest.lineage):
        place = NamespaceResource(
            request, None, record.path, nearest.lineage[depth:], nearest.resolution
        )
        if acl_permits(request.identity, place, Permissions.GROUP_READ):
            seen.add(record.id)
    return frozenset(seen)


def namespace_below(
    request: Request,
    parent: Resource,
    segment: str,
    above: Sequence[NamespaceRecord],
    resolution: Resolution,
) -> NamespaceResource:
    """The group or project called `segment` below `above` (nearest first). Raises `KeyError`."""
    key = path_key(segment)
    if above:
        key = f"{above[0].full_path_key}/{key}"
    for record in resolution.namespaces:
        if record.full_path_key == key:
            kind = Project if record.is_project else Group
            return kind(request, parent, record.path, [record, *above], resolution)
    raise KeyError(segment)


class Group(NamespaceResource):
    """Holds projects and other groups."""

    hides_children = True

    def __getitem__(self, segment: str) -> Resource:
        if segment == "-":
            return GroupEndpoints(self.request, self, segment)
        return namespace_below(self.request, self, segment, self.lineage, self.resolution)


class Project(NamespaceResource):
    """Holds packages; has an index and an upload address."""

    def __getitem__(self, segment: str) -> Resource:
        if segment == "-":
            return ProjectEndpoints(self.request, self, segment)
        self.check_packages_available(segment)
        if not looks_inside(self):
            raise KeyError(segment)
        package = find_package(self.request.db, self.record.id, normalize_name(segment))
        if package is None:
            raise KeyError(segment)
        return Package(self.request, self, segment, package)


class Package(Resource):
    """One normalised name in a project."""

    def __init__(
        self, request: Request, parent: Project, name: str, package: models.Package
    ) -> None:
        super().__init__(request, parent, name)
        self.project = parent
        self.package = package

    def __getitem__(self, segment: str) -> Resource:
        if segment == "-":
            return PackageEndpoints(self.request, self, segment, self.package)
        try:
            version = canonical_version(segment)
        except Invalid:
            raise KeyError(segment) from None
        release = find_release(self.request.db, self.package.id, version)
        if release is None:
            raise KeyError(segment)
        return Release(self.request, self, segment, release)


class Release(Resource):
    """A package at one version."""

    def __init__(
        self, request: Request, parent: Package, name: str, release: models.Release
    ) -> None:
        super().__init__(request, parent, name)
        self.package = parent
        self.release = release

    def __getitem__(self, segment: str) -> Resource:
        if segment != "-":
            raise KeyError(segment)
        package = self.package.package
        return ReleaseEndpoints(self.request, self, segment, package, self.release)


class LegacyUpload(OfProject):
    """Where a project takes uploads. It has one more address, in the API."""


class ProjectEndpoints(Resource):
    """What lies behind a project's `-`."""

    __parent__: Project

    def __getitem__(self, segment: str) -> Resource:
        project = self.__parent__
        if segment in PACKAGE_ENDPOINTS:
            project.check_packages_available(segment)
        if segment == "simple":
            return ProjectSimpleIndex(
                self.request, self, segment, project.record, project.resolution
            )
        if segment == "files":
            return ProjectFiles(self.request, self, segment, project_id=project.record.id)
        if segment == "legacy":
            return LegacyUpload(self.request, self, segment, project.record)
        if segment == "pypi":
            return ProjectPyPI(self.request, self, segment, project.resolution)
        if segment == "integrity":
            return ProjectIntegrity(self.request, self, segment, project.resolution)
        if segment in PROJECT_PAGES:
            return PROJECT_PAGES[segment](self.request, self, segment, project.record)
        raise KeyError(segment)


class GroupEndpoints(Resource):
    """What lies behind a group's `-`."""

    __parent__: Group

    def __getitem__(self, segment: str) -> Resource:
        group = self.__parent__
        if segment in PACKAGE_ENDPOINTS:
            group.check_packages_available(segment)
        if segment == "simple":
            return SubtreeSimpleIndex(
                self.request, self, segment, group.resolution, group_id=group.record.id
            )
        if segment == "files":
            return SubtreeFiles(self.request, self, segment, group_id=group.record.id)
        if segment == "pypi":
            return GroupPyPI(self.request, self, segment, group.resolution)
        if segment == "integrity":
            return SubtreeIntegrity(self.request, self, segment, group.resolution)
        if segment in GROUP_PAGES:
            return GROUP_PAGES[segment](self.request, self, segment, group.record)
        raise KeyError(segment)


class Login(Resource):
    """The sign-in page, which anyone may see."""


class Logout(Resource):
    """Where a browser session ends."""


class ApiReference(Resource):
    """The page that shows the API to people, which anyone may see."""


class Liveness(Resource):
    """Whether the process answers, for load balancers."""


class Readiness(Resource):
    """Whether the registry works, for load balancers."""


class HealthProbes(Resource):
    """The probes, at the addresses that most monitors expect."""

    def __getitem__(self, segment: str) -> Resource:
        return _HEALTH_PROBES[segment](self.request, self, segment)


_HEALTH_PROBES: dict[str, type[Resource]] = {"live": Liveness, "ready": Readiness}
PROBES: dict[str, type[Resource]] = {
    "liveness": Liveness,
    "readiness": Readiness,
    "health": HealthProbes,
    "metrics": Metrics,
}
"""What load balancers and monitors ask."""
_OF_THE_INSTANCE: dict[str, type[Resource]] = {
    "api": ApiReference,
    "login": Login,
    "logout": Logout,
    **PROBES,
    **INSTANCE_PAGES,
}


class InstanceEndpoints(Resource):
    """What lies behind the instance's `-`.

    `resolve_index` gives what the instance's index shows on this request's page.
    """

    def __init__(
        self,
        request: Request,
        parent: Resource,
        name: str,
        resolve_index: Callable[[], Resolution],
    ) -> None:
        super().__init__(request, parent, name)
        self._resolve_index = resolve_index

    def __getitem__(self, segment: str) -> Resource:
        if segment == "simple":
            resolution = self._resolution_for(segment)
            return SubtreeSimpleIndex(self.request, self, segment, resolution, group_id=None)
        if segment == "files":
            return SubtreeFiles(self.request, self, segment, group_id=None)
        if segment == "pypi":
            return InstancePyPI(self.request, self, segment, self._resolution_for(segment))
        if segment == "integrity":
            return SubtreeIntegrity(self.request, self, segment, self._resolution_for(segment))
        if segment in _OF_THE_INSTANCE:
            return _OF_THE_INSTANCE[segment](self.request, self, segment)
        raise KeyError(segment)

    def _resolution_for(self, segment: str) -> Resolution:
        """What the index shows; `KeyError` where the instance's package registry is off."""
        resolution = self._resolve_index()
        if not resolution.available:
            raise KeyError(segment)
        return resolution
