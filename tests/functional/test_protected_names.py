"""Protection rules at work: who pushes and deletes packages whose names a rule protects."""

from collections.abc import Callable
from threading import get_ident
from typing import Any

import pytest
from sqlalchemy import delete, event, select, update

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.forklift.body import CHUNK_SIZE
from pyregistry.namespaces.models import Membership
from pyregistry.packaging.models import File, PackageStatus, Release
from pyregistry.protection.levels import Level
from pyregistry.protection.models import ProtectionRule
from tests.factories import uploads
from tests.factories.distributions import sdist, wheel
from tests.factories.protection import protect
from tests.factories.world import World, basic, fields_of
from tests.functional.support import (
    PROJECT,
    Stream,
    contents,
    send_stream,
    sentence_of,
    statements,
    upload_with,
)

pytestmark = pytest.mark.thorough

API = "/api/v4/projects/acme%2Fcore/packages"
LEVELS = {None: None, **{level.word: level for level in Level}}
CALLERS = {
    "developer": 30,
    "maintainer": 40,
    "owner": 50,
    "administrator": 60,
    "project access token": 40,
    "job token": 40,
    "deploy token": 0,
}


@pytest.fixture(autouse=True)
def project(world: World) -> int:
    """The id of a private project."""
    return world.project(PROJECT)


def caller(world: World, who: str) -> dict[str, str]:
    """Headers of one of the callers."""
    if who == "administrator":
        world.user(who, is_admin=True)
        return world.as_(who)
    if who == "project access token":
        return basic(world.access_token(PROJECT, Role.MAINTAINER))
    if who == "job token":
        return basic(world.job_token(PROJECT), "gitlab-ci-token")
    if who == "deploy token":
        scopes = (Scope.READ_PACKAGE_REGISTRY, Scope.WRITE_PACKAGE_REGISTRY)
        return basic(world.deploy_token(PROJECT, *scopes), "deployer")
    world.member(PROJECT, who, Role[who.upper()])
    return world.as_(who)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("who", CALLERS)
def test_who_pushes_a_protected_name(world: World, who: str, level: str | None) -> None:
    asked = LEVELS[level]
    protect(world, PROJECT, "demo-*", push=asked, delete=Level.ADMIN)
    headers = caller(world, who)
    before = contents(world)
    if asked is None or CALLERS[who] >= asked:
        world.upload(PROJECT, sdist(), headers)
        return
    said = sentence_of(world.upload(PROJECT, sdist(), headers, status=403))
    if who == "deploy token":
        assert said == (
            "A rule protects the names 'demo-*' here: a deploy token cannot push 'demo-package', "
            f"only {asked.who} can."
        )
    else:
        assert said == (
            f"A rule protects the names 'demo-*' here: only {asked.who} can push 'demo-package'."
        )
    assert contents(world) == before
    world.upload(PROJECT, sdist("another"), headers)


def test_a_role_of_a_group_above_counts(world: World) -> None:
    protect(world, PROJECT, "*", push=Level.OWNER)
    world.member("acme", "olga", Role.OWNER)
    world.member(PROJECT, "olga", Role.DEVELOPER)
    world.upload(PROJECT, sdist(), world.as_("olga"))


def test_a_role_elsewhere_does_not_count(world: World) -> None:
    protect(world, PROJECT, "*", push=Level.OWNER)
    world.project("acme/other")
    world.member("acme/other", "olga", Role.OWNER)
    world.member(PROJECT, "olga", Role.DEVELOPER)
    world.upload(PROJECT, sdist(), world.as_("olga"), status=403)
    world.upload("acme/other", sdist(), world.as_("olga"))


def test_the_strictest_of_the_matching_rules_counts(world: World) -> None:
    for pattern, level in (
        ("demo-package", Level.MAINTAINER),
        ("*package", Level.OWNER),
        ("*", Level.MAINTAINER),
        ("demo", Level.ADMIN),
    ):
        protect(world, PROJECT, pattern, push=level)
    mia, olga = caller(world, "maintainer"), caller(world, "owner")
    assert "'*package'" in sentence_of(world.upload(PROJECT, sdist(), mia, status=403))
    world.upload(PROJECT, sdist(), olga)
    world.upload(PROJECT, sdist("other"), mia)


