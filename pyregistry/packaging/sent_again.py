"""The body of a download that was answered before: the file as it lies in the folder now."""

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

from pyregistry.http.sending import sent_by_server
from pyregistry.storage.errors import StorageError
from pyregistry.storage.interfaces import IFileStorage


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A whole file of a folder, which is opened anew each time.

    Where it cannot be, the application tells why.
    """

    storage: IFileStorage
    sha256: str
    length: int

    @property
    def size(self) -> int:
        """Nothing of it lies in memory."""
        return 0

    def again(self, environ: MutableMapping[str, Any]) -> Iterable[bytes] | None:
        """The file, in the server's own wrapper where that has one."""
        try:
            file = self.storage.open(self.sha256, length=self.length)
        except StorageError:
            return None
        return sent_by_server(environ, file)


@dataclass(frozen=True, slots=True)
class ForNginx:
    """No body: a header tells nginx where the file lies. It is looked for each time."""

    storage: IFileStorage
    sha256: str

    @property
    def size(self) -> int:
        """Nothing of it lies in memory."""
        return 0

    def again(self, _environ: MutableMapping[str, Any]) -> Iterable[bytes] | None:
        """Nothing, as long as the file is there."""
        try:
            path = self.storage.local_path(self.sha256)
        except StorageError:
            return None
        return None if path is None else [b""]
