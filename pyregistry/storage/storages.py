"""The storages of a registry: where new files go, and where those lie that it has."""

from collections.abc import Iterator
from threading import Lock

from pyregistry.settings import PREFIX, Settings
from pyregistry.storage.errors import StorageUnavailable
from pyregistry.storage.interfaces import IFileStorage
from pyregistry.storage.local import LocalStorage

LOCAL = "local"
S3 = "s3"
NAMES = (LOCAL, S3)


class Storages:
    """Finds a storage by the name that the row of a file holds.

    What S3 needs is loaded when it is configured and first asked for. Nothing is opened here.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._made: dict[str, IFileStorage] = {}

    @property
    def default(self) -> IFileStorage:
        """Where new files go."""
        return self.named(self._settings.storage)

    def named(self, name: str) -> IFileStorage:
        """The storage with that name.

        Raises `StorageUnavailable` where it is not configured.
        """
        with self._lock:
            if name not in self._made:
                self._made[name] = self._make(name)
            return self._made[name]

    def configured(self) -> Iterator[IFileStorage]:
        """Every storage that may hold files: where new ones go first, then the others.

        The folder of `local` need not be there where new files go elsewhere.
        """
        yield self.default
        settings = self._settings
        if settings.storage != LOCAL and settings.storage_local_folder.is_dir():
            yield self.named(LOCAL)
        if settings.storage != S3 and settings.storage_s3_bucket is not None:
            yield self.named(S3)

    def check_at_start(self) -> None:
        """Ask a service that new files go to whether it takes them, and let go of it.

        Folders are not asked: what is wrong with them is seen at once, and may be put right
        while the registry runs. Raises `StorageFull` or `StorageUnavailable`.
        """
        if self._settings.storage != LOCAL:
            self.default.check()
            self.close()

    def close(self) -> None:
        """Close connections that are open; the next use opens new ones."""
        with self._lock:
            made = list(self._made.values())
        for storage in made:
            storage.close()

    def _make(self, name: str) -> IFileStorage:
        if name == LOCAL:
            return LocalStorage(self._settings.storage_local_folder)
        if name != S3 or self._settings.storage_s3_bucket is None:
            raise StorageUnavailable(
                f"This needs the storage {name}, which is not configured:"
                f" set {PREFIX}storage.{name}.…"
                " as it was where files lie in it."
            )
        from pyregistry.storage.s3.options import options_of
        from pyregistry.storage.s3.storage import S3Storage

        options = options_of(self._settings)
        if options is None:
            raise RuntimeError("a bucket is named and there are no options")
        return S3Storage(options)
