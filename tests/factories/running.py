"""A server process that a test ends in its own way."""

from sqlalchemy import URL

from tests.clients.server import PATIENCE, Server


class KillableServer(Server):
    """A registry as `pserve` serves it, which can be killed and started again."""

    def kill(self) -> None:
        """End the process by SIGKILL: it can do nothing about it, and nothing after it."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(PATIENCE)

    @property
    def database_url(self) -> URL:
        """The database that the server works on."""
        return URL.create("sqlite", database=str(self.data / "pyregistry.sqlite3"))
