"""Many packages, written straight into the tables: uploads would take hours."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from pyregistry.builds.models import Build, FileBuild
from pyregistry.db import Base, Database
from pyregistry.namespaces.models import Namespace
from pyregistry.packaging.models import (
    File,
    Package,
    PackageDependency,
    PackageStatus,
    PackageText,
    Release,
)
from pyregistry.packaging.version_keys import version_key

_START = datetime(2026, 1, 1, tzinfo=UTC)
_AT_ONCE = 5_000
_WORDS = ("alpha", "bravo", "core", "data", "engine", "feed", "grid", "http", "index", "json")
_METADATA = {
    "metadata_version": "2.4",
    "summary": "A package of the benchmark",
    "classifiers": ["Programming Language :: Python :: 3", "Typing :: Typed"],
    "requires_dist": [f"dependency-{number} >=1.{number}" for number in range(12)],
}


_MODELS = (
    Package,
    PackageText,
    PackageDependency,
    PackageDependency,
    Release,
    File,
    Build,
    FileBuild,
)


def fill(database: Database, projects: list[int], count: int) -> None:
    """Write `count` packages with a release, a file and a build each, spread over projects.

    Names, versions and projects are mixed, so that no order of a list is that of another.
    """
    with database.writing() as session:
        numbers = _next_ids(session)
    for first in range(0, count, _AT_ONCE):
        rows = [
            list(each)
            for each in zip(
                *(
                    _rows(number, numbers + number, projects)
                    for number in range(first, min(first + _AT_ONCE, count))
                ),
                strict=True,
            )
        ]
        with database.writing() as session:
            for model, values in zip(_MODELS, rows, strict=True):
                session.execute(insert(model), values)
    with database.writing() as session:
        _count(session)
    tidy(database)


def _count(session: Session) -> None:
    """The counts that are kept of every group and project."""
    held = (
        select(func.count())
        .select_from(File)
        .where(File.project_id == Namespace.id)
        .scalar_subquery()
    )
    session.execute(
        update(Namespace).values(packages_count=held, files_count=held, storage_bytes=held)
    )


def _next_ids(session: Session) -> int:
    return session.execute(text("SELECT coalesce(max(id), 0) + 1 FROM releases")).scalar_one()


def _rows(number: int, row_id: int, projects: list[int]) -> Iterator[dict[str, Any]]:
    project_id = projects[number * 7919 % len(projects)]
    mixed = number * 48_271 % 2_147_483_647
    name = f"{_WORDS[mixed % 10]}-{_WORDS[mixed // 10 % 10]}-{mixed % 1_000_003}-{number}"
    version = f"{mixed % 7}.{mixed % 31}.{mixed % 101}"
    moment = _START + timedelta(seconds=number)
    digest = sha256(f"{row_id}".encode()).hexdigest()
    yield {
        "id": row_id,
        "project_id": project_id,
        "name": name,
        "normalized_name": name,
        "status": PackageStatus.ACTIVE,
        "serial": row_id,
        "latest_version": version,
        "latest_version_key": version_key(version),
        "published_at": moment,
        "summary": "A package of the benchmark",
        "releases_count": 1,
        "files_count": 1,
        "storage_bytes": mixed % 9_999_991,
        "pulls_count": mixed % 1_009,
        "created_at": moment,
    }
    of_package = {"package_id": row_id, "project_id": project_id, "normalized_name": name}
    # About as long as those of packages that people write are.
    said = " ".join(f"{word}{mixed % (number + 900)}" for number, word in enumerate(_WORDS))
    yield {**of_package, "search_text": f"{name}\nada lovelace\na package of\n{said}"}
    # One that all need, and one that few do: those of the metadata would be two million rows.
    yield {**of_package, "name": "dependency-0"}
    yield {**of_package, "name": f"few-need-{mixed % 1_009}"}
    yield {
        "id": row_id,
        "package_id": row_id,
        "project_id": project_id,
        "normalized_name": name,
        "version": version,
        "canonical_version": version,
        "version_key": version_key(version),
        "yanked": False,
        "core_metadata": _METADATA,
        "files_count": 1,
        "created_at": moment,
        "updated_at": moment,
    }
    yield {
        "id": row_id,
        "project_id": project_id,
        "package_id": row_id,
        "release_id": row_id,
        "filename": f"{name}-{version}.tar.gz",
        "packagetype": "sdist",
        "python_version": "source",
        "size": 1,
        "sha256": digest,
        "blake2b_256": digest,
        "md5": digest[:32],
        "storage": "local",
        "uploaded_at": moment,
    }
    yield {"id": row_id, "project_id": project_id, "ref": "main", "created_at": moment}
    yield {"file_id": row_id, "build_id": row_id}


def tidy(database: Database) -> None:
    """What autovacuum does on PostgreSQL sooner or later; nobody does it on SQLite.

    Rows whose ids were given are followed by those of others, too.
    """
    if database.engine.dialect.name != "postgresql":
        return
    with database.writing() as session:
        for model in (Namespace, Package, Release, File, Build):
            table = model.__tablename__
            session.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) "  # noqa: S608 -- a table of ours
                    f"FROM {table} HAVING max(id) IS NOT NULL"
                )
            )
    with database.engine.connect() as connection:
        plain = connection.execution_options(isolation_level="AUTOCOMMIT")
        for table in Base.metadata.tables:
            plain.execute(text(f'VACUUM ANALYZE "{table}"'))
