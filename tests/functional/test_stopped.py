"""A server that is stopped loses no pull that it has not counted yet."""

from pathlib import Path

import pytest
from sqlalchemy import select

from pyregistry.db import Database
from pyregistry.events.models import UsageCount
from tests.factories import uploads
from tests.factories.distributions import wheel
from tests.factories.running import KillableServer
from tests.factories.world import basic, fields_of


@pytest.mark.clients
def test_pulls_are_counted_at_a_normal_stop(repository: Path, tmp_path: Path) -> None:
    # Nothing but the stop can have written them: the interval is a day.
    server = KillableServer(repository, tmp_path, PYREGISTRY_EVENTS_FLUSH_INTERVAL="1 day")
    server.command("setup", "--demo")
    secret = server.command(
        "token", "create", "--user", "admin", "--name", "test", "--scope", "api"
    ).strip()
    distribution = wheel()
    content_type, body = uploads.twine(
        fields_of(distribution), distribution.filename, distribution.content
    )
    server.start()
    headers = basic(secret)
    upload = {**headers, "Content-Type": content_type}
    assert server.request("POST", "/demo/sandbox/-/legacy/", body, upload).status == 200
    path = f"/demo/sandbox/-/files/{distribution.sha256}/{distribution.filename}"
    for _ in range(5):
        assert server.request("GET", path, headers=headers).body == distribution.content
    assert _counted(server) == {"file.pushed": 1}
    server.stop()
    assert _counted(server) == {"file.pushed": 1, "file.pulled": 5}


def _counted(server: KillableServer) -> dict[str, int]:
    database = Database(server.database_url)
    with database.reading() as session:
        rows = session.execute(select(UsageCount.action, UsageCount.count)).all()
    database.dispose()
    return {row.action: row.count for row in rows}
