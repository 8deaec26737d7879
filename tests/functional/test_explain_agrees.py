"""What an explanation says is what the index does: random registries, every caller, every index.

The index page of each caller is the judge. Explanations are asked for by the caller and, of
users and of nobody, by an administrator.
"""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, update

from pyregistry.accounts.services.users import block, find_user_by_id
from pyregistry.authnz.identity import Actor
from pyregistry.authnz.roles import Role
from pyregistry.explain.reasons import ADMITTING, HIDING
from pyregistry.namespaces.models import Namespace
from pyregistry.packaging.models import Package, PackageStatus
from tests.factories.distributions import sdist
from tests.factories.switches import turn
from tests.factories.world import World, basic
from tests.functional.support import JSON

pytestmark = pytest.mark.thorough

GROUPS = ("top", "top/a", "top/a/deep", "top/b")
VISIBILITIES = ("private", "internal", "public")
Headers = dict[str, str]


def build(world: World, chance: random.Random) -> list[str]:
    """Groups and projects, most of which hold a file of the same name; gives the projects."""
    for group in GROUPS:
        world.group(group, "public" if group == "top" else chance.choice(VISIBILITIES[:2] * 2))
    world.user("ada", is_admin=True)
    publisher = world.as_("ada")
    projects = []
    for group in GROUPS:
        for name in ("one", "two"):
            path = f"{group}/{name}"
            world.project(path, "private", anyone_can_pull=chance.random() < 0.25)
            projects.append(path)
    with world.components.database.writing() as session:
        for path in projects:
            parent = path.rpartition("/")[0]
            above = session.scalars(
                select(Namespace.visibility).where(Namespace.full_path == parent)
            ).one()
            chosen = chance.choice(VISIBILITIES[: above.rank + 1])
            session.execute(
                update(Namespace).where(Namespace.full_path == path).values(visibility=chosen)
            )
    # Mixed, and with pauses, so that age and id of files do not follow the tree.
    for path in chance.sample(projects, len(projects)):
        for version in ("1.0", "2.0"):
            if chance.random() < 0.7:
                content = {"where.txt": path.encode()} if chance.random() < 0.8 else {}
                world.upload(path, sdist("demo", version, files=content), publisher)
        world.clock.advance(seconds=chance.choice((0, 1)))
    with world.components.database.writing() as session:
        for package in session.scalars(select(Package)):
            package.status = chance.choice((*PackageStatus, PackageStatus.ACTIVE))
    for path in chance.sample([*GROUPS[1:], *projects], 2):
        turn(world, path, on=False)
    return projects


def callers(world: World, chance: random.Random, projects: list[str]) -> Iterator[Headers]:
    """Everybody of interest; the users among them are in `world.users`."""
    yield {}
    yield world.as_("ada")
    for name, is_external in (("ina", False), ("eva", True)):
        world.user(name, is_external=is_external)
        yield world.as_(name)
    places = [*GROUPS, *projects]
    for number, role in enumerate((*Role, Role.GUEST, Role.OWNER)):
        name = f"user-{number}"
        world.user(name, is_external=chance.random() < 0.7)
        for place in chance.sample(places, 2):
            world.member(place, name, role)
        yield world.as_(name)
    world.user("bob")
    world.member("top", "bob", Role.OWNER)
    headers = world.as_("bob")
    with world.components.database.writing() as session:
        block(session, find_user_by_id(session, world.users["bob"]), Actor(), world.clock())
    yield headers
    yield basic(world.deploy_token(chance.choice(GROUPS)))
    yield basic(world.deploy_token(chance.choice(projects), username="other"))
    yield basic(world.job_token(chance.choice(projects)))


def addresses(projects: list[str]) -> Iterator[tuple[str, str]]:
    """Every index with the address that explains it."""
    yield "/-/simple/demo/", "/api/v4/explain"
    for group in GROUPS:
        yield f"/{group}/-/simple/demo/", f"/api/v4/groups/{group.replace('/', '%2F')}/explain"
    for path in projects:
        yield f"/{path}/-/simple/demo/", f"/api/v4/projects/{path.replace('/', '%2F')}/explain"


def listed(world: World, address: str, headers: Headers) -> set[tuple[str, str]] | None:
    """The names and digests on an index page; None where the caller gets no page."""
    response = world.app.get(address, headers={**headers, "Accept": JSON}, expect_errors=True)
    if response.status_int != 200:
        return None
    return {(file["filename"], file["hashes"]["sha256"]) for file in response.json["files"]}


def explained(
    world: World, address: str, headers: Headers, **query: object
) -> list[dict[str, Any]] | None:
    """What is explained; None where the caller is refused."""
    response = world.app.get(
        address, {"package": "Demo", "per_page": 100, **query}, headers=headers, expect_errors=True
    )
    assert response.status_int in (200, 401, 403, 404), response
    return response.json if response.status_int == 200 else None


def shown(rows: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """What the rows say is on the page; each has a reason for what it says."""
    for row in rows:
        codes = {reason["code"] for reason in row["reasons"]}
        if row["shown"]:
            assert codes & ADMITTING, row
            assert not codes & HIDING, row
        else:
            assert codes & HIDING, row
        assert all(reason["message"].endswith(".") for reason in row["reasons"])
    return {(row["file_name"], row["file_sha256"]) for row in rows if row["shown"]}


def codes_in(rows: list[dict[str, Any]]) -> set[str]:
    """The codes of what is hidden although it is not turned off."""
    found = [{reason["code"] for reason in row["reasons"]} for row in rows]
    return set().union(*(codes for codes in found if "registry_turned_off" not in codes))


def check(world: World, seed: int) -> None:
    chance = random.Random(seed)
    projects = build(world, chance)
    everybody = list(callers(world, chance, projects))
    users = {"": {}, **{name: world.as_(name) for name in world.users}}
    administrator = world.as_("ada")
    compared = set()
    for index, address in addresses(projects):
        for headers in everybody:
            page = listed(world, index, headers)
            rows = explained(world, address, headers)
            if rows is None:
                # Who finds a file through a group that they do not see is told nothing more.
                continue
            assert shown(rows) == (page or set()), (index, headers)
            # Of what they may not pull they are told nothing, unless they may turn it on.
            assert not codes_in(rows) & {"project_not_visible", "role_too_low"}, (index, headers)
            compared.add((index, frozenset(page or ())))
        for name, headers in users.items():
            asked = {"user_id": world.users[name]} if name else {"anonymous": "true"}
            rows = explained(world, address, administrator, **asked)
            assert rows is not None
            assert shown(rows) == (listed(world, index, headers) or set()), (index, name)
    # Pages that are all alike would prove nothing.
    assert len({page for _, page in compared}) > 3


@pytest.mark.parametrize("seed", range(3))
def test_it_agrees_with_the_index(world: World, seed: int) -> None:
    check(world, seed)
