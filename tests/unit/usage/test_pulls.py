"""How often a package was pulled on each day, and who pulled it lately."""

from datetime import date, datetime, timedelta

import pytest

from pyregistry.authnz.identity import Actor
from pyregistry.authnz.permissions import CredentialKind
from pyregistry.events.actions import Action
from pyregistry.events.services.record import Happening
from pyregistry.packaging.services.downloads import write_pulls
from pyregistry.usage.services import pulls
from pyregistry.usage.services.pulls import DayCount, Puller, Pullers, pulls_by_day, who_pulled
from tests.factories.statements import plans, statements
from tests.factories.world import START, World

DAY = timedelta(days=1)


@pytest.fixture
def project(world: World) -> int:
    """A project from which `ada` has pulled twice, `bo` and nobody in particular once each."""
    # What is older than a project counts for another that had its number.
    world.clock.moment = START - 60 * DAY
    project = world.project("acme/core")
    world.user("ada")
    pull(world, project, START - 40 * DAY, "bo")
    pull(world, project, START - 2 * DAY, "ada")
    pull(world, project, START - DAY, "ada", version="2.0")
    pull(world, project, START, None)
    pull(world, project, START, "bo", filename="demo-1.0.zip")
    pull(world, project, START, "carl", package="other")
    pull(world, world.project("acme/other"), START, "dora")
    return project


def pull(
    world: World,
    project: int,
    moment: datetime,
    username: str | None,
    *,
    package: str = "demo",
    version: str = "1.0",
    filename: str = "demo-1.0.tar.gz",
) -> None:
    actor = Actor(world.users.get(username or ""), username)
    happening = Happening(
        Action.FILE_PULLED, actor, moment, project, "acme/core", package, version, filename
    )
    with world.components.database.writing() as session:
        write_pulls(session, [happening])


def pullers(world: World, project: int, **chosen: str) -> Pullers:
    with world.components.database.reading() as session:
        return who_pulled(session, project, "demo", START - 30 * DAY, **chosen)


def test_days_without_pulls_are_there(world: World, project: int) -> None:
    first = date(2026, 11, 20)
    with world.components.database.reading() as session:
        found = pulls_by_day(session, project, "demo", first, date(2026, 11, 23))
        nothing = pulls_by_day(session, project, "unknown", first, first)
    assert [(each.day.day, each.count) for each in found] == [(20, 0), (21, 1), (22, 1), (23, 2)]
    assert nothing == [DayCount(first, 0)]


def test_who_pulled(world: World, project: int) -> None:
    assert pullers(world, project) == Pullers(
        [Puller("ada", 2, START - DAY), Puller("bo", 1, START), Puller(None, 1, START)],
        total=3,
        pulls=4,
        is_complete=True,
    )


def test_a_deploy_token_called_like_a_user_is_another(world: World, project: int) -> None:
    token = Actor(None, "ada", CredentialKind.DEPLOY_TOKEN)
    happening = Happening(
        Action.FILE_PULLED, token, START, project, "acme/core", "demo", "1.0", "demo-1.0.tar.gz"
    )
    with world.components.database.writing() as session:
        write_pulls(session, [happening])
    assert pullers(world, project).most[:3] == [
        Puller("ada", 2, START - DAY),
        Puller("ada", 1, START, is_deploy_token=True),
        Puller("bo", 1, START),
    ]


def test_of_a_release_and_of_a_file(world: World, project: int) -> None:
    assert pullers(world, project, version="2.0").most == [Puller("ada", 1, START - DAY)]
    assert pullers(world, project, filename="demo-1.0.zip").most == [Puller("bo", 1, START)]
    nobody = pullers(world, project, version="3.0")
    assert nobody == Pullers([], total=0, pulls=0, is_complete=True)


def test_more_than_are_shown(world: World, project: int) -> None:
    with world.components.database.reading() as session:
        found = who_pulled(session, project, "demo", START - 50 * DAY, limit=1)
    assert (len(found.most), found.total, found.pulls) == (1, 3, 5)


def test_more_than_are_looked_at(
    world: World, project: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulls, "_LOOKED_AT", 2)
    found = pullers(world, project)
    assert found.most == [Puller("bo", 1, START), Puller(None, 1, START)]
    assert not found.is_complete


def test_the_index_of_pulls_is_used(world: World, project: int) -> None:
    with statements(world) as executed:
        pullers(world, project)
    if world.components.database.kind != "sqlite":
        pytest.skip("PostgreSQL plans by what there is")
    assert len(executed) == 2
    for plan in plans(world, executed):
        assert "ix_events_pull_namespace_id_package_occurred_at" in plan
        assert "SCAN events" not in plan
