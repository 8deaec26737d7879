"""Owners who are none any more when it is their turn to change a group or project."""

import json
from collections.abc import Callable
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import delete, text
from sqlalchemy.orm import Session
from webtest import TestApp

from pyregistry.authnz.identity import Actor
from pyregistry.authnz.roles import Role
from pyregistry.members.services.authority import Granter
from pyregistry.namespaces.models import Membership
from pyregistry.namespaces.services.create import find
from pyregistry.namespaces.services.locking import lock_tree
from pyregistry.tree.services.transfer import transfer
from tests.factories.world import World

API = "/api/v4"
WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database()
"""
MOVER = Granter(Actor(), is_admin=True)
PATIENCE = 10


@pytest.fixture
def headers(world: World) -> dict[str, str]:
    """Those of olga, who is Owner of two groups, but not of the group above one of them."""
    if world.components.database.kind == "sqlite":
        pytest.skip("SQLite has one writer: nobody waits between being asked and being let in")
    world.group("acme", "public")
    world.group("acme/other", "public")
    world.group("zeta", "public")
    world.group("acme/team", "public")
    world.project("acme/team/core", "public")
    world.member("acme/team", "olga", Role.OWNER)
    world.member("zeta", "olga", Role.OWNER)
    world.member("acme/other", "omar", Role.OWNER)
    return world.as_("olga")


def late(
    world: World,
    headers: dict[str, str],
    method: str,
    address: str,
    parameters: dict[str, Any],
    meanwhile: Callable[[Session], object],
) -> int:
    """The answer to a request that waited for a lock while something else happened."""
    found: list[int] = []

    def send() -> None:
        app = TestApp(world.app.app, extra_environ={"REMOTE_ADDR": "192.0.2.7"})
        response = app.request(
            API + address,
            method=method,
            body=json.dumps(parameters).encode(),
            headers={**headers, "Content-Type": "application/json"},
            status="*",
        )
        found.append(response.status_int)

    thread = Thread(target=send)
    database = world.components.database
    with database.writing() as session:
        lock_tree(session, find(session, "acme/team").id)
        thread.start()
        end = monotonic() + PATIENCE
        while monotonic() < end:
            with database.reading() as other:
                if other.scalar(text(WAITING)):
                    break
            sleep(0.01)
        meanwhile(session)
    thread.join()
    return found[0]


@pytest.mark.parametrize(
    ("method", "address", "parameters"),
    [
        ("DELETE", "/groups/acme%2Fteam", {}),
        ("DELETE", "/projects/acme%2Fteam%2Fcore", {}),
        ("PUT", "/groups/acme%2Fteam", {"path": "renamed"}),
        ("PUT", "/projects/acme%2Fteam%2Fcore", {"package_registry_access_level": "public"}),
        ("PUT", "/projects/acme%2Fteam%2Fcore/transfer", {"namespace": "zeta"}),
        ("POST", "/groups/acme%2Fteam/transfer", {"group_id": "zeta"}),
    ],
)
def test_a_role_that_is_taken_away(
    world: World,
    headers: dict[str, str],
    method: str,
    address: str,
    parameters: dict[str, Any],
) -> None:
    taken_away = delete(Membership).where(
        Membership.user_id == world.users["olga"],
        Membership.namespace_id == _id_of(world, "acme/team"),
    )
    status = late(
        world, headers, method, address, parameters, lambda session: session.execute(taken_away)
    )
    assert status == 403
    assert _id_of(world, "acme/team/core")


def test_a_project_that_is_moved_within_the_tree(world: World, headers: dict[str, str]) -> None:
    project, other = _id_of(world, "acme/team/core"), _id_of(world, "acme/other")
    status = late(
        world,
        headers,
        "DELETE",
        f"/projects/{project}",
        {},
        lambda session: transfer(session, project, other, MOVER, world.clock()),
    )
    assert status == 403
    assert _id_of(world, "acme/other/core") == project


def _id_of(world: World, path: str) -> int:
    with world.components.database.reading() as session:
        return find(session, path).id
