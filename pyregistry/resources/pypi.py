"""PyPI's JSON API and Integrity API: beside every index, for what it shows."""

from typing import ClassVar

from pyramid.request import Request

from pyregistry.errors import Invalid
from pyregistry.namespaces.acl import AccessControlList
from pyregistry.packaging.names import canonical_version, normalize_name
from pyregistry.packaging.services.lookup import IndexedPackage, Resolution
from pyregistry.pypi.documents import Links
from pyregistry.resources.base import Resource
from pyregistry.resources.indexes import subtree_acl

_SEGMENTS_OF_A_FILE = 3


class PyPI(Resource):
    """`…/-/pypi`: PyPI's JSON API of an index."""

    __parent__: Resource
    document: ClassVar[type["Document"]]
    """The resource of what the API says of a package."""

    def __init__(
        self, request: Request, parent: Resource, name: str, resolution: Resolution
    ) -> None:
        super().__init__(request, parent, name)
        self.resolution = resolution

    def __getitem__(self, segment: str) -> Resource:
        return PyPIPackage(self.request, self, segment)

    def links(self, name: str) -> Links:
        """Where the pages and files of the package with this normalised name are."""
        raise NotImplementedError

    def _address(self, resource: Resource | None, *segments: str) -> str:
        address: str = self.request.resource_url(resource, *segments)
        return f"{address}/"


class ProjectPyPI(PyPI):
    """The JSON API of one project; whoever may pull from the project may read it."""

    def links(self, name: str) -> Links:
        """The project's own pages and files."""
        return Links(
            package=self._address(self.__parent__.__parent__, name),
            files=self._address(self.__parent__, "files"),
            release_pages=True,
        )


class SubtreePyPI(PyPI):
    """The JSON API of an index that shows what its caller may pull."""

    def __acl__(self) -> AccessControlList:
        return subtree_acl(self.resolution)


class GroupPyPI(SubtreePyPI):
    """The JSON API of a group."""

    def links(self, name: str) -> Links:
        """The index's page, and its files.

        Several projects may hold the package, and who may pull from one need not see it:
        no address of a project is told.
        """
        return Links(
            package=self._address(self.__parent__, "simple", name),
            files=self._address(self.__parent__, "files"),
            release_pages=False,
        )


class InstancePyPI(SubtreePyPI):
    """The JSON API of the instance, which mirrors read."""

    def links(self, name: str) -> Links:
        """The index's page, and the files where mirroring clients take them from."""
        return Links(
            package=self._address(self.__parent__, "simple", name),
            files=f"{self.request.application_url}/packages/",
            release_pages=False,
        )


class PyPIPackage(Resource):
    """`…/-/pypi/<name>`, whether there is such a package or not."""

    __parent__: PyPI

    def __getitem__(self, segment: str) -> Resource:
        if segment == "json":
            return self.__parent__.document(self.request, self, segment, self.__parent__, self)
        try:
            version = canonical_version(segment)
        except Invalid:
            raise KeyError(segment) from None
        return PyPIRelease(self.request, self, segment, version)


class PyPIRelease(Resource):
    """`…/-/pypi/<name>/<version>`, in any spelling of the version, whether there is one or not."""

    __parent__: PyPIPackage

    def __init__(
        self, request: Request, parent: PyPIPackage, name: str, canonical_version: str
    ) -> None:
        super().__init__(request, parent, name)
        self.canonical_version = canonical_version

    def __getitem__(self, segment: str) -> Resource:
        if segment != "json":
            raise KeyError(segment)
        api = self.__parent__.__parent__
        return api.document(self.request, self, segment, api, self.__parent__, self)


class Document(Resource):
    """`…/json`: what the JSON API says of a package, or of one release of it."""

    def __init__(
        self,
        request: Request,
        parent: Resource,
        name: str,
        api: PyPI,
        package: PyPIPackage,
        release: PyPIRelease | None = None,
    ) -> None:
        super().__init__(request, parent, name)
        self.api = api
        self.normalized_name = normalize_name(package.__name__)
        self.version = release.canonical_version if release is not None else None
        self._package = package
        self._release = release

    @property
    def packages(self) -> tuple[IndexedPackage, ...]:
        """The packages of that name that the index shows to the caller."""
        return self.api.resolution.packages

    @property
    def canonical_address(self) -> str | None:
        """The address with the normalised name, where another one was asked for."""
        if self._package.__name__ == self.normalized_name:
            return None
        version = [self._release.__name__] if self._release is not None else []
        address: str = self.request.resource_url(
            self.api, self.normalized_name, *version, self.__name__
        )
        return address


class ProjectDocument(Document):
    """A package or release in the JSON API of a project."""


class SubtreeDocument(Document):
    """A package or release in the JSON API of a group or of the instance."""


ProjectPyPI.document = ProjectDocument
SubtreePyPI.document = SubtreeDocument


class Integrity(Resource):
    """`…/-/integrity`: PyPI's Integrity API of an index (PEP 740)."""

    provenance: ClassVar[type["Provenance"]]
    """The resource of what vouches for a file."""

    def __init__(
        self, request: Request, parent: Resource, name: str, resolution: Resolution
    ) -> None:
        super().__init__(request, parent, name)
        self.resolution = resolution

    def __getitem__(self, segment: str) -> Resource:
        return FileAddress(self.request, self, segment, self, ())


class FileAddress(Resource):
    """`…/-/integrity/<name>[/<version>[/<filename>]]`."""

    def __init__(
        self,
        request: Request,
        parent: Resource,
        name: str,
        api: Integrity,
        before: tuple[str, ...],
    ) -> None:
        super().__init__(request, parent, name)
        self._api = api
        self._segments = (*before, name)

    def __getitem__(self, segment: str) -> Resource:
        if len(self._segments) < _SEGMENTS_OF_A_FILE:
            return FileAddress(self.request, self, segment, self._api, self._segments)
        if segment != "provenance":
            raise KeyError(segment)
        _, version, filename = self._segments
        return self._api.provenance(self.request, self, segment, self._api, version, filename)


class Provenance(Resource):
    """What vouches for a file, whether there is such a file or not."""

    def __init__(
        self,
        request: Request,
        parent: Resource,
        name: str,
        api: Integrity,
        version: str,
        filename: str,
    ) -> None:
        super().__init__(request, parent, name)
        self.version = version
        self.filename = filename
        self._api = api

    @property
    def packages(self) -> tuple[IndexedPackage, ...]:
        """The packages of the address's name that the index shows to the caller."""
        return self._api.resolution.packages


class ProjectProvenance(Provenance):
    """What vouches for a file of a project."""


class SubtreeProvenance(Provenance):
    """What vouches for a file in the index of a group or of the instance."""


class ProjectIntegrity(Integrity):
    """The Integrity API of one project."""

    provenance = ProjectProvenance


class SubtreeIntegrity(Integrity):
    """The Integrity API of a group or of the instance."""

    provenance = SubtreeProvenance

    def __acl__(self) -> AccessControlList:
        return subtree_acl(self.resolution)
