"""The JSON API's addresses, in GitLab's layout: a second way to the same things."""

from itertools import takewhile
from typing import ClassVar

from pyramid.request import Request
from pyramid.traversal import split_path_info

from pyregistry.namespaces.models import NamespaceKind
from pyregistry.namespaces.names import MAXIMUM_DEPTH, RESERVED_SEGMENTS, path_keys
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.packaging import models
from pyregistry.packaging.names import normalize_name
from pyregistry.packaging.services.lookup import Resolution, Wanted, resolve_id, resolve_path
from pyregistry.packaging.services.queries import find_release_by_id
from pyregistry.resources.api_events import ApiAuditEvents
from pyregistry.resources.api_instance import ApiApplication
from pyregistry.resources.api_job_tokens import ApiJobTokens
from pyregistry.resources.api_members import ApiMembers
from pyregistry.resources.api_protection import ApiProtection, ApiReservedPrefixes
from pyregistry.resources.api_tokens import (
    ApiAccessTokens,
    ApiAllDeployTokens,
    ApiDeployTokens,
    ApiPersonalTokens,
)
from pyregistry.resources.api_trusted_publishers import ApiTrustedPublishers
from pyregistry.resources.base import MAXIMUM_DIGITS, Resource, is_number, looks_inside, viewer_of
from pyregistry.resources.indexes import (
    ProjectFiles,
    ProjectSimpleIndex,
    SubtreeFiles,
    SubtreeSimpleIndex,
    look_in_vain,
    wanted_by,
)
from pyregistry.resources.namespaces import LegacyUpload, NamespaceResource


class Api(Resource):
    """`/api`: one version so far."""

    def __getitem__(self, segment: str) -> Resource:
        if segment != "v4":
            raise KeyError(segment)
        return ApiVersion4(self.request, self, segment)


class ApiVersion4(Resource):
    """`/api/v4`."""

    def __getitem__(self, segment: str) -> Resource:
        if segment == "projects":
            return ApiProjects(self.request, self, segment)
        if segment == "groups":
            return ApiGroups(self.request, self, segment)
        if segment == "personal_access_tokens":
            return ApiPersonalTokens(self.request, self, segment)
        if segment == "deploy_tokens":
            return ApiAllDeployTokens(self.request, self, segment)
        if segment == "audit_events":
            return ApiAuditEvents(self.request, self, segment, None)
        if segment == "application":
            return ApiApplication(self.request, self, segment)
        raise KeyError(segment)


class NamespacesById(Resource):
    """Takes the segments of an `:id`: a number, or a path of as many segments as it has.

    WSGI gives `acme%2Fcore` as the segments `acme` and `core`. Once the namespace is
    found, this resource itself is its parent, and not an eaten segment, so that
    addresses made from the tree name the path once.
    """

    kind: ClassVar[NamespaceKind]
    index_at: ClassVar[tuple[str, ...]]
    """The segments between an `:id` and its index."""
    mounted: ClassVar[type[NamespaceResource]]
    """The resource of a namespace that is found."""

    def __init__(self, request: Request, parent: Resource | None, name: str) -> None:
        super().__init__(request, parent, name)
        segments = split_path_info(request.environ["PATH_INFO"])[3:]  # after api, v4, this
        self._identifier = self._identifier_of(segments)
        self._rest = segments[len(self._identifier) :]
        self._eaten = 0

    def __getitem__(self, segment: str) -> Resource:
        self._eaten += 1
        if self._eaten < len(self._identifier):
            return self
        resolution = self._resolve()
        if not resolution.namespaces or resolution.namespaces[-1].kind is not self.kind:
            look_in_vain(self.request, self._index_rest())
            raise KeyError(segment)
        lineage = resolution.namespaces[::-1]
        return self.mounted(self.request, self, "/".join(self._identifier), lineage, resolution)

    def _identifier_of(self, segments: tuple[str, ...]) -> tuple[str, ...]:
        if segments and is_number(segments[0]):
            return segments[:1]
        # Whatever follows an `:id` is a reserved word, so that no path can hold it.
        return tuple(takewhile(lambda segment: segment not in RESERVED_SEGMENTS, segments))

    def _resolve(self) -> Resolution:
        session, viewer, wanted = self.request.db, viewer_of(self.request), self._wanted()
        identifier = self._identifier
        if len(identifier) == 1 and is_number(identifier[0]):
            if len(identifier[0]) > MAXIMUM_DIGITS:
                return Resolution()
            return resolve_id(session, int(identifier[0]), self.kind, viewer, wanted)
        if not 0 < len(identifier) <= MAXIMUM_DEPTH:
            return Resolution()
        resolution = resolve_path(session, path_keys(identifier), viewer, wanted)
        whole = len(resolution.namespaces) == len(identifier)
        return resolution if whole else Resolution()

    def _index_rest(self) -> tuple[str, ...]:
        """The segments below the address of the namespace's index and files, if that is asked."""
        prefix = len(self.index_at)
        return self._rest[prefix:] if self._rest[:prefix] == self.index_at else ()

    def _wanted(self) -> Wanted | None:
        return wanted_by(self._index_rest())


class ApiNamespace(NamespaceResource):
    """A group or project in the API."""

    def __getitem__(self, segment: str) -> Resource:
        if segment == "members":
            return ApiMembers(self.request, self, segment, self.record)
        if segment == "access_tokens":
            return ApiAccessTokens(self.request, self, segment, self.record)
        if segment == "deploy_tokens":
            return ApiDeployTokens(self.request, self, segment, self.record)
        if segment == "audit_events":
            return ApiAuditEvents(self.request, self, segment, self.record)
        raise KeyError(segment)


