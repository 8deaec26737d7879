"""The pages behind the `-` of a package and of a release, and the note of a copied command.

<package>/-/{delete, status}
<version>/-/{delete, yank, unyank, files/<filename>/delete}
/<group or project>/-/copied
"""

from typing import ClassVar

from pyramid.request import Request

from pyregistry.packaging import models
from pyregistry.resources.base import Resource
from pyregistry.resources.pages.base import NamespacePage


class CopiedCommand(NamespacePage):
    """Where a project's pages tell that somebody copied a command."""


class CopiedGroupCommand(NamespacePage):
    """Where a group's page tells that somebody copied a command."""


class PackagePage(Resource):
    """A page of a package. Who may do what there, the project says."""

    def __init__(
        self, request: Request, parent: Resource, name: str, package: models.Package
    ) -> None:
        super().__init__(request, parent, name)
        self.package = package


class DeletePackagePage(PackagePage):
    """Deletes a package with everything in it."""


class PackageStatusPage(PackagePage):
    """Sets the status of a package (PEP 792)."""


class PackageEndpoints(PackagePage):
    """What lies behind a package's `-`."""

    below: ClassVar[dict[str, type[PackagePage]]] = {
        "delete": DeletePackagePage,
        "status": PackageStatusPage,
    }

    def __getitem__(self, segment: str) -> Resource:
        return self.below[segment](self.request, self, segment, self.package)


class ReleasePage(PackagePage):
    """A page of a release."""

    def __init__(
        self,
        request: Request,
        parent: Resource,
        name: str,
        package: models.Package,
        release: models.Release,
    ) -> None:
        super().__init__(request, parent, name, package)
        self.release = release


class DeleteReleasePage(ReleasePage):
    """Deletes a release with its files."""


class YankPage(ReleasePage):
    """Yanks a release (PEP 592)."""


class UnyankPage(ReleasePage):
    """Takes a yank back."""


class DeleteFilePage(ReleasePage):
    """Deletes a file."""

    @property
    def filename(self) -> str:
        """The name that the address gives; whether the release has such a file, services say.

        It is compared with names, and never reaches a file system.
        """
        above = self.__parent__
        return above.__name__ if above is not None else ""


class FilePages(ReleasePage):
    """The pages of one file of a release."""

    def __getitem__(self, segment: str) -> Resource:
        if segment != "delete":
            raise KeyError(segment)
        return DeleteFilePage(self.request, self, segment, self.package, self.release)


class ReleaseFiles(ReleasePage):
    """The files of a release, by their names."""

    def __getitem__(self, segment: str) -> Resource:
        return FilePages(self.request, self, segment, self.package, self.release)


class ReleaseEndpoints(ReleasePage):
    """What lies behind a release's `-`."""

    below: ClassVar[dict[str, type[ReleasePage]]] = {
        "delete": DeleteReleasePage,
        "yank": YankPage,
        "unyank": UnyankPage,
        "files": ReleaseFiles,
    }

    def __getitem__(self, segment: str) -> Resource:
        return self.below[segment](self.request, self, segment, self.package, self.release)
