"""What the services of packaging refuse."""

from typing import Self

from pyregistry.errors import Conflict, Invalid, NotAllowed, NotFound


class PackageNotFound(NotFound):
    """There is no such package, release or file."""


class FileExists(Conflict):
    """The filename is taken by other bytes. Clients look for the words `already exists`."""

    @classmethod
    def told(cls, filename: str, held: str, sent: str) -> Self:
        """The refusal that tells the SHA-256 digests of the bytes held, and of those sent."""
        return cls(
            f"{filename} already exists in this project with other content: its SHA-256 is "
            f"{held}, that of this upload {sent}. Publish a new version instead."
        )


class PackageClosed(NotAllowed):
    """The package's status refuses uploads or downloads (PEP 792)."""


class InvalidChange(Invalid):
    """A change to a package or release breaks a rule."""

    about = "reason"


class FilesReplaced(Conflict):
    """The index of a group would show other files than those that are published there."""
