"""Who may publish: at the beginning of an upload, and still at its end."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from pyregistry.accounts.services.users import block, find_user
from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.models import Membership, Namespace, NamespaceAncestor
from pyregistry.packaging.models import File, Package, PackageStatus
from pyregistry.tokens.models import Token
from tests.factories import uploads
from tests.factories.distributions import sdist, wheel
from tests.factories.world import FOUNDER, PASSWORD, World, basic, fields_of
from tests.functional.support import (
    PROJECT,
    browser,
    contents,
    sentence_of,
    signed_in_app,
    upload_with,
)

ADDRESS = f"/{PROJECT}/-/legacy/"


@pytest.fixture
def project(world: World) -> int:
    """The id of a private project."""
    return world.project(PROJECT)


@pytest.mark.parametrize("role", [Role.DEVELOPER, Role.MAINTAINER, Role.OWNER])
def test_developers_and_above_publish(world: World, project: int, role: Role) -> None:
    world.member(PROJECT, "ann", role)
    world.upload(PROJECT, sdist(), world.as_("ann"))


def test_a_member_of_the_group_publishes(world: World, project: int) -> None:
    world.member("acme", "ann", Role.DEVELOPER)
    world.upload(PROJECT, sdist(), world.as_("ann"))


@pytest.mark.parametrize("role", [Role.GUEST, Role.REPORTER])
def test_guests_and_reporters_do_not_publish(world: World, project: int, role: Role) -> None:
    world.member(PROJECT, "ann", role)
    before = contents(world)
    sentence_of(world.upload(PROJECT, sdist(), world.as_("ann"), status=403))
    assert contents(world) == before


def test_a_token_that_only_reads_does_not_publish(world: World, project: int) -> None:
    world.member(PROJECT, "ann", Role.OWNER)
    response = world.upload(PROJECT, sdist(), world.as_("ann", Scope.READ_API), status=403)
    assert "read_api" in sentence_of(response)
    assert world.count(File) == 0


def test_a_browser_session_does_not_publish(world: World, project: int) -> None:
    app = signed_in_app(world, "ann")
    world.member(PROJECT, "ann", Role.OWNER)
    content_type, body = uploads.twine(fields_of(sdist()), sdist().filename, sdist().content)
    response = app.post(ADDRESS, body, headers={"Content-Type": content_type}, status=403)
    assert "token" in sentence_of(response)
    assert world.count(File) == 0


def test_a_password_is_no_token(world: World, project: int) -> None:
    world.user("ann", password=PASSWORD)
    world.member(PROJECT, "ann", Role.OWNER)
    world.upload(PROJECT, sdist(), basic(PASSWORD, "ann"), status=401)


def revoke_tokens(world: World) -> None:
    with world.components.database.writing() as session:
        session.execute(update(Token).values(revoked_at=world.clock()))


def block_everybody(world: World) -> None:
    for username in world.users:
        with world.components.database.writing() as session:
            block(session, find_user(session, username), FOUNDER, world.clock())


def remove_members(world: World) -> None:
    with world.components.database.writing() as session:
        session.execute(delete(Membership))


def delete_project(world: World) -> None:
    with world.components.database.writing() as session:
        project = session.scalars(
            select(Namespace.id).where(Namespace.full_path_key == PROJECT)
        ).one()
        for model in (NamespaceAncestor, Membership):
            session.execute(delete(model).where(model.namespace_id == project))
        session.execute(delete(Namespace).where(Namespace.id == project))


def let_time_pass(world: World) -> None:
    world.clock.advance(days=2)


def archive(world: World) -> None:
    with world.components.database.writing() as session:
        session.execute(update(Package).values(status=PackageStatus.ARCHIVED))


MEANWHILE: dict[str, tuple[Callable[[World], None], set[int]]] = {
    "token revoked": (revoke_tokens, {401}),
    "user blocked": (block_everybody, {401}),
    "token or membership expired": (let_time_pass, {401, 403, 404}),
    "member removed": (remove_members, {403, 404}),
    "project deleted": (delete_project, {404}),
}


@pytest.mark.parametrize("case", ["token revoked", "user blocked"])
def test_refused_from_the_beginning(world: World, project: int, case: str) -> None:
    headers = world.publisher(PROJECT)
    MEANWHILE[case][0](world)
    before = contents(world)
    response = world.upload(PROJECT, sdist(), headers, status=401)
    assert response.headers["WWW-Authenticate"] == 'Basic realm="pypi"'
    assert contents(world) == before


@pytest.mark.parametrize("token", ["pyrpat_" + "A" * 43, "nonsense", "", "pyrpat_ü"])
def test_a_wrong_token(world: World, project: int, token: str) -> None:
    world.upload(PROJECT, sdist(), basic(token), status=401)


def test_an_expired_token(world: World, project: int) -> None:
    world.member(PROJECT, "ann", Role.OWNER)
    headers = basic(world.token("ann", expires_at=world.clock() + timedelta(days=1)))
    world.upload(PROJECT, sdist(), headers)
    world.clock.advance(days=1)
    world.upload(PROJECT, wheel(), headers, status=401)


def test_an_expired_membership(world: World, project: int) -> None:
    world.member(PROJECT, "ann", Role.OWNER, expires_at=world.clock() + timedelta(days=1))
    headers = world.as_("ann")
    world.upload(PROJECT, sdist(), headers)
    world.clock.advance(days=1)
    world.upload(PROJECT, wheel(), headers, status=404)


@pytest.mark.parametrize("expires", ["token", "membership"])
@pytest.mark.parametrize("case", MEANWHILE)
def test_authority_lost_while_the_body_is_sent(
    world: World, project: int, case: str, expires: str
) -> None:
    end = world.clock() + timedelta(days=1)
    world.member(PROJECT, "ann", Role.OWNER, expires_at=end if expires == "membership" else None)
    headers = basic(world.token("ann", expires_at=end if expires == "token" else None))
    lose, statuses = MEANWHILE[case]
    before = contents(world)

    response = upload_with(world, sdist(), headers, lambda: lose(world))
    assert response.status_int in statuses
    sentence_of(response)
    after = contents(world)
    assert {**after, "counts": None} == {**before, "counts": None}


@pytest.mark.parametrize("status", [PackageStatus.ARCHIVED, PackageStatus.QUARANTINED])
def test_a_closed_package_takes_no_uploads(
    world: World, project: int, status: PackageStatus
) -> None:
    headers = world.publisher(PROJECT)
    world.upload(PROJECT, sdist(), headers)
    with world.components.database.writing() as session:
        session.execute(update(Package).values(status=status, status_reason="since today"))
    before = contents(world)
    response = world.upload(PROJECT, wheel(), headers, status=403)
    assert status in sentence_of(response)
    assert "since today" in sentence_of(response)
    assert contents(world) == before
    world.upload(PROJECT, sdist("another"), headers)


def test_a_deprecated_package_takes_uploads(world: World, project: int) -> None:
    headers = world.publisher(PROJECT)
    world.upload(PROJECT, sdist(), headers)
    with world.components.database.writing() as session:
        session.execute(update(Package).values(status=PackageStatus.DEPRECATED))
    world.upload(PROJECT, wheel(), headers)


def test_a_package_closed_while_the_body_is_sent(world: World, project: int) -> None:
    headers = world.publisher(PROJECT)
    world.upload(PROJECT, sdist(), headers)
    before = contents(world)
    response = upload_with(world, wheel(), headers, lambda: archive(world))
    assert response.status_int == 403
    assert contents(world) == before


def test_the_filename_taken_while_the_body_is_sent(world: World, project: int) -> None:
    headers = world.publisher(PROJECT)
    winner = sdist(files={"more.txt": b"more"})
    response = upload_with(world, sdist(), headers, lambda: world.upload(PROJECT, winner, headers))
    assert response.status_int == 409
    assert "already exists" in sentence_of(response)
    file = world.file_named(winner.filename)
    assert file is not None
    assert file.sha256 == winner.sha256
    assert world.stored_objects() == {winner.sha256}


def test_the_same_bytes_published_while_the_body_is_sent(world: World, project: int) -> None:
    headers = world.publisher(PROJECT)
    response = upload_with(world, sdist(), headers, lambda: world.upload(PROJECT, sdist(), headers))
    assert response.status_int == 200
    assert world.count(File) == 1


def test_a_token_beside_a_browser_session_publishes(world: World, project: int) -> None:
    world.user("ann", password=PASSWORD)
    app = browser(world, "ann")
    content_type, body = uploads.twine(fields_of(sdist()), sdist().filename, sdist().content)
    headers = {"Content-Type": content_type, **world.publisher(PROJECT)}
    app.post(ADDRESS, body, headers=headers, status=200)


@pytest.mark.parametrize(
    "address", ["/acme/-/legacy/", "/api/v4/projects/acme/packages/pypi", "/-/legacy/", "/legacy/"]
)
def test_only_projects_take_uploads(world: World, project: int, address: str) -> None:
    world.upload(PROJECT, sdist(), address=address, status=404)


def test_the_id_of_a_group_is_no_projects(world: World, project: int) -> None:
    group = world.group("other")
    world.member("other", "ann", Role.OWNER)
    world.upload(
        PROJECT,
        sdist(),
        world.as_("ann"),
        address=f"/api/v4/projects/{group}/packages/pypi",
        status=404,
    )


@pytest.mark.parametrize(
    "sent_by_the_browser",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_another_site_does_not_publish_with_the_token_that_a_browser_remembers(
    world: World, project: int, sent_by_the_browser: dict[str, str]
) -> None:
    world.member(PROJECT, "ann", Role.DEVELOPER)
    headers = {**world.as_("ann"), **sent_by_the_browser}
    assert "another site" in sentence_of(world.upload(PROJECT, sdist(), headers, status=400))
    assert world.count(File) == 0


def test_another_site_changes_nothing_with_the_token_that_a_browser_remembers(
    world: World, project: int
) -> None:
    world.upload(PROJECT, sdist())
    world.member(PROJECT, "ann", Role.MAINTAINER)
    file = world.file_named(sdist().filename)
    assert file is not None
    headers = {**world.as_("ann"), "Origin": "https://evil.example"}
    address = f"/api/v4/projects/{project}/packages/{file.release_id}"
    world.app.delete(address, headers=headers, status=400)
    assert world.count(File) == 1
