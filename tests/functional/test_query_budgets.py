"""How many statements a read costs, whatever the registry holds."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert, select

from pyregistry.authnz.roles import Role
from pyregistry.packaging.models import File, Package
from tests.factories.distributions import wheel
from tests.factories.world import World
from tests.functional.support import JSON, statements

pytestmark = pytest.mark.thorough

WHEEL = wheel()
INDEXES = {
    "project": "/acme/core/-/simple/",
    "group": "/acme/-/simple/",
    "instance": "/-/simple/",
    "API project by id": "/api/v4/projects/{project}/packages/pypi/simple/",
    "API project by path": "/api/v4/projects/acme%2Fcore/packages/pypi/simple/",
    "API group": "/api/v4/groups/acme/-/packages/pypi/simple/",
}
EVERY_INDEX = pytest.mark.parametrize("index", INDEXES)
SIZES = pytest.mark.parametrize("size", [1, 200])
CALLERS = pytest.mark.parametrize("caller", ["nobody", "token"])


def copies_of(
    session: Any, model: type, count: int, change: Callable[[int], dict[str, Any]]
) -> None:
    """Add rows like the one there is, each with changes."""
    row = session.scalars(select(model)).one()
    known = {column.name: getattr(row, column.name) for column in row.__table__.columns}
    del known["id"]
    session.execute(insert(model), [{**known, **change(number)} for number in range(count)])


@pytest.fixture
def fill(world: World) -> Callable[[int], int]:
    """Makes a public project with so many packages and files of one; gives its id."""

    def make(size: int) -> int:
        project = world.project("acme/core", "public")
        world.upload("acme/core", WHEEL)
        with world.components.database.writing() as session:
            if size > 1:
                copies_of(
                    session, File, size - 1, lambda n: {"filename": f"demo_package-1.0-{n}.whl"}
                )
                copies_of(session, Package, size - 1, lambda n: {"normalized_name": f"package-{n}"})
        return project

    return make


def reader(world: World, caller: str) -> dict[str, str]:
    """Headers of a caller; the token's owner is a member of many groups and projects."""
    if caller == "nobody":
        return {}
    for number in range(20):
        path = f"group-{number}/sub/project"
        world.project(path)
        world.member(path, "ann", Role.REPORTER)
        world.member(f"group-{number}", "ann", Role.GUEST)
    return world.as_("ann")


@EVERY_INDEX
@SIZES
@CALLERS
def test_a_page_of_an_index(
    world: World, fill: Callable[[int], int], index: str, size: int, caller: str
) -> None:
    address = INDEXES[index].format(project=fill(size))
    headers = {**reader(world, caller), "Accept": JSON}
    for name, listed in (("", "projects"), ("demo-package/", "files")):
        page = check_page(world, address + name, headers, caller)
        assert len(page[listed]) == size


def check_page(
    world: World, address: str, headers: dict[str, str], caller: str
) -> dict[str, list[Any]]:
    """Check what a page costs when it is cold, warm and known; return it."""
    credential = 0 if caller == "nobody" else 1
    with statements(world) as cold:
        page = world.app.get(address, headers=headers)
    with statements(world) as warm:
        assert world.app.get(address, headers=headers).body == page.body
    with statements(world) as known:
        world.app.get(
            address, headers={**headers, "If-None-Match": page.headers["ETag"]}, status=304
        )
    assert len(cold) <= 2 + credential, cold
    assert len(warm) <= 1 + credential, warm
    assert len(known) <= 1 + credential, known
    found: dict[str, list[Any]] = page.json
    return found


def test_not_again_on_a_cold_cache(world: World, fill: Callable[[int], int]) -> None:
    fill(1)
    headers = {**reader(world, "token"), "Accept": JSON}
    address = "/acme/-/simple/demo-package/"
    tag = world.app.get(address, headers=headers).headers["ETag"]
    world.components.pages._pages.clear()
    with statements(world) as executed:
        world.app.get(address, headers={**headers, "If-None-Match": tag}, status=304)
    assert len(executed) <= 2


@EVERY_INDEX
@CALLERS
def test_a_file(world: World, fill: Callable[[int], int], index: str, caller: str) -> None:
    prefix = INDEXES[index].format(project=fill(1)).removesuffix("simple/")
    headers = reader(world, caller)
    with statements(world) as executed:
        world.app.get(f"{prefix}files/{WHEEL.sha256}/{WHEEL.filename}", headers=headers)
    assert len(executed) <= (2 if caller == "nobody" else 3), executed


@CALLERS
def test_the_metadata_of_a_file(world: World, fill: Callable[[int], int], caller: str) -> None:
    fill(1)
    headers = reader(world, caller)
    with statements(world) as executed:
        world.app.get(
            f"/acme/core/-/files/{WHEEL.sha256}/{WHEEL.filename}.metadata", headers=headers
        )
    assert len(executed) <= (2 if caller == "nobody" else 3), executed


def test_pages_of_one_name_do_not_drive_each_other_out(
    world: World, fill: Callable[[int], int]
) -> None:
    fill(1)
    world.project("acme/other", "public")
    world.upload("acme/other", wheel(version="2.0"))
    addresses = [
        f"{index}{name}"
        for index in ("/acme/core/-/simple/", "/acme/other/-/simple/", "/acme/-/simple/")
        for name in ("", "demo-package/")
    ]
    for address in addresses:
        world.app.get(address)
    with statements(world) as executed:
        for address in addresses:
            world.app.get(address)
    assert len(executed) == len(addresses)


def test_callers_who_read_other_projects_do_not_drive_each_other_out(
    world: World, fill: Callable[[int], int]
) -> None:
    fill(1)
    world.project("acme/secret")
    world.upload("acme/secret", wheel(version="2.0"))
    world.member("acme/secret", "ann", Role.REPORTER)
    callers = ({}, world.as_("ann"))
    addresses = ("/acme/-/simple/", "/acme/-/simple/demo-package/")
    for _ in range(2):
        with statements(world) as executed:
            for headers in callers:
                for address in addresses:
                    world.app.get(address, headers=headers)
    assert len(executed) == len(addresses) * 3
