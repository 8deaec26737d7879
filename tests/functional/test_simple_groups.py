"""The indexes of groups and of the instance: what one may read, and nothing else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from pyregistry.authnz.roles import Role
from pyregistry.packaging.models import Package, PackageStatus
from tests.factories.distributions import sdist, wheel
from tests.factories.world import World
from tests.functional.images import Make
from tests.functional.support import JSON, filenames_in, names_in, read_json

TREE = {
    "acme/open": "public",
    "acme/staff": "internal",
    "acme/secret": "private",
    "acme/team/tool": "public",
    "acme/team/deep/private-tool": "private",
}
PUBLIC = ["open", "tool"]


def fill(world: World) -> dict[str, int]:
    """Projects of every visibility, each with one package that is called like the project."""
    ids = {path: world.project(path, visibility) for path, visibility in TREE.items()}
    world.user("publisher", is_admin=True)
    headers = world.as_("publisher")
    for path in TREE:
        world.upload(path, sdist(path.rsplit("/", 1)[-1]), headers)
    return ids


@pytest.fixture
def tree(made_once: Callable[[Make], Any]) -> dict[str, int]:
    """Their ids, in a registry of its own for each test."""
    ids: dict[str, int] = made_once(fill)
    return dict(ids)


def caller(world: World, who: str) -> dict[str, str]:
    """The headers of somebody with such a role."""
    if who == "nobody":
        return {}
    if who == "external":
        world.user(who, is_external=True)
    elif who == "administrator":
        world.user(who, is_admin=True)
    elif who.startswith("guest of "):
        world.member(
            who.removeprefix("guest of "), who.replace(" ", "-").replace("/", "-"), Role.GUEST
        )
        who = who.replace(" ", "-").replace("/", "-")
    elif who.startswith("reporter of "):
        path, who = who.removeprefix("reporter of "), "reporter"
        world.user(who, is_external=True)
        world.member(path, who, Role.REPORTER)
    return world.as_(who)


@pytest.mark.parametrize(
    ("who", "index", "names"),
    [
        ("nobody", "/acme/-/simple/", PUBLIC),
        ("external", "/acme/-/simple/", PUBLIC),
        ("internal", "/acme/-/simple/", [*PUBLIC, "staff"]),
        ("guest of acme/secret", "/acme/-/simple/", [*PUBLIC, "staff"]),
        ("reporter of acme/secret", "/acme/-/simple/", [*PUBLIC, "secret"]),
        ("reporter of acme/team", "/acme/-/simple/", [*PUBLIC, "private-tool"]),
        ("reporter of acme", "/acme/-/simple/", [*PUBLIC, "private-tool", "secret", "staff"]),
        ("administrator", "/acme/-/simple/", [*PUBLIC, "private-tool", "secret", "staff"]),
        ("nobody", "/acme/team/-/simple/", ["tool"]),
        ("reporter of acme", "/acme/team/-/simple/", ["private-tool", "tool"]),
        ("nobody", "/-/simple/", PUBLIC),
        ("reporter of acme/team/deep/private-tool", "/-/simple/", [*PUBLIC, "private-tool"]),
        ("reporter of acme/team/deep", "/acme/team/deep/-/simple/", ["private-tool"]),
    ],
)
def test_names_that_the_caller_may_read(
    world: World, tree: dict[str, int], who: str, index: str, names: list[str]
) -> None:
    headers = caller(world, who)
    assert names_in(world, index, headers) == sorted(names)
    for path in TREE:
        name = path.rsplit("/", 1)[-1]
        status = 200 if name in names else 404
        accept = {"Accept": JSON, **headers}
        assert world.app.get(f"{index}{name}/", headers=accept, status="*").status_int in (
            {status} if headers or status == 200 else {401, 404}
        )


def test_what_the_caller_may_not_read_cannot_be_downloaded(
    world: World, tree: dict[str, int]
) -> None:
    secret = sdist("secret")
    for index in ("/acme/-", "/-", "/packages"):
        for suffix in ("", ".metadata"):
            files = index if index == "/packages" else f"{index}/files"
            address = f"{files}/{secret.sha256}/{secret.filename}{suffix}"
            world.app.get(address, headers=caller_once(world), status=404)


def caller_once(world: World) -> dict[str, str]:
    """The headers of the one stranger of a test."""
    return world.as_("stranger")


def test_changes_that_the_caller_may_not_read_change_nothing(
    world: World, tree: dict[str, int]
) -> None:
    def seen() -> list[tuple[bytes, str, str]]:
        pages = [
            world.app.get(f"/acme/-/simple/{name}", headers={"Accept": JSON})
            for name in ("", "open/")
        ]
        return [
            (page.body, page.headers["ETag"], page.headers["X-PyPI-Last-Serial"]) for page in pages
        ]

    before = seen()
    headers = world.publisher("acme/secret")
    world.upload("acme/secret", sdist("secret", "2.0"), headers)
    world.upload("acme/secret", wheel("open", "9.0"), headers)
    assert seen() == before


def test_a_package_of_several_projects(world: World, tree: dict[str, int]) -> None:
    world.upload("acme/team/tool", wheel("open", "2.0"))
    page = read_json(world, "/acme/-/simple/open/")
    assert page["versions"] == ["1.0", "2.0"]
    assert filenames_in(world, "/acme/open/-/simple/open/") == ["open-1.0.tar.gz"]


def shared(world: World) -> tuple[str, str]:
    """Publish one filename with other bytes into two projects; the digests, oldest first."""
    first, second = sdist("shared"), sdist("shared", files={"x": b"x"})
    world.upload("acme/open", first)
    world.clock.advance(days=1)
    world.upload("acme/team/tool", second)
    return first.sha256, second.sha256


@pytest.mark.parametrize("index", ["/acme/-/simple/", "/-/simple/"])
def test_one_filename_in_two_projects_is_the_oldest_upload(
    world: World, tree: dict[str, int], index: str
) -> None:
    oldest, _ = shared(world)
    (file,) = read_json(world, f"{index}shared/")["files"]
    assert file["hashes"]["sha256"] == oldest


def test_the_oldest_is_chosen_among_what_the_caller_may_read(
    world: World, tree: dict[str, int]
) -> None:
    first, second = sdist("shared"), sdist("shared", files={"x": b"x"})
    world.upload("acme/secret", first)
    world.clock.advance(days=1)
    world.upload("acme/open", second)
    (file,) = read_json(world, "/acme/-/simple/shared/")["files"]
    assert file["hashes"]["sha256"] == second.sha256
    headers = caller(world, "reporter of acme/secret")
    (file,) = read_json(world, "/acme/-/simple/shared/", headers)["files"]
    assert file["hashes"]["sha256"] == first.sha256


def test_the_oldest_is_chosen_among_what_is_offered(world: World, tree: dict[str, int]) -> None:
    _, second = shared(world)
    with world.components.database.writing() as session:
        session.execute(
            update(Package)
            .where(Package.project_id == tree["acme/open"])
            .values(status=PackageStatus.QUARANTINED, serial=Package.serial + 1)
        )
    (file,) = read_json(world, "/acme/-/simple/shared/")["files"]
    assert file["hashes"]["sha256"] == second


def test_a_status_of_one_project_is_not_that_of_all(world: World, tree: dict[str, int]) -> None:
    shared(world)
    with world.components.database.writing() as session:
        session.execute(
            update(Package)
            .where(Package.project_id == tree["acme/open"])
            .values(status=PackageStatus.ARCHIVED, serial=Package.serial + 1)
        )
    status = read_json(world, "/acme/-/simple/shared/")["project-status"]
    assert status == {"status": "active"}


@pytest.mark.parametrize("who", ["nobody", "external"])
def test_anyone_can_pull_from_a_private_group(world: World, who: str) -> None:
    world.group("vault")
    world.project("vault/free", anyone_can_pull=True)
    world.project("vault/closed")
    free = sdist("free")
    world.upload("vault/free", free)
    world.upload("vault/closed", sdist("closed"))
    headers = caller(world, who)
    for index in ("/vault/-/simple/", "/-/simple/", "/vault/free/-/simple/"):
        assert names_in(world, index, headers) == ["free"]
        assert filenames_in(world, f"{index}free/", headers) == [free.filename]
    for files in ("/vault/-/files", "/-/files", "/vault/free/-/files", "/packages"):
        address = f"{files}/{free.sha256}/{free.filename}"
        assert world.app.get(address, headers=headers).body == free.content
    for page in ("/vault/", "/vault/free/", "/vault/free/free/"):
        world.app.get(page, headers=headers, status=401 if who == "nobody" else [403, 404])


@pytest.mark.parametrize("index", ["/vault/-/simple/", "/vault/-/simple/closed/", "/-/simple/"])
def test_an_index_of_nothing_public_wants_credentials(world: World, index: str) -> None:
    world.group("vault")
    world.project("vault/closed")
    world.upload("vault/closed", sdist("closed"))
    world.app.get(index, status=401)


def test_a_member_of_a_project_alone_reads_its_groups_index(world: World) -> None:
    world.group("vault")
    world.project("vault/closed")
    world.upload("vault/closed", sdist("closed"))
    world.user("ann", is_external=True)
    world.member("vault/closed", "ann", Role.REPORTER, expires_at=world.clock() + timedelta(days=1))
    headers = world.as_("ann")
    assert names_in(world, "/vault/-/simple/", headers) == ["closed"]
    world.clock.advance(days=1)
    world.app.get("/vault/-/simple/", headers=headers, status=404)


def test_two_callers_get_their_own_page(world: World, tree: dict[str, int]) -> None:
    world.upload("acme/secret", wheel("open", "2.0"))
    headers = caller(world, "reporter of acme/secret")
    for _ in range(2):
        assert len(filenames_in(world, "/acme/-/simple/open/")) == 1
        assert len(filenames_in(world, "/acme/-/simple/open/", headers)) == 2
