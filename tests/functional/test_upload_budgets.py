"""What an upload costs, in statements: the same, however much the registry holds."""

from typing import Any

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session

from pyregistry.packaging.models import File, Package, Release
from pyregistry.packaging.services.change import set_yanked
from pyregistry.packaging.version_keys import version_key
from tests.factories.distributions import Distribution, sdist, wheel
from tests.factories.statements import Statement, plans
from tests.factories.world import FOUNDER, World
from tests.functional.support import statements

SMALL, LARGE = "acme/small", "acme/large"
MANY = 200
UPLOADS: dict[str, tuple[Distribution, int]] = {
    "first file of a package": (wheel("another"), 31),
    "newer release": (wheel(version="999.0"), 29),
    "older release": (wheel(version="0.1"), 28),
    "second file of a release": (wheel(), 24),
    "same file again": (sdist(), 6),
}
"""What is uploaded to a project that has the sdist, and how many statements it may cost."""


def fill(world: World, project: int) -> None:
    """Make many packages beside the only one of a project, and many releases and files of it."""
    numbers = range(1_000, 1_000 + MANY)
    with world.components.database.writing() as session:
        package, release, file = (
            values_of(session, model, project) for model in (Package, Release, File)
        )
        rows: dict[type, list[dict[str, Any]]] = {Package: [], Release: [], File: []}
        for number in numbers:
            version = f"0.2.{number}"
            rows[Package].append({**package, "id": number, "normalized_name": f"demo-{number}"})
            rows[Release].append(
                {
                    **release,
                    "id": number,
                    "version": version,
                    "canonical_version": version,
                    "version_key": version_key(version),
                }
            )
            rows[File].append(
                {**file, "id": number, "release_id": number, "filename": f"demo-{number}.whl"}
            )
        for model, values in rows.items():
            session.execute(insert(model), values)


def values_of(session: Session, model: Any, project: int) -> dict[str, Any]:
    """The only row of a project."""
    row = session.scalars(select(model).where(model.project_id == project)).one()
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}


@pytest.mark.parametrize("case", UPLOADS)
def test_an_upload_costs_the_same_in_a_large_project(world: World, case: str) -> None:
    distribution, budget = UPLOADS[case]
    costs = []
    for path in (SMALL, LARGE):
        project, headers = world.project(path), world.publisher(path)
        world.upload(path, sdist(), headers)
        if path == LARGE:
            fill(world, project)
        with statements(world) as executed:
            world.upload(path, distribution, headers)
        costs.append(len(executed))
    assert costs[0] == costs[1] <= budget


@pytest.mark.parametrize("case", UPLOADS)
def test_an_upload_reads_rows_by_their_keys(world: World, case: str) -> None:
    if world.components.database.kind != "sqlite":
        pytest.skip("what PostgreSQL plans for a few rows is not what it does with many")
    distribution, _ = UPLOADS[case]
    world.project(SMALL)
    headers = world.publisher(SMALL)
    world.upload(SMALL, sdist(), headers)
    executed: list[Statement] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "UPDATE", "INSERT", "DELETE")):
            executed.append((statement, parameters))

    engine = world.components.database.engine
    event.listen(engine, "before_cursor_execute", note)
    world.upload(SMALL, distribution, headers)
    event.remove(engine, "before_cursor_execute", note)
    read = [line for plan in plans(world, executed) for line in plan.splitlines()]
    # The one row of the registry itself, and constants.
    small = ("instance_storage", "CONSTANT ROW")
    assert [line for line in read if line.startswith("SCAN") and not line.endswith(small)] == []


@pytest.mark.parametrize(("yanked", "latest"), [(False, "3.0"), (True, "2.0")])
def test_an_older_release_is_the_latest_where_all_others_are_yanked(
    world: World, *, yanked: bool, latest: str
) -> None:
    world.project(SMALL)
    headers = world.publisher(SMALL)
    for version in ("1.0", "3.0"):
        world.upload(SMALL, sdist(version=version), headers)
    with world.components.database.writing() as session:
        for release in session.scalars(select(Release)):
            set_yanked(session, release.id, yanked, None, FOUNDER, world.clock())
    world.upload(SMALL, sdist(version="2.0"), headers)
    with world.components.database.reading() as session:
        package = session.scalars(select(Package)).one()
    assert (package.latest_version, package.releases_count, package.files_count) == (latest, 3, 3)
