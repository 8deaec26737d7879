"""Creating job tokens: who may, with what, and what is refused."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from webtest import TestResponse

from pyregistry.accounts.models import User
from pyregistry.accounts.services.users import block
from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.builds.models import Build
from pyregistry.events.models import Event
from pyregistry.namespaces.models import Membership
from pyregistry.namespaces.services.create import find
from pyregistry.namespaces.services.locking import lock_tree
from pyregistry.tokens.models import Token
from pyregistry.tokens.secrets import is_token
from tests.factories.distributions import wheel
from tests.factories.world import FOUNDER, PASSWORD, World, basic
from tests.functional.support import PROJECT, browser, sentence_of

ADDRESS = "/api/v4/projects/acme%2Fcore/job_tokens"
SHA = "0123456789abcdef0123456789abcdef01234567"
FACTS: dict[str, Any] = {
    "pipeline_id": 4711,
    "pipeline_url": "https://ci.example/acme/core/-/pipelines/4711",
    "job_id": "99",
    "ref": "main",
    "sha": SHA,
    "user": "ada",
    "source_repository": "git@git.example:acme/core.git",
}


@pytest.fixture
def bot(world: World) -> dict[str, str]:
    """Headers of a project access token with Maintainer of a private project."""
    world.project(PROJECT)
    return basic(world.access_token(PROJECT, Role.MAINTAINER))


def create(
    world: World,
    headers: dict[str, str],
    parameters: Any,
    status: int = 201,
    address: str = ADDRESS,
) -> TestResponse:
    """Ask for a job token."""
    return world.app.post(
        address,
        json.dumps(parameters),
        headers={**headers, "Content-Type": "application/json"},
        status=status,
    )


def only_build(world: World) -> Build:
    with world.components.database.reading() as session:
        return session.scalars(select(Build)).one()


def nothing_was_made(world: World) -> bool:
    with world.components.database.reading() as session:
        made = session.scalars(select(Token.id).where(Token.kind == "job_token")).all()
        told = session.scalars(select(Event.id).where(Event.action == "token.created")).all()
    return not made and not told and world.count(Build) == 0


def test_a_job_token_with_all_facts(world: World, bot: dict[str, str]) -> None:
    response = create(world, bot, {**FACTS, "expires_in": 600})
    answer = response.json
    assert is_token(answer["token"])
    assert answer["expires_at"] == "2026-11-23T12:10:00.000Z"
    assert answer["scopes"] == ["read_package_registry", "write_package_registry"]
    assert response.headers["Cache-Control"] == "no-store"
    build = only_build(world)
    assert (build.pipeline_id, build.job_id, build.started_by) == ("4711", "99", "ada")
    assert (build.ref, build.sha) == ("main", SHA)
    assert build.pipeline_url == FACTS["pipeline_url"]
    assert build.source_repository == FACTS["source_repository"]
    with world.components.database.reading() as session:
        (event,) = session.scalars(select(Event).where(Event.action == "token.created"))
    assert event.details["after"]["token_id"] == answer["id"]
    assert event.details["build"]["ref"] == "main"
    assert answer["token"] not in json.dumps(event.details)
    world.upload(PROJECT, wheel(), basic(answer["token"], "gitlab-ci-token"))


def test_a_form_does_as_well(world: World, bot: dict[str, str]) -> None:
    form = {name: str(value) for name, value in FACTS.items()}
    answer = world.app.post(ADDRESS, {**form, "expires_in": "60"}, headers=bot, status=201).json
    assert answer["expires_at"] == "2026-11-23T12:01:00.000Z"
    assert only_build(world).pipeline_id == "4711"


@pytest.mark.parametrize("parameters", [{}, dict.fromkeys([*FACTS, "expires_in"])])
def test_nothing_need_be_said(
    world: World, bot: dict[str, str], parameters: dict[str, None]
) -> None:
    assert create(world, bot, parameters).json["expires_at"] == "2026-11-23T13:00:00.000Z"
    assert only_build(world).ref is None


@pytest.mark.parametrize("where", ["number", "path", "PRIVATE-TOKEN", "Bearer", "slash"])
def test_every_way_to_ask(world: World, where: str) -> None:
    project = world.project(PROJECT)
    secret = world.access_token(PROJECT, Role.MAINTAINER)
    headers, address = basic(secret), ADDRESS
    if where == "number":
        address = f"/api/v4/projects/{project}/job_tokens"
    elif where == "slash":
        address = f"{ADDRESS}/"
    elif where == "PRIVATE-TOKEN":
        headers = {where: secret}
    elif where == "Bearer":
        headers = {"Authorization": f"Bearer {secret}"}
    create(world, headers, FACTS, address=address)


@pytest.mark.parametrize(("path", "role"), [(PROJECT, 40), (PROJECT, 50), ("acme", 40)])
def test_bots_of_maintainers_may(world: World, path: str, role: int) -> None:
    world.project(PROJECT)
    create(world, basic(world.access_token(path, Role(role))), FACTS)


@pytest.mark.parametrize("role", [10, 20, 30])
def test_other_bots_may_not(world: World, role: int) -> None:
    world.project(PROJECT)
    create(world, basic(world.access_token(PROJECT, Role(role))), FACTS, 403)
    assert nothing_was_made(world)


def test_a_reading_token_may_not(world: World) -> None:
    world.project(PROJECT)
    headers = basic(world.access_token(PROJECT, Role.OWNER, Scope.READ_API))
    assert "scope api" in sentence_of(create(world, headers, FACTS, 403))
    assert nothing_was_made(world)


def test_people_may_not_whatever_their_role(world: World) -> None:
    world.project(PROJECT)
    world.user("root", is_admin=True)
    world.member(PROJECT, "olga", Role.OWNER)
    for username in ("root", "olga"):
        said = sentence_of(create(world, world.as_(username), FACTS, 403))
        assert said == "A personal access token cannot do this."
    world.user("mia", password=PASSWORD)
    world.member(PROJECT, "mia", Role.MAINTAINER)
    browser(world, "mia").post(ADDRESS, FACTS, status=(400, 403))
    assert nothing_was_made(world)


def test_a_job_token_or_deploy_token_makes_no_other(world: World) -> None:
    world.project(PROJECT)
    job = basic(world.job_token(PROJECT), "gitlab-ci-token")
    everything = (Scope.READ_PACKAGE_REGISTRY, Scope.WRITE_PACKAGE_REGISTRY)
    deploy = basic(world.deploy_token(PROJECT, *everything), "deployer")
    for headers in (job, deploy):
        create(world, headers, FACTS, 403)
    assert world.count(Build) == 1


def test_who_may_not_see_the_project_learns_nothing(world: World) -> None:
    world.project(PROJECT)
    world.project("acme/other")
    stranger = basic(world.access_token("acme/other", Role.OWNER))
    there = create(world, stranger, FACTS, 404)
    not_there = create(world, stranger, FACTS, 404, ADDRESS.replace("core", "cord"))
    assert there.body == not_there.body
    there = create(world, {}, FACTS, 401)
    not_there = create(world, {}, FACTS, 401, ADDRESS.replace("core", "cord"))
    assert there.body == not_there.body
    assert nothing_was_made(world)


def test_a_group_has_no_job_tokens(world: World) -> None:
    world.project(PROJECT)
    headers = basic(world.access_token("acme", Role.OWNER))
    create(world, headers, FACTS, 404, "/api/v4/groups/acme/job_tokens")


def test_they_are_only_created(world: World, bot: dict[str, str]) -> None:
    world.app.get(ADDRESS, headers=bot, status=405)
    world.app.delete(ADDRESS, headers=bot, status=405)
    create(world, bot, FACTS, 404, f"{ADDRESS}/1")


def test_a_bot_that_is_none_any_more_may_not(world: World) -> None:
    world.project(PROJECT)
    revoked, expired, blocked, removed = (
        basic(
            world.access_token(
                PROJECT, Role.MAINTAINER, expires_at=world.clock() + timedelta(hours=hours)
            )
        )
        for hours in (3, 1, 3, 3)
    )
    bots = list(world.users.values())
    with world.components.database.writing() as session:
        moment = {"revoked_at": world.clock()}
        session.execute(update(Token).where(Token.user_id == bots[0]).values(moment))
        session.get_one(User, bots[2]).blocked_at = world.clock()
        session.execute(delete(Membership).where(Membership.user_id == bots[3]))
    world.clock.advance(hours=2)
    for headers, status in ((revoked, 401), (expired, 401), (blocked, 401), (removed, 404)):
        create(world, headers, FACTS, status)
    assert nothing_was_made(world)


def test_not_even_where_it_is_revoked_meanwhile(world: World, bot: dict[str, str]) -> None:
    """Who revokes an access token takes its job tokens along: none may come after."""
    with ThreadPoolExecutor(1) as pool:
        with world.components.database.writing() as session:
            lock_tree(session, find(session, PROJECT).id)
            session.execute(update(Token).values(revoked_at=world.clock()))
            asking = pool.submit(create, world, bot, FACTS, 401)
            time.sleep(0.3)  # it waits for the lock, or else it has its token by now
        asking.result()
    assert nothing_was_made(world)


def remove_bot(world: World, bot_id: int) -> None:
    """A Maintainer removes the bot from the project."""
    world.member(PROJECT, "mia", Role.MAINTAINER)
    address = f"/api/v4/projects/acme%2Fcore/members/{bot_id}"
    world.app.delete(address, headers=world.as_("mia"), status=204)


def block_bot(world: World, bot_id: int) -> None:
    """Somebody at the machine blocks the bot."""
    with world.components.database.writing() as session:
        block(session, session.get_one(User, bot_id), FOUNDER, world.clock())


@pytest.mark.parametrize("stop", [remove_bot, block_bot])
def test_jobs_end_with_the_bot_that_let_them_in(
    world: World, bot: dict[str, str], stop: Callable[[World, int], None]
) -> None:
    bot_id = next(iter(world.users.values()))
    job = {"JOB-TOKEN": create(world, bot, FACTS).json["token"]}
    other = {"JOB-TOKEN": world.job_token(PROJECT)}
    stop(world, bot_id)
    world.app.get(f"/{PROJECT}/-/simple/", headers=job, status=401)
    world.upload(PROJECT, wheel(), job, status=401)
    world.app.get(f"/{PROJECT}/-/simple/", headers=other, status=200)


def test_the_event_of_a_bot_removed_counts_its_jobs(world: World, bot: dict[str, str]) -> None:
    bot_id = next(iter(world.users.values()))
    create(world, bot, {"expires_in": 60})
    world.clock.advance(minutes=1)
    create(world, bot, FACTS)
    remove_bot(world, bot_id)
    event = world.events()[-1]
    assert (event.action, event.details["job_tokens_revoked"]) == ("member.removed", 1)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"pipeline_id": -1}, "pipeline_id"),
    ({"pipeline_id": 1.0}, "pipeline_id"),
    ({"pipeline_id": True}, "pipeline_id"),
    ({"pipeline_id": [1]}, "pipeline_id"),
    ({"pipeline_id": {}}, "pipeline_id"),
    ({"pipeline_id": 10**255}, "pipeline_id"),
    ({"pipeline_id": ""}, "pipeline_id"),
    ({"job_id": False}, "job_id"),
    ({"job_id": "x" * 256}, "job_id"),
    ({"pipeline_url": 1}, "pipeline_url"),
    ({"pipeline_url": "javascript:alert(1)"}, "pipeline_url"),
    ({"pipeline_url": "https://user:secret@ci.example/"}, "pipeline_url"),
    ({"pipeline_url": "https://ci.example/".ljust(2049, "x")}, "pipeline_url"),
    ({"ref": 1}, "ref"),
    ({"ref": ""}, "ref"),
    ({"ref": "a\nb"}, "ref"),
    ({"ref": "a\x00b"}, "ref"),
    ({"ref": "\u202egnp.exe"}, "ref"),
    ({"ref": "\ud800"}, "ref"),
    ({"ref": "x" * 256}, "ref"),
    ({"sha": "HEAD"}, "sha"),
    ({"sha": SHA[:8]}, "sha"),
    ({"sha": int("1" * 40)}, "sha"),
    ({"user": {"name": "ada"}}, "user"),
    ({"user": "a\x1b[0mb"}, "user"),
    ({"user": "x" * 256}, "user"),
    ({"source_repository": []}, "source_repository"),
    ({"source_repository": "javascript:alert(1)"}, "source_repository"),
    ({"source_repository": "https://t:glcbt-1@git.example/a"}, "source_repository"),
    ({"expires_in": 59}, "expires_in"),
    ({"expires_in": 86401}, "expires_in"),
    ({"expires_in": 10**17}, "expires_in"),
    ({"expires_in": 10**20}, "expires_in"),
    ({"expires_in": -60}, "expires_in"),
    ({"expires_in": 60.5}, "expires_in"),
    ({"expires_in": "1h"}, "expires_in"),
    ({"expires_in": ""}, "expires_in"),
    ({"expires_in": True}, "expires_in"),
    ({"expires_in": [60]}, "expires_in"),
]


def test_wrong_parameters_are_named_and_leave_nothing(world: World, bot: dict[str, str]) -> None:
    for parameters, named in WRONG:
        said = sentence_of(create(world, bot, {**FACTS, **parameters}, 400))
        assert named in said, (parameters, said)
        assert "secret" not in said
        assert "glcbt" not in said
    assert nothing_was_made(world)


@pytest.mark.parametrize("body", [b"[]", b"null", b"{", b"1", b"\xff"])
def test_what_is_no_object_is_refused(world: World, bot: dict[str, str], body: bytes) -> None:
    headers = {**bot, "Content-Type": "application/json"}
    world.app.post(ADDRESS, body, headers=headers, status=400)
    assert nothing_was_made(world)


def test_too_much_is_refused(world: World, bot: dict[str, str]) -> None:
    create(world, bot, {"ref": "x" * 70_000}, 413)


def test_nothing_of_the_secret_is_stored(world: World, bot: dict[str, str]) -> None:
    secret = create(world, bot, FACTS).json["token"]
    with world.components.database.reading() as session:
        row = session.scalars(select(Token).where(Token.kind == "job_token")).one()
        told = session.scalars(select(Event.details)).all()
    assert secret not in repr([vars(row), told])


def test_refusals_are_not_stored_by_caches(world: World, bot: dict[str, str]) -> None:
    headers = {**bot, "Content-Type": "text/plain"}
    answer = world.app.post(ADDRESS, b"x", headers=headers, status=400)
    assert answer.headers["Cache-Control"] == "no-store"
