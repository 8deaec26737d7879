"""When a release was last pulled, and how often files of a package were."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select

from pyregistry.authnz.identity import Actor
from pyregistry.events.actions import Action
from pyregistry.events.models import Event, UsageCount
from pyregistry.events.services.record import Happening
from pyregistry.packaging.models import File, FileMetadata, Package, Release
from pyregistry.packaging.services.downloads import write_pulls
from tests.factories.recorded import digests_of, record
from tests.factories.world import START, World

MINUTE = timedelta(minutes=1)


@pytest.fixture
def project(world: World) -> int:
    """A project with the release 1.0 of `demo`."""
    project = world.project("acme/core")
    record(world, project, digests_of(b"bytes"))
    return project


def pull(project: int | None, moment: datetime, version: str | None = "1.0") -> Happening:
    """A note of a pull."""
    return Happening(
        Action.FILE_PULLED,
        Actor(),
        moment,
        project,
        "acme/core",
        "demo",
        version,
        "demo-1.0.tar.gz",
    )


def write(world: World, *pulls: Happening) -> None:
    with world.components.database.writing() as session:
        write_pulls(session, pulls)


def last_download(world: World) -> datetime | None:
    with world.components.database.reading() as session:
        return session.scalars(select(Release.last_downloaded_at)).one()


def pulls_count(world: World) -> int:
    with world.components.database.reading() as session:
        return session.scalars(select(Package.pulls_count)).one()


def test_pulls_are_counted(world: World, project: int) -> None:
    assert pulls_count(world) == 0
    write(world, pull(project, START), pull(project, START, "0.9"))
    write(world, pull(project, START + timedelta(days=1)))
    assert pulls_count(world) == 3
    other = world.project("acme/other")
    pushed = Happening(Action.FILE_PUSHED, Actor(), START, project, "acme/core", "demo", "1.0")
    write(world, pull(other, START), pull(None, START), pushed)
    assert pulls_count(world) == 3


def test_pulls_outlive_a_package_that_is_published_again(world: World, project: int) -> None:
    write(world, pull(project, START), pull(project, START))
    with world.components.database.writing() as session:
        for model in (FileMetadata, File, Release, Package):
            session.execute(delete(model))
    write(world, pull(project, START))
    record(world, project, digests_of(b"again"))
    assert pulls_count(world) == 3


def test_nothing_is_counted_for_what_took_the_number_of_a_project_that_is_gone(
    world: World, project: int
) -> None:
    write(world, pull(project, START - MINUTE))
    assert (pulls_count(world), last_download(world)) == (0, None)


def test_the_last_pull_counts(world: World, project: int) -> None:
    assert last_download(world) is None
    write(world, pull(project, START), pull(project, START + MINUTE), pull(project, START - MINUTE))
    assert last_download(world) == START + MINUTE
    assert world.count(Event) >= 3


def test_an_earlier_pull_that_is_written_later_changes_nothing(world: World, project: int) -> None:
    write(world, pull(project, START))
    write(world, pull(project, START - MINUTE))
    assert last_download(world) == START
    write(world, pull(project, START + MINUTE))
    assert last_download(world) == START + MINUTE


def test_pulls_of_something_else(world: World, project: int) -> None:
    other = world.project("acme/other")
    pushed = Happening(Action.FILE_PUSHED, Actor(), START, project, "acme/core", "demo", "1.0")
    write(
        world,
        pull(other, START),
        pull(project, START, "2.0"),
        pull(project, START, None),
        pull(None, START),
        pushed,
    )
    assert last_download(world) is None


def test_what_is_gone_by_now_is_counted_all_the_same(world: World, project: int) -> None:
    with world.components.database.writing() as session:
        for model in (FileMetadata, File, Release):
            session.execute(delete(model))
    write(world, pull(project, START))
    with world.components.database.reading() as session:
        counts = select(UsageCount.count).where(UsageCount.action == Action.FILE_PULLED)
        assert session.scalars(counts).one() == 1


def test_it_is_no_change_of_the_release(world: World, project: int) -> None:
    write(world, pull(project, START + MINUTE))
    with world.components.database.reading() as session:
        assert session.scalars(select(Release.updated_at)).one() == START
