"""Several hosts are set up at once: one schema, one administrator."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, select, text

from pyregistry import schema
from pyregistry.accounts.models import User
from pyregistry.db import Database
from pyregistry.namespaces.models import Namespace

pytestmark = pytest.mark.thorough

PYREGISTRY = Path(sys.executable).with_name("pyregistry")
PROCESSES = 4
PATIENCE = 240  # seconds until a test that hangs is given up
INI = """
[app:main]
use = egg:pyregistry-server
pyregistry.data = data
[server:main]
use = egg:pyregistry-server#waitress
"""


@pytest.fixture
def empty(database_url: URL) -> Iterator[Database]:
    """A database with nothing in it at all."""
    database = Database(database_url)
    schema.downgrade(database, "base")
    with database.writing() as session:
        session.execute(text("DROP TABLE alembic_version"))
    yield database
    database.dispose()


def set_up(folder: Path, url: URL, repository: Path) -> "subprocess.Popen[str]":
    """`pyregistry setup --demo` in a process of its own, as on a host of its own."""
    return subprocess.Popen(
        [PYREGISTRY, "--config", folder / "registry.ini", "setup", "--demo"],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(repository),
            "PYREGISTRY_DATABASE_URL": url.render_as_string(hide_password=False),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_one_schema_and_one_administrator(
    empty: Database, tmp_path: Path, repository: Path
) -> None:
    (tmp_path / "registry.ini").write_text(INI)
    url = empty.engine.url
    running = [set_up(tmp_path, url, repository) for _ in range(PROCESSES)]
    done = [(each.communicate(timeout=PATIENCE), each.returncode) for each in running]
    assert [code for _, code in done] == [0] * PROCESSES, done
    assert [said[1] for said, _ in done] == [""] * PROCESSES
    # What is shown once is shown by one of them.
    assert sum("Password:" in said[0] for said, _ in done) == 1
    assert schema.problem(empty) is None
    schema.check(empty)
    with empty.reading() as session:
        assert session.scalars(select(User.username)).all() == ["admin"]
        paths = session.scalars(select(Namespace.full_path).order_by(Namespace.id)).all()
        assert paths == ["demo", "demo/sandbox"]
