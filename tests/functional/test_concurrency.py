"""Many at once: nothing is lost, nothing is counted twice, one filename has one winner."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select
from webtest import TestApp

from pyregistry.authnz.roles import Role
from pyregistry.events.models import Event, UsageCount
from pyregistry.packaging.models import File, Package, Release
from pyregistry.upkeep.services.counts import miscounts
from tests.factories import uploads
from tests.factories.distributions import Distribution, sdist, wheel
from tests.factories.limits import set_limits, used
from tests.factories.world import World, fields_of
from tests.functional.support import PROJECT, names_in, project_row, read_json

pytestmark = pytest.mark.thorough

THREADS = 8
ADDRESS = f"/{PROJECT}/-/legacy/"


@pytest.fixture
def headers(world: World) -> dict[str, str]:
    """The headers of a maintainer of a public project."""
    world.project(PROJECT, "public")
    world.member(PROJECT, "mia", Role.MAINTAINER)
    return world.as_("mia")


def at_once(tasks: list[Callable[[], Any]]) -> list[Any]:
    """Run the tasks, each in a thread of its own, beginning at the same moment."""
    barrier = Barrier(len(tasks))

    def run(task: Callable[[], Any]) -> Any:
        barrier.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as threads:
        return list(threads.map(run, tasks))


def uploader(
    world: World, headers: dict[str, str], distributions: list[Distribution]
) -> Callable[[], list[int]]:
    """A client of its own that publishes one distribution after the other."""
    app = TestApp(world.app.app, extra_environ={"REMOTE_ADDR": "192.0.2.7"})

    def publish() -> list[int]:
        statuses = []
        for each in distributions:
            content_type, body = uploads.twine(fields_of(each), each.filename, each.content)
            sent = {**headers, "Content-Type": content_type}
            statuses.append(app.post(ADDRESS, body, headers=sent, status="*").status_int)
        return statuses

    return publish


def deleter(world: World, headers: dict[str, str], addresses: list[str]) -> Callable[[], list[int]]:
    """A client of its own that deletes one thing after the other."""
    app = TestApp(world.app.app, extra_environ={"REMOTE_ADDR": "192.0.2.7"})
    return lambda: [
        app.delete(address, headers=headers, status="*").status_int for address in addresses
    ]


def check_counts(world: World) -> None:
    """Every count says what the rows say."""
    project = project_row(world)
    with world.components.database.reading() as session:
        files, size = session.execute(
            select(func.count(File.id), func.coalesce(func.sum(File.size), 0))
        ).one()
        packages = session.scalars(select(Package)).all()
        assert (project.packages_count, project.files_count) == (len(packages), files)
        assert project.storage_bytes == size
        for package in packages:
            own = select(func.count(), func.sum(File.size)).where(File.package_id == package.id)
            assert (package.files_count, package.storage_bytes) == tuple(session.execute(own).one())
            releases = session.scalars(
                select(Release).where(Release.package_id == package.id)
            ).all()
            assert package.releases_count == len(releases)
            for release in releases:
                assert (
                    release.files_count
                    == session.scalars(
                        select(func.count()).where(File.release_id == release.id)
                    ).one()
                )
        pushed = session.scalars(
            select(func.count()).select_from(Event).where(Event.action == "file.pushed")
        ).one()
        counted = session.scalars(
            select(func.sum(UsageCount.count)).where(UsageCount.action == "file.pushed")
        ).one()
        assert counted == pushed
        assert not miscounts(session)


def test_many_uploads_into_one_package(world: World, headers: dict[str, str]) -> None:
    batches = [
        [wheel(version=f"{thread}.{number}") for number in range(4)] for thread in range(THREADS)
    ]
    statuses = at_once([uploader(world, headers, batch) for batch in batches])
    assert statuses == [[200] * 4] * THREADS
    check_counts(world)
    assert world.count(File) == THREADS * 4
    assert world.stored_objects() == {each.sha256 for batch in batches for each in batch}
    page = read_json(world, f"/{PROJECT}/-/simple/demo-package/")
    assert len(page["versions"]) == THREADS * 4


def test_many_uploads_for_the_last_bytes(world: World, headers: dict[str, str]) -> None:
    """Two that see the same room do not both get it."""
    batches = [[wheel(tags=f"py3-none-plat{thread}")] for thread in range(THREADS)]
    limit = 3 * max(len(batch[0].content) for batch in batches)
    set_limits(world, "acme", storage_limit=limit)
    statuses = at_once([uploader(world, headers, batch) for batch in batches])
    assert sorted(statuses) == [[200]] * 3 + [[413]] * (THREADS - 3)
    assert world.count(File) == 3
    assert used(world, "acme") <= limit
    check_counts(world)


def test_many_uploads_into_one_release(world: World, headers: dict[str, str]) -> None:
    batches = [[wheel(tags=f"py3-none-plat{thread}")] for thread in range(THREADS)]
    assert at_once([uploader(world, headers, batch) for batch in batches]) == [[200]] * THREADS
    check_counts(world)
    assert (world.count(Package), world.count(Release), world.count(File)) == (1, 1, THREADS)


def test_serials_are_unique(world: World, headers: dict[str, str]) -> None:
    batches = [[sdist(f"package-{thread}")] for thread in range(THREADS)]
    at_once([uploader(world, headers, batch) for batch in batches])
    check_counts(world)
    index = read_json(world, f"/{PROJECT}/-/simple/")
    serials = [project["_last-serial"] for project in index["projects"]]
    assert len(set(serials)) == THREADS
    assert index["meta"]["_last-serial"] == max(serials)
    assert len(names_in(world, "/-/simple/")) == THREADS


def test_one_filename_with_other_bytes_has_one_winner(
    world: World, headers: dict[str, str]
) -> None:
    rivals = [sdist(files={"who.txt": b"%d" % thread}) for thread in range(THREADS)]
    statuses = at_once([uploader(world, headers, [rival]) for rival in rivals])
    assert sorted(status for (status,) in statuses) == [200] + [409] * (THREADS - 1)
    winner = rivals[[status for (status,) in statuses].index(200)]
    file = world.file_named(winner.filename)
    assert file is not None
    assert file.sha256 == winner.sha256
    check_counts(world)
    assert world.leftovers() == []


def test_the_same_bytes_from_many(world: World, headers: dict[str, str]) -> None:
    statuses = at_once([uploader(world, headers, [sdist()]) for _ in range(THREADS)])
    assert statuses == [[200]] * THREADS
    assert world.count(File) == 1
    check_counts(world)


def test_deletes_beside_uploads(world: World, headers: dict[str, str]) -> None:
    old = [wheel(version=f"1.{number}") for number in range(THREADS)]
    uploader(world, headers, old)()
    with world.components.database.reading() as session:
        releases = session.scalars(select(Release.id)).all()
    api = "/api/v4/projects/acme%2Fcore/packages"
    tasks = [
        *(deleter(world, headers, [f"{api}/{release}"]) for release in releases[:4]),
        *(uploader(world, headers, [wheel(version=f"2.{number}")]) for number in range(4)),
    ]
    assert at_once(tasks) == [[204]] * 4 + [[200]] * 4
    check_counts(world)
    assert world.count(File) == THREADS


def test_one_release_deleted_by_many(world: World, headers: dict[str, str]) -> None:
    uploader(world, headers, [wheel(), wheel(version="2.0")])()
    with world.components.database.reading() as session:
        release = session.scalars(select(Release.id).order_by(Release.id)).first()
    address = f"/api/v4/projects/acme%2Fcore/packages/{release}"
    statuses = at_once([deleter(world, headers, [address]) for _ in range(4)])
    assert sorted(status for (status,) in statuses) == [204, 404, 404, 404]
    check_counts(world)


def test_pulls_from_many_are_all_counted(world: World, headers: dict[str, str]) -> None:
    distribution = wheel()
    uploader(world, headers, [distribution])()
    address = f"/{PROJECT}/-/files/{distribution.sha256}/{distribution.filename}"

    def pull() -> None:
        app = TestApp(world.app.app, extra_environ={"REMOTE_ADDR": "192.0.2.7"})
        for _ in range(5):
            app.get(address)

    at_once([pull] * THREADS)
    world.components.recorder.stop()
    with world.components.database.reading() as session:
        count = session.scalars(
            select(UsageCount.count).where(UsageCount.action == "file.pulled")
        ).one()
    assert count == THREADS * 5
