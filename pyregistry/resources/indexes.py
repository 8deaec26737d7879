"""Indexes and files: the same resources under every mount."""

from contextlib import suppress
from typing import ClassVar

from pyramid.authorization import Allow, Everyone
from pyramid.request import Request

from pyregistry.authnz.permissions import Permissions
from pyregistry.namespaces.acl import AccessControlList
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.packaging.filenames import MAX_FILENAME_LENGTH, METADATA_SUFFIX
from pyregistry.packaging.names import normalize_name
from pyregistry.packaging.services.lookup import IndexedPackage, IndexedProjects, Resolution, Wanted
from pyregistry.packaging.services.queries import (
    FileScope,
    ScopeKind,
    StoredFile,
    find_stored_file,
)
from pyregistry.resources.base import Resource, looks_inside, viewer_of
from pyregistry.storage.digests import is_sha256

_NOWHERE = FileScope(ScopeKind.GROUP, 0)
"""Holds nothing. To look there costs what it costs to look in a group."""


def wanted_by(rest: tuple[str, ...]) -> Wanted | None:
    """What an index is asked for, by the segments that follow `-` (or `packages/pypi`)."""
    match rest:
        case ("simple",):
            return Wanted(package=None)
        case (("simple" | "pypi" | "integrity"), name, *_):
            return Wanted(package=normalize_name(name))
        case _:
            return None


def subtree_acl(resolution: Resolution) -> AccessControlList:
    """Who may read the index of a group or of the instance, besides those who may see it.

    What was found is what the caller may pull: then the index is theirs to read, even
    inside a group that they may not see.
    """
    if resolution.projects or resolution.packages:
        return [(Allow, Everyone, {Permissions.INDEX_READ})]
    return []


class SimpleIndex(Resource):
    """A simple repository: the names of the packages of its scope.

    `projects` are those that the index shows to the caller.
    """

    def __init__(
        self, request: Request, parent: Resource, name: str, scope: str, resolution: Resolution
    ) -> None:
        super().__init__(request, parent, name)
        self.scope = scope
        self.resolution = resolution

    @property
    def projects(self) -> IndexedProjects:
        """The projects whose packages the index shows to the caller."""
        return self.resolution.projects


class ProjectSimpleIndex(SimpleIndex):
    """The index of one project; whoever may pull from the project may read it."""

    def __init__(
        self,
        request: Request,
        parent: Resource,
        name: str,
        project: NamespaceRecord,
        resolution: Resolution,
    ) -> None:
        super().__init__(request, parent, name, f"project:{project.id}", resolution)

    def __getitem__(self, segment: str) -> Resource:
        return ProjectSimplePackage(self.request, self, segment)


class SubtreeSimpleIndex(SimpleIndex):
    """The index of a group's subtree, or of the instance (`group_id` None)."""

    def __init__(
        self,
        request: Request,
        parent: Resource,
        name: str,
        resolution: Resolution,
        *,
        group_id: int | None,
    ) -> None:
        scope = "instance" if group_id is None else f"group:{group_id}"
        super().__init__(request, parent, name, scope, resolution)

    def __acl__(self) -> AccessControlList:
        return subtree_acl(self.resolution)

    def __getitem__(self, segment: str) -> Resource:
        return SubtreeSimplePackage(self.request, self, segment)


class SimplePackage(Resource):
    """The files of one package name in an index, whether there are any or not."""

    __parent__: SimpleIndex

    @property
    def index(self) -> SimpleIndex:
        """The index that this page belongs to."""
        return self.__parent__

    @property
    def normalized_name(self) -> str:
        """The name as addresses spell it (PEP 503)."""
        return normalize_name(self.__name__)

    @property
    def packages(self) -> tuple[IndexedPackage, ...]:
        """The packages of that name that the index shows to the caller."""
        return self.index.resolution.packages


class ProjectSimplePackage(SimplePackage):
    """A package of one project's index."""


class SubtreeSimplePackage(SimplePackage):
    """A package in the index of a group or of the instance."""


class FileDownload(Resource):
    """One file, or (under its name with `.metadata`) its core metadata."""

    def __init__(self, request: Request, parent: Resource, name: str, file: StoredFile) -> None:
        super().__init__(request, parent, name)
        self.file = file

    @property
    def is_metadata(self) -> bool:
        """Whether the core metadata is asked for, not the archive."""
        return self.__name__ != self.file.filename


class SubtreeFileDownload(FileDownload):
    """A file of a group's index: found only where its project may be pulled from."""

    def __acl__(self) -> AccessControlList:
        return [(Allow, Everyone, {Permissions.PACKAGE_PULL})]


class Files(Resource):
    """The files of a scope, by digest and name."""

    scope: FileScope
    download: ClassVar[type[FileDownload]]
    """The resource of a file that is found."""

    def __getitem__(self, segment: str) -> Resource:
        if not is_sha256(segment):
            raise KeyError(segment)
        return FilesOfDigest(self.request, self, segment)


class ProjectFiles(Files):
    """The files of one project. Who may pull none of them looks in vain, as in a hidden group."""

    download = FileDownload

    def __init__(self, request: Request, parent: Resource, name: str, *, project_id: int) -> None:
        super().__init__(request, parent, name)
        within = FileScope(ScopeKind.PROJECT, project_id)
        self.scope = within if looks_inside(self) else _NOWHERE


class SubtreeFiles(Files):
    """The files of a group's subtree, or of the instance (`group_id` None)."""

    download = SubtreeFileDownload

    def __init__(
        self, request: Request, parent: Resource, name: str, *, group_id: int | None
    ) -> None:
        super().__init__(request, parent, name)
        kind = ScopeKind.INSTANCE if group_id is None else ScopeKind.GROUP
        self.scope = FileScope(kind, group_id)


class MissingFiles(Files):
    """The files of a group or project that does not exist."""

    download = SubtreeFileDownload
    scope = _NOWHERE


def look_in_vain(request: Request, rest: tuple[str, ...]) -> None:
    """Look for a file in a group or project that is not there.

    In one that is hidden it is looked for, too: neither may be answered sooner. `rest` are
    the segments that follow `-` (or `packages/pypi`).
    """
    match rest:
        case ("files", sha256, filename, *_):
            with suppress(KeyError):
                MissingFiles(request, None, "files")[sha256][filename]


class FilesOfDigest(Resource):
    """The files made of certain bytes."""

    __parent__: Files

    def __getitem__(self, segment: str) -> Resource:
        if len(segment) > MAX_FILENAME_LENGTH + len(METADATA_SUFFIX):
            raise KeyError(segment)
        filename = segment.removesuffix(METADATA_SUFFIX)
        file = find_stored_file(
            self.request.db,
            self.__parent__.scope,
            self.__name__,
            filename,
            viewer_of(self.request),
            with_metadata=filename != segment,
        )
        if file is None:
            raise KeyError(segment)
        return self.__parent__.download(self.request, self, segment, file)
