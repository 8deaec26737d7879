"""Packages in the JSON API: the releases of a project, its index, and the statuses."""

from pyramid.request import Request

from pyregistry.namespaces.acl import AccessControlList
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.packaging import models
from pyregistry.packaging.names import normalize_name
from pyregistry.packaging.services.lookup import Resolution
from pyregistry.packaging.services.queries import find_release_by_id
from pyregistry.resources.api_protection import ApiProtection
from pyregistry.resources.base import OfProject, Resource, looks_inside, number_of
from pyregistry.resources.indexes import ProjectFiles, ProjectSimpleIndex, subtree_acl
from pyregistry.resources.namespaces import LegacyUpload, NamespaceResource


class ApiPackages(Resource):
    """`/api/v4/projects/:id/packages`: releases, in GitLab's words packages."""

    def __init__(
        self, request: Request, parent: Resource, name: str, mounted: NamespaceResource
    ) -> None:
        super().__init__(request, parent, name)
        self.project = mounted.record
        self._resolution = mounted.resolution

    def __getitem__(self, segment: str) -> Resource:
        if segment == "pypi":
            return ApiProjectPyPI(self.request, self, segment, self.project, self._resolution)
        if segment == "protection":
            return ApiProtection(self.request, self, segment, self.project)
        release_id = number_of(segment)
        if release_id is None or not looks_inside(self):
            raise KeyError(segment)
        release = find_release_by_id(self.request.db, self.project.id, release_id)
        if release is None:
            raise KeyError(segment)
        return ApiRelease(self.request, self, segment, release)


class ApiGroupPackages(Resource):
    """`/api/v4/groups/:id/packages`: the releases in a group that the caller may pull.

    Like the index of the group it may be read by who may pull anything there.
    """

    def __init__(
        self, request: Request, parent: Resource, name: str, mounted: NamespaceResource
    ) -> None:
        super().__init__(request, parent, name)
        self.group = mounted.record
        self._resolution = mounted.resolution

    def __acl__(self) -> AccessControlList:
        return subtree_acl(self._resolution)


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

    def __init__(
        self,
        request: Request,
        parent: Resource,
        name: str,
        project: NamespaceRecord,
        resolution: Resolution,
    ) -> None:
        super().__init__(request, parent, name, project)
        self._resolution = resolution

    def __getitem__(self, segment: str) -> Resource:
        if segment == "simple":
            return ProjectSimpleIndex(self.request, self, segment, self.project, self._resolution)
        if segment == "files":
            return ProjectFiles(self.request, self, segment, project_id=self.project.id)
        if segment == "status":
            return ApiStatuses(self.request, self, segment, self.project)
        raise KeyError(segment)


class ApiStatuses(OfProject):
    """`…/packages/pypi/status`: the statuses of a project's packages, by name."""

    def __getitem__(self, segment: str) -> Resource:
        return ApiStatus(self.request, self, segment, self.project)


class ApiStatus(OfProject):
    """`…/packages/pypi/status/:name`: the status of one package (PEP 792)."""

    @property
    def normalized_name(self) -> str:
        """The package's name."""
        return normalize_name(self.__name__)
