"""What the services of packaging refuse."""

from pyregistry.errors import Conflict, Invalid, NotAllowed, NotFound


class PackageNotFound(NotFound):
    """There is no such package, release or file."""


class FileExists(Conflict):
    """The filename is taken by other bytes. Clients look for the words `already exists`."""


class PackageClosed(NotAllowed):
    """The package's status refuses uploads or downloads (PEP 792)."""


class InvalidChange(Invalid):
    """A change to a package or release breaks a rule."""

    about = "reason"


class FilesReplaced(Conflict):
    """The index of a group would show other files than those that are published there."""
