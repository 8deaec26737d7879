"""Job tokens: created for one job, forgotten with what nothing names any more."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.authnz.roles import Role
from pyregistry.builds.models import Build
from pyregistry.builds.services.record import BuildFacts
from pyregistry.errors import Invalid, NotAllowed
from pyregistry.events.models import Event
from pyregistry.namespaces.services.create import find
from pyregistry.packaging.models import File
from pyregistry.packaging.services.builds import files_slice
from pyregistry.packaging.services.change import delete_file
from pyregistry.packaging.services.record import record_file
from pyregistry.slices import Window
from pyregistry.tokens.models import Token
from pyregistry.tokens.secrets import digest
from pyregistry.tokens.services.jobs import Minter, create_job_token, lifetime_of, mint_job_token
from tests.factories.recorded import anything, digests_of, new_file
from tests.factories.world import World

PATH = "acme/core"
FACTS = BuildFacts(pipeline_id="1", job_id="2", ref="main", started_by="ada")
BOT = Actor(username="a bot", credential_kind="project_access_token", credential_name="CI")


def permitted(_session: Session) -> None:
    """Of a caller who may still do it."""


def token_of(session: Session, secret: str) -> Token:
    """The row of a token."""
    return session.scalars(select(Token).where(Token.digest == digest(secret))).one()


def mint(
    world: World,
    facts: BuildFacts = FACTS,
    *,
    lifetime: timedelta = timedelta(hours=1),
    ends: datetime | None = None,
    still_permitted: Callable[[Session], None] = permitted,
) -> str:
    """Create a job token as the bot of a new access token, which expires at `ends`."""
    maker = world.access_token(PATH, Role.MAINTAINER, expires_at=ends)
    with world.components.database.writing() as session:
        by = Minter(BOT, token_of(session, maker).id, still_permitted)
        project_id, now = find(session, PATH).id, world.clock()
        _, secret = mint_job_token(session, project_id, facts, lifetime=lifetime, by=by, now=now)
        return secret


def created(world: World) -> list[Event]:
    with world.components.database.reading() as session:
        return list(session.scalars(select(Event).where(Event.action == "token.created")))


def publish(world: World, secret: str, filename: str) -> File:
    """Record a file as the holder of a job token uploads it."""
    new = new_file(digests_of(b"demo"), filename)
    with world.components.database.writing() as session:
        token = token_of(session, secret)
        actor = Actor(username=token.username, build_id=token.build_id)
        project = find(session, PATH)
        return record_file(session, project, new, actor, world.clock(), permit=anything)


def builds_of(world: World, release_id: int) -> dict[str, str | None]:
    """The job of each file of a release."""
    with world.components.database.reading() as session:
        files = files_slice(session, release_id, Window(100)).rows
        return {file.filename: file.build.job_id if file.build else None for file in files}


def jobs_known(world: World) -> set[str | None]:
    with world.components.database.reading() as session:
        return set(session.scalars(select(Build.job_id)))


def test_a_token_with_its_build_and_maker(world: World) -> None:
    project = world.project(PATH)
    secret = mint(world)
    with world.components.database.reading() as session:
        token = token_of(session, secret)
        build = session.get_one(Build, token.build_id)
        maker = session.get_one(Token, token.minted_by_id)
    assert (token.kind, token.name, token.username) == ("job_token", "job 2", None)
    assert token.scopes == ["read_package_registry", "write_package_registry"]
    assert (token.user_id, token.namespace_id) == (None, project)
    assert token.expires_at == world.clock() + timedelta(hours=1)
    assert (build.project_id, build.job_id, build.issuer) == (project, "2", None)
    assert maker.kind == "project_access_token"


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        (BuildFacts(job_id="7", pipeline_id="1"), "job 7"),
        (BuildFacts(pipeline_id="1"), "pipeline 1"),
        (BuildFacts(ref="main"), "build {id}"),
        (BuildFacts(job_id="x" * 255), "job " + "x" * 251),
    ],
)
def test_what_events_call_it(world: World, facts: BuildFacts, name: str) -> None:
    world.project(PATH)
    secret = mint(world, facts)
    with world.components.database.reading() as session:
        token = token_of(session, secret)
    assert token.name == name.format(id=token.build_id)


def test_an_event_tells_of_everything_but_the_secret(world: World) -> None:
    project = world.project(PATH)
    secret = mint(world)
    (event,) = created(world)
    with world.components.database.reading() as session:
        token = token_of(session, secret)
    assert (event.namespace_id, event.namespace_path) == (project, PATH)
    assert (event.actor_name, event.credential_name) == ("a bot", "CI")
    assert event.details == {
        "kind": "job_token",
        "name": "job 2",
        "scopes": ["read_package_registry", "write_package_registry"],
        "build": {"pipeline_id": "1", "job_id": "2", "ref": "main", "started_by": "ada"},
        "before": None,
        "after": {"token_id": token.id, "expires_at": "2026-11-23T13:00:00+00:00"},
    }
    assert secret not in str(event.details)


@pytest.mark.parametrize("seconds", [60, 61, 3600, 86399, 86400])
def test_lifetimes(seconds: int) -> None:
    assert lifetime_of(seconds) == timedelta(seconds=seconds)


def test_an_hour_is_usual() -> None:
    assert lifetime_of(None) == timedelta(hours=1)


@pytest.mark.parametrize("seconds", [0, 59, 86401, 10**17])
def test_other_lifetimes_are_refused(seconds: int) -> None:
    with pytest.raises(Invalid, match="expires_in"):
        lifetime_of(seconds)


@pytest.mark.parametrize("lifetime", [timedelta(seconds=59), timedelta(days=1, seconds=1)])
def test_no_token_has_another_lifetime(world: World, lifetime: timedelta) -> None:
    world.project(PATH)
    with pytest.raises(Invalid, match="expires_in"):
        mint(world, lifetime=lifetime)
    assert world.count(Build) == 0
    assert created(world) == []


def test_it_ends_with_the_token_that_made_it(world: World) -> None:
    world.project(PATH)
    soon = world.clock() + timedelta(minutes=5)
    secret = mint(world, ends=soon)
    with world.components.database.reading() as session:
        assert token_of(session, secret).expires_at == soon


def test_whether_it_is_permitted_is_asked_again(world: World) -> None:
    world.project(PATH)

    def no_longer(_session: Session) -> None:
        raise NotAllowed("You are no member any more.")

    with pytest.raises(NotAllowed):
        mint(world, still_permitted=no_longer)
    assert world.count(Build) == 0
    assert created(world) == []


def test_tokens_are_forgotten_a_day_after_their_end(world: World) -> None:
    world.project(PATH)
    world.project("acme/other")
    minute = timedelta(minutes=1)
    old = world.job_token(PATH, lifetime=minute, job_id="old")
    elsewhere = world.job_token("acme/other", lifetime=minute, job_id="elsewhere")
    world.clock.advance(days=1, minutes=1)
    world.job_token(PATH, job_id="early")  # Not before a day is over.
    assert jobs_known(world) == {"old", "elsewhere", "early"}
    world.clock.advance(seconds=1)
    world.job_token(PATH, job_id="new")
    assert jobs_known(world) == {"elsewhere", "early", "new"}
    with world.components.database.reading() as session:
        digests = set(session.scalars(select(Token.digest)))
    assert digest(old) not in digests
    assert digest(elsewhere) in digests


def test_a_build_stays_while_it_has_a_file(world: World) -> None:
    world.project(PATH)
    publisher = world.job_token(PATH, job_id="publisher")
    world.job_token(PATH, job_id="idler")
    file = publish(world, publisher, "demo-1.0.tar.gz")
    world.clock.advance(days=2)
    world.job_token(PATH, job_id="new")
    assert jobs_known(world) == {"publisher", "new"}
    assert builds_of(world, file.release_id) == {"demo-1.0.tar.gz": "publisher"}


def test_a_build_stays_while_another_token_has_it(world: World) -> None:
    world.project(PATH)
    world.job_token(PATH, lifetime=timedelta(minutes=1), job_id="twice")
    with world.components.database.writing() as session:
        build = session.scalars(select(Build)).one()
        create_job_token(session, build, lifetime=timedelta(days=1), now=world.clock())
    world.clock.advance(days=1, hours=1)
    world.job_token(PATH, job_id="new")
    assert jobs_known(world) == {"twice", "new"}
    world.clock.advance(days=1)
    world.job_token(PATH, job_id="newer")
    assert jobs_known(world) == {"new", "newer"}


def test_a_build_goes_with_its_last_file_when_its_token_is_forgotten(world: World) -> None:
    world.project(PATH)
    secret = world.job_token(PATH, job_id="publisher")
    files = [publish(world, secret, f"demo-1.0.{end}") for end in ("tar.gz", "zip")]

    def delete(file: File) -> None:
        with world.components.database.writing() as session:
            delete_file(session, file.id, Actor(), world.clock(), permit=anything)

    delete(files[0])
    assert jobs_known(world) == {"publisher"}
    world.clock.advance(days=2)
    world.job_token(PATH, job_id="new")
    assert jobs_known(world) == {"publisher", "new"}
    delete(files[1])
    assert jobs_known(world) == {"new"}


def test_a_build_without_files_stays_while_its_token_may_publish(world: World) -> None:
    world.project(PATH)
    secret = world.job_token(PATH, job_id="publisher")
    file = publish(world, secret, "demo-1.0.tar.gz")
    with world.components.database.writing() as session:
        delete_file(session, file.id, Actor(), world.clock(), permit=anything)
    assert jobs_known(world) == {"publisher"}
    again = publish(world, secret, "demo-1.0.tar.gz")
    assert builds_of(world, again.release_id) == {"demo-1.0.tar.gz": "publisher"}


def test_the_same_bytes_again_keep_their_build(world: World) -> None:
    world.project(PATH)
    first, second = (world.job_token(PATH, job_id=name) for name in ("first", "second"))
    file = publish(world, first, "demo-1.0.tar.gz")
    assert publish(world, second, "demo-1.0.tar.gz").id == file.id
    assert builds_of(world, file.release_id) == {"demo-1.0.tar.gz": "first"}
    publish(world, second, "demo-1.0.zip")
    assert builds_of(world, file.release_id) == {
        "demo-1.0.tar.gz": "first",
        "demo-1.0.zip": "second",
    }