@pytest.mark.parametrize("name", ["demo-package", "Demo_Package", "DEMO.PACKAGE"])
@pytest.mark.parametrize("pattern", ["Demo.*", "demo_Package", "*-package"])
def test_names_and_patterns_are_normalised(world: World, name: str, pattern: str) -> None:
    protect(world, PROJECT, pattern, push=Level.OWNER)
    world.upload(PROJECT, sdist(name), world.publisher(PROJECT), status=403)


@pytest.mark.parametrize("client", uploads.ALL_UPLOADS)
def test_every_client(world: World, client: str) -> None:
    protect(world, PROJECT, "*", push=Level.OWNER)
    before = contents(world)
    headers = world.publisher(PROJECT)
    send = uploads.ALL_UPLOADS[client]
    sentence_of(world.upload(PROJECT, sdist(), headers, client=send, status=403))
    assert contents(world) == before


@pytest.mark.parametrize("distribution", [sdist(), wheel()])
def test_the_same_bytes_again_are_refused_alike(world: World, distribution) -> None:
    headers = world.publisher(PROJECT)
    world.upload(PROJECT, distribution, headers)
    protect(world, PROJECT, "*", push=Level.MAINTAINER)
    before = contents(world)
    assert "a Maintainer" in sentence_of(world.upload(PROJECT, distribution, headers, status=403))
    assert contents(world) == before


def test_refused_before_the_file_is_read(world: World) -> None:
    protect(world, PROJECT, "*", push=Level.OWNER)
    content_type, body = uploads.parts_body(
        [
            uploads.field_part(":action", "file_upload"),
            uploads.field_part("name", "demo-package"),
            uploads.file_part(sdist().filename, sdist().content + bytes(CHUNK_SIZE)),
        ]
    )
    end = body.index(b"\r\n--", body.index(b"demo-package")) + 80

    def fail() -> None:
        raise AssertionError("the file was read")

    headers = {**world.publisher(PROJECT), "Content-Type": content_type}
    response = send_stream(
        world,
        Stream(body[:end], fail),
        {**headers, "Content-Length": str(len(body))},
    )
    assert response.status_int == 403
    assert "only an Owner" in sentence_of(response)


def test_no_transaction_is_held_while_the_file_is_received(world: World) -> None:
    held: list[Any] = []
    here = get_ident()
    engine = world.components.database.engine
    event.listen(engine, "checkout", lambda *_: get_ident() == here and held.append(1))
    event.listen(engine, "checkin", lambda *_: get_ident() == here and held.pop())
    protect(world, PROJECT, "other", push=Level.OWNER)
    content_type, body = uploads.twine(fields_of(sdist()), sdist().filename, sdist().content)
    place = body.index(sdist().content) + 10

    def note() -> None:
        assert held == []

    response = send_stream(
        world,
        Stream(body[:place], note, body[place:]),
        {
            **world.publisher(PROJECT),
            "Content-Type": content_type,
            "Content-Length": str(len(body)),
        },
    )
    assert response.status_int == 200


def demote(world: World) -> None:
    with world.components.database.writing() as session:
        session.execute(
            update(Membership).where(Membership.role == 50).values(role=int(Role.DEVELOPER))
        )


MEANWHILE: dict[str, Callable[[World], object]] = {
    "a rule is added": lambda world: protect(world, PROJECT, "demo*", push=Level.ADMIN),
    "the role is lowered": demote,
}


