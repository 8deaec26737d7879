"""Two storages of a registry, both in folders, and files in them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import select, update

from pyregistry.authnz.identity import Actor
from pyregistry.namespaces.models import Namespace
from pyregistry.packaging.models import File
from pyregistry.packaging.services.record import record_file
from pyregistry.storage.errors import StorageUnavailable
from pyregistry.storage.interfaces import IFileStorage, ObjectReader, PendingObject
from pyregistry.storage.local import LocalStorage
from tests.factories.recorded import anything, digests_of, new_file
from tests.factories.world import World

Meanwhile = Callable[[str], None]
"""What somebody else does at a certain moment; called with the digest where there is one."""


def nothing(_sha256: str) -> None:
    """Nobody else does anything."""


class Shelf(LocalStorage):
    """A storage in a folder, with a name, where others do something at certain moments."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(folder)
        self.name = name
        self.on_open: Meanwhile = nothing
        self.on_begin: Meanwhile = nothing
        self.on_exists: Meanwhile = nothing
        self.on_renew: Meanwhile = nothing

    def open(self, sha256: str, *, start: int = 0, length: int | None = None) -> ObjectReader:
        self.on_open(sha256)
        return super().open(sha256, start=start, length=length)

    def begin(self) -> PendingObject:
        self.on_begin("")
        return super().begin()

    def exists(self, sha256: str) -> bool:
        self.on_exists(sha256)
        return super().exists(sha256)

    def renew(self, sha256: str) -> None:
        self.on_renew(sha256)
        super().renew(sha256)

    def put(self, content: bytes) -> str:
        """Store bytes, and return their digest."""
        with super().begin() as pending:
            pending.write(content)
            return pending.store().sha256

    def damage(self, sha256: str, content: bytes = b"damaged") -> None:
        """Have the storage hold other bytes for a digest."""
        path = self._path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@dataclass
class Shelves:
    """The storages `local` and `s3` of a world."""

    world: World
    folder: Path
    local: Shelf = field(init=False)
    s3: Shelf = field(init=False)
    _projects: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.local = Shelf("local", self.folder / "local")
        self.s3 = Shelf("s3", self.folder / "s3")
        self.local.prepare()

    def named(self, name: str) -> IFileStorage:
        """As `Storages.named` does."""
        for shelf in (self.local, self.s3):
            if shelf.name == name:
                return shelf
        raise StorageUnavailable(f"the storage {name}, which is not configured")

    def publish(
        self,
        content: bytes,
        filename: str = "demo-1.0.tar.gz",
        *,
        project: str = "acme/core",
        shelf: Shelf | None = None,
        size: int | None = None,
    ) -> str:
        """Store and record a file as an upload does, and return its digest."""
        shelf = shelf or self.local
        sha256 = shelf.put(content)
        self.record(content, filename, project=project, shelf=shelf, size=size)
        return sha256

    def record(
        self,
        content: bytes,
        filename: str,
        *,
        project: str = "acme/core",
        shelf: Shelf | None = None,
        size: int | None = None,
    ) -> int:
        """Record a file that is made of these bytes, and return its id."""
        if project not in self._projects:
            self._projects[project] = self.world.project(project)
        new = replace(
            new_file(digests_of(content), filename),
            storage=(shelf or self.local).name,
            size=len(content) if size is None else size,
        )
        with self.world.components.database.writing() as session:
            namespace = session.get_one(Namespace, self._projects[project])
            return record_file(
                session, namespace, new, Actor(), self.world.clock(), permit=anything
            ).id

    def publish_many(self, number: int) -> list[str]:
        """So many different files; their digests in order."""
        return sorted(
            self.publish(f"content {each}".encode(), f"demo-1.{each}.tar.gz")
            for each in range(number)
        )

    def switch(self, sha256: str, shelf: Shelf) -> None:
        """Have all files of a digest name another storage."""
        with self.world.components.database.writing() as session:
            session.execute(update(File).where(File.sha256 == sha256).values(storage=shelf.name))

    def rows(self) -> dict[str, set[str]]:
        """The digests that files name, by storage."""
        found: dict[str, set[str]] = {}
        with self.world.components.database.reading() as session:
            for storage, sha256 in session.execute(select(File.storage, File.sha256)):
                found.setdefault(storage, set()).add(sha256)
        return found