class ApiProject(ApiNamespace):
    """`/api/v4/projects/:id`."""

    def __getitem__(self, segment: str) -> Resource:
        if segment == "packages":
            self.check_packages_available(segment)
            return ApiPackages(self.request, self, segment)
        if segment == "job_tokens":
            return ApiJobTokens(self.request, self, segment, self.record)
        if segment == "trusted_publishers":
            return ApiTrustedPublishers(self.request, self, segment, self.record)
        return super().__getitem__(segment)


class ApiPackages(Resource):
    """`/api/v4/projects/:id/packages`: releases, in GitLab's words packages."""

    __parent__: ApiProject

    @property
    def project(self) -> NamespaceRecord:
        """The project that holds the packages."""
        return self.__parent__.record

    def __getitem__(self, segment: str) -> Resource:
        if segment == "pypi":
            return ApiProjectPyPI(self.request, self, segment, self.__parent__)
        if segment == "protection":
            return ApiProtection(self.request, self, segment, self.project)
        if not is_number(segment) or len(segment) > MAXIMUM_DIGITS or not looks_inside(self):
            raise KeyError(segment)
        release = find_release_by_id(self.request.db, self.project.id, int(segment))
        if release is None:
            raise KeyError(segment)
        return ApiRelease(self.request, self, segment, release)


class ApiRelease(Resource):
    """`/api/v4/projects/:id/packages/:package_id`: a release."""

    def __init__(
        self, request: Request, parent: Resource, name: str, release: models.Release
    ) -> None:
        super().__init__(request, parent, name)
        self.release = release

    def __getitem__(self, segment: str) -> Resource:
        if segment == "package_files":
            return ApiReleaseFiles(self.request, self, segment)
        if segment == "pipelines":
            return ApiReleasePipelines(self.request, self, segment)
        raise KeyError(segment)


class ApiReleasePipelines(Resource):
    """`…/pipelines`: the builds of the files of a release."""

    __parent__: ApiRelease

    @property
    def release(self) -> models.Release:
        """The release."""
        return self.__parent__.release


class ApiReleaseFiles(Resource):
    """`…/package_files`: the files of a release."""

    __parent__: ApiRelease

    @property
    def release(self) -> models.Release:
        """The release that the files belong to."""
        return self.__parent__.release

    def __getitem__(self, segment: str) -> Resource:
        for file in self.release.files:
            if str(file.id) == segment:
                return ApiReleaseFile(self.request, self, segment, file)
        raise KeyError(segment)


class ApiReleaseFile(Resource):
    """`…/package_files/:file_id`: one file."""

    def __init__(self, request: Request, parent: Resource, name: str, file: models.File) -> None:
        super().__init__(request, parent, name)
        self.file = file


class ApiProjectPyPI(LegacyUpload):
    """`/api/v4/projects/:id/packages/pypi`: upload here, and the index below."""

    def __init__(self, request: Request, parent: Resource, name: str, project: ApiProject) -> None:
        super().__init__(request, parent, name, project.record)
        self._resolution = project.resolution

    def __getitem__(self, segment: str) -> Resource:
        if segment == "simple":
            return ProjectSimpleIndex(self.request, self, segment, self.project, self._resolution)
        if segment == "files":
            return ProjectFiles(self.request, self, segment, project_id=self.project.id)
        if segment == "status":
            return ApiStatuses(self.request, self, segment, self.project)
        raise KeyError(segment)


class ApiStatuses(Resource):
    """`…/packages/pypi/status`: the statuses of a project's packages, by name."""

    def __init__(
        self, request: Request, parent: Resource, name: str, project: NamespaceRecord
    ) -> None:
        super().__init__(request, parent, name)
        self.project = project

    def __getitem__(self, segment: str) -> Resource:
        return ApiStatus(self.request, self, segment)


class ApiStatus(Resource):
    """`…/packages/pypi/status/:name`: the status of one package (PEP 792)."""

    __parent__: ApiStatuses

    @property
    def project(self) -> NamespaceRecord:
        """The project that holds the package."""
        return self.__parent__.project

    @property
    def normalized_name(self) -> str:
        """The package's name."""
        return normalize_name(self.__name__)


class ApiGroup(ApiNamespace):
    """`/api/v4/groups/:id`."""

    def __getitem__(self, segment: str) -> Resource:
        if segment == "reserved_prefixes":
            return ApiReservedPrefixes(self.request, self, segment, self.record)
        if segment != "-":
            return super().__getitem__(segment)
        return ApiGroupEndpoints(self.request, self, segment, self)


class ApiGroupEndpoints(Resource):
    """`/api/v4/groups/:id/-`, and its `packages` and `packages/pypi`."""

    _path: ClassVar[dict[str, str]] = {"-": "packages", "packages": "pypi"}

    def __init__(self, request: Request, parent: Resource, name: str, group: ApiGroup) -> None:
        super().__init__(request, parent, name)
        self._group = group

    def __getitem__(self, segment: str) -> Resource:
        if segment == "packages":
            self._group.check_packages_available(segment)
        if self._path.get(self.__name__) == segment:
            return ApiGroupEndpoints(self.request, self, segment, self._group)
        group_id = self._group.record.id
        if self.__name__ == "pypi" and segment == "simple":
            return SubtreeSimpleIndex(
                self.request, self, segment, self._group.resolution, group_id=group_id
            )
        if self.__name__ == "pypi" and segment == "files":
            return SubtreeFiles(self.request, self, segment, group_id=group_id)
        raise KeyError(segment)


class ApiProjects(NamespacesById):
    """`/api/v4/projects`."""

    kind = NamespaceKind.PROJECT
    index_at = ("packages", "pypi")
    mounted = ApiProject


class ApiGroups(NamespacesById):
    """`/api/v4/groups`."""

    kind = NamespaceKind.GROUP
    index_at = ("-", "packages", "pypi")
    mounted = ApiGroup