@pytest.mark.parametrize("case", MEANWHILE)
def test_what_changes_while_the_body_is_sent_counts(world: World, case: str) -> None:
    protect(world, PROJECT, "*", push=Level.OWNER)
    headers = caller(world, "owner")
    before = contents(world)
    response = upload_with(world, sdist(), headers, lambda: MEANWHILE[case](world))
    assert response.status_int == 403
    assert "A rule protects the names" in sentence_of(response)
    after = contents(world)
    assert {**after, "events": None} == {**before, "events": None}


def test_a_rule_that_is_gone_counts_no_more(world: World) -> None:
    protect(world, PROJECT, "*", push=Level.OWNER)
    headers = world.publisher(PROJECT)
    world.upload(PROJECT, sdist(), headers, status=403)
    with world.components.database.writing() as session:
        session.execute(delete(ProtectionRule))
    world.upload(PROJECT, sdist(), headers)


def release_of(world: World) -> int:
    with world.components.database.reading() as session:
        return session.scalars(select(Release.id)).one()


@pytest.mark.parametrize("what", ["release", "file"])
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("who", ["maintainer", "owner", "administrator", "project access token"])
def test_who_deletes_from_a_protected_package(
    world: World, who: str, level: str | None, what: str
) -> None:
    world.upload(PROJECT, sdist())
    asked = LEVELS[level]
    protect(world, PROJECT, "demo-*", push=Level.ADMIN, delete=asked)
    headers = caller(world, who)
    address = f"{API}/{release_of(world)}"
    if what == "file":
        file = world.file_named(sdist().filename)
        assert file is not None
        address += f"/package_files/{file.id}"
    before = contents(world)
    if asked is None or CALLERS[who] >= asked:
        world.app.delete(address, headers=headers, status=204)
        assert world.count(File) == 0
        return
    assert sentence_of(world.app.delete(address, headers=headers, status=403)) == (
        f"A rule protects the names 'demo-*' here: only {asked.who} can delete 'demo-package'."
    )
    assert contents(world) == before


def test_yanking_and_statuses_are_not_protected(world: World) -> None:
    world.upload(PROJECT, sdist())
    protect(world, PROJECT, "*", push=Level.ADMIN, delete=Level.ADMIN)
    headers = caller(world, "maintainer")
    world.app.put(f"{API}/{release_of(world)}", {"yanked": "true"}, headers=headers)
    status = {"status": PackageStatus.ARCHIVED}
    world.app.put(f"{API}/pypi/status/demo-package", status, headers=headers)


def test_protected_packages_are_read_as_ever(world: World) -> None:
    world.upload(PROJECT, sdist())
    address = f"/{PROJECT}/-/simple/demo-package/"
    # Each of them asks for the first time: what was answered is remembered for nobody.
    first, second, third = (caller(world, who) for who in ("developer", "maintainer", "owner"))
    world.app.get(address, headers=first)
    with statements(world) as before:
        world.app.get(address, headers=second)
    protect(world, PROJECT, "*", push=Level.ADMIN, delete=Level.ADMIN)
    with statements(world) as after:
        world.app.get(address, headers=third)
    assert before
    assert after == before


def test_what_the_rules_cost_an_upload(world: World) -> None:
    """One statement each time that they are asked, however many there are."""
    headers = world.publisher(PROJECT)
    world.upload(PROJECT, sdist("first"), headers)
    with statements(world) as few:
        world.upload(PROJECT, sdist("second"), headers)
    for number in range(100):
        protect(world, PROJECT, f"name-{number}*", push=Level.OWNER)
    with statements(world) as many:
        world.upload(PROJECT, sdist("third"), headers)
    assert len(many) == len(few)
    asked = [statement for statement in many if "protection_rules" in statement]
    # Before the bytes are stored, and before the file is recorded.
    assert len(asked) == 2


def test_setup_py_register_of_a_protected_name(world: World) -> None:
    protect(world, PROJECT, "*", push=Level.OWNER)
    content_type, body = uploads.distutils_register(fields_of(sdist()))
    headers = {**world.publisher(PROJECT), "Content-Type": content_type}
    sentence_of(world.app.post(f"/{PROJECT}/-/legacy/", body, headers=headers, status=403))
