"""What an index costs who has many memberships, and that nobody is refused for it."""

from typing import Any

import pytest
from pyramid.request import Request
from sqlalchemy import insert

from pyregistry.authnz.credentials import Place, Presented
from pyregistry.authnz.identity import Lineage
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.models import Membership
from pyregistry.namespaces.services.create import find
from pyregistry.namespaces.services.rename import rename
from pyregistry.resources.index_lineage import lineage_of_index
from pyregistry.tokens.services.identify import identify_token
from tests.factories.distributions import wheel
from tests.factories.statements import plans, statements
from tests.factories.world import FOUNDER, World

CORE = Lineage(("acme", "acme/core"))
ADDRESSES = {
    "/acme/core/-/simple/": CORE,
    "/Acme/Core/-/simple/demo/": CORE,
    "/acme/core/-/files/0/demo": CORE,
    "/acme/core/-/legacy/": CORE,
    "/acme/core/-/pypi/demo/json": CORE,
    "/acme/core/-/integrity/demo": CORE,
    "/api/v4/projects/acme/core/packages/pypi": CORE,
    "/api/v4/projects/acme/core/packages/pypi/simple/demo": CORE,
    "/api/v4/projects/7/packages/pypi/simple": Lineage(namespace_id=7),
    "/api/v4/groups/7/-/packages/pypi/simple": Lineage(namespace_id=7),
    "/api/v4/groups/acme/-/packages/pypi/files/0/demo": Lineage(("acme",)),
    "/-/simple/": Lineage(),
    "/packages/0/demo": Lineage(),
    "/\xff/-/simple/": Lineage(),
    # What is shown there may lie in many places.
    "/": None,
    "/acme/core/": None,
    "/acme/core/-/members": None,
    "/acme/-/packages": None,
    "/-/search": None,
    "/api/v4/projects": None,
    "/api/v4/projects/7/packages": None,
    "/api/v4/groups/acme/-/packages": None,
    f"/api/v4/projects/{'9' * 30}/packages/pypi/simple": None,
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_lineage_of_an_address(address: str) -> None:
    request = Request.blank("/")
    request.environ["PATH_INFO"] = address
    assert lineage_of_index(request) == ADDRESSES[address]


@pytest.fixture
def secret(world: World) -> str:
    """The token of somebody with a role in a project, and in twenty others."""
    world.project("acme/core")
    world.upload("acme/core", wheel())
    world.member("acme/core", "ann", Role.REPORTER)
    others = [world.project(f"other/project-{number}") for number in range(20)]
    row: dict[str, Any] = {"user_id": world.users["ann"], "role": 20, "created_at": world.clock()}
    with world.components.database.writing() as session:
        session.execute(insert(Membership), [{**row, "namespace_id": each} for each in others])
    return world.token("ann")


@pytest.mark.parametrize("by", ["keys", "id"])
def test_memberships_elsewhere_are_not_loaded(world: World, secret: str, by: str) -> None:
    with world.components.database.reading() as session:
        everywhere = identify_token(session, Presented(secret, Place.PRIVATE_TOKEN), world.clock())
        assert everywhere is not None
        core = f"member:{_id_of(world, 'acme/core')}:20"
        lineage = CORE if by == "keys" else Lineage(namespace_id=_id_of(world, "acme/core"))
        here = identify_token(
            session, Presented(secret, Place.PRIVATE_TOKEN), world.clock(), lineage
        )
    assert here is not None
    assert len(everywhere.principals) == 21 + 2 + 1
    assert here.principals == {core, f"visitor:{_id_of(world, 'acme')}", "internal-users"}


def _id_of(world: World, path: str) -> int:
    with world.components.database.reading() as session:
        return find(session, path).id


def test_a_page_looks_up_what_it_needs(world: World, secret: str) -> None:
    headers = {"PRIVATE-TOKEN": secret}
    for address in ("/acme/-/simple/demo-package/", "/acme/core/-/simple/demo-package/"):
        world.app.get(address, headers=headers)
        with statements(world) as executed:
            world.app.get(address, headers=headers)
        if world.components.database.kind != "sqlite":
            continue
        steps = "\n".join(plans(world, executed)).splitlines()
        memberships = [step for step in steps if "memberships" in step]
        assert memberships
        # Those of the path by their keys; when the next of all of them ends, by its own index.
        allowed = ("(user_id=? AND namespace_id=?)", "(user_id=? AND expires_at>?)")
        assert all(any(keys in step for keys in allowed) for step in memberships), steps
        assert not any("_kind_" in step for step in steps), steps


def test_who_only_passes_through_a_group_reads_its_index(world: World) -> None:
    world.group("secret")
    world.project("secret/core")
    world.member("secret/core", "ann", Role.GUEST)
    headers = {**world.as_("ann"), "Accept": "text/html"}
    world.app.get("/secret/-/simple/", headers=headers, status=200)
    world.app.get("/secret/-/simple/", headers=world.as_("ben"), status=404)


def test_an_index_that_was_moved_leads_its_members_on(world: World, secret: str) -> None:
    headers = {"PRIVATE-TOKEN": secret}
    with world.components.database.writing() as session:
        rename(session, find(session, "acme/core").id, "kernel", FOUNDER, world.clock())
    answer = world.app.get("/acme/core/-/simple/", headers=headers, status=301)
    assert answer.headers["Location"].endswith("/acme/kernel/-/simple/")
    world.app.get("/acme/core/-/simple/", headers=world.as_("ben"), status=404)
