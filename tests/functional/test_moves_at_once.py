"""Several changes of the tree at once: one after the other, or one is told to try again."""

from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import select
from webtest import TestApp

from pyregistry.authnz.roles import Role
from pyregistry.namespaces.models import Membership, Namespace, NamespaceAncestor
from pyregistry.packaging.models import File, Package
from tests.factories import uploads
from tests.factories.distributions import sdist
from tests.factories.world import World, fields_of
from tests.functional.test_concurrency import at_once

pytestmark = pytest.mark.thorough

API = "/api/v4"
ROUNDS = 6


@pytest.fixture
def headers(world: World) -> dict[str, str]:
    """Those of the administrator."""
    world.user("root", is_admin=True)
    return world.as_("root")


def send(world: World, headers: dict[str, str], method: str, address: str, **wanted: object) -> int:
    app = TestApp(world.app.app, extra_environ={"REMOTE_ADDR": "192.0.2.7"})
    request = getattr(app, f"{method.lower()}_json")
    status: int = request(API + address, wanted, headers=headers, status="*").status_int
    return status


def push(world: World, headers: dict[str, str], path: str, name: str) -> int:
    app = TestApp(world.app.app, extra_environ={"REMOTE_ADDR": "192.0.2.7"})
    each = sdist(name)
    content_type, body = uploads.twine(fields_of(each), each.filename, each.content)
    sent = {**headers, "Content-Type": content_type}
    return app.post(f"/{path}/-/legacy/", body, headers=sent, status="*").status_int


def check_tree(world: World) -> None:
    """Every path and the closure agree with the parents."""
    with world.components.database.reading() as session:
        nodes = {row.id: row for row in session.scalars(select(Namespace))}
        closure = {
            (row.namespace_id, row.ancestor_id, row.depth)
            for row in session.scalars(select(NamespaceAncestor))
        }

    def lineage(number: int) -> list[int]:
        parent = nodes[number].parent_id
        return [number, *(lineage(parent) if parent is not None else [])]

    for number, node in nodes.items():
        assert node.full_path == "/".join(nodes[each].path for each in lineage(number)[::-1])
    assert closure == {
        (number, above, depth) for number in nodes for depth, above in enumerate(lineage(number))
    }


def test_two_groups_into_each_other(world: World, headers: dict[str, str]) -> None:
    move = partial(send, world, headers, "POST")
    for number in range(ROUNDS):
        one, other = world.group(f"one{number}"), world.group(f"other{number}")
        outcome = at_once(
            [
                partial(move, f"/groups/{one}/transfer", group_id=other),
                partial(move, f"/groups/{other}/transfer", group_id=one),
            ]
        )
        assert sorted(outcome) in ([201, 400], [201, 409])
        check_tree(world)


def test_one_project_to_two_places(world: World, headers: dict[str, str]) -> None:
    move = partial(send, world, headers, "PUT")
    world.group("left", "public")
    world.group("right", "public")
    for number in range(ROUNDS):
        project = world.project(f"acme/core{number}", "public")
        outcome = at_once(
            [
                partial(move, f"/projects/{project}/transfer", namespace=place)
                for place in ("left", "right")
            ]
        )
        assert sorted(outcome) in ([200, 200], [200, 409])
        check_tree(world)


def test_two_take_one_path(world: World, headers: dict[str, str]) -> None:
    for number in range(ROUNDS):
        one, other = world.group(f"one{number}"), world.group(f"other{number}")
        outcome = at_once(
            [
                partial(send, world, headers, "PUT", f"/groups/{each}", path=f"new{number}")
                for each in (one, other)
            ]
        )
        assert sorted(outcome) == [200, 409]
        check_tree(world)


@pytest.mark.parametrize("end", ["deleted", "moved"])
def test_beside_uploads_and_members(world: World, headers: dict[str, str], end: str) -> None:
    world.group("zeta", "public")
    world.user("dora")
    for number in range(ROUNDS):
        path = f"acme/core{number}"
        project = world.project(path, "public")
        world.member("acme", f"reader{number}", Role.REPORTER)
        address = f"/projects/{project}"
        finish: Callable[[], int] = (
            partial(send, world, headers, "DELETE", address)
            if end == "deleted"
            else partial(send, world, headers, "PUT", f"{address}/transfer", namespace="zeta")
        )
        outcome = at_once(
            [
                finish,
                partial(push, world, headers, path, f"one{number}"),
                partial(push, world, headers, path, f"two{number}"),
                partial(
                    send,
                    world,
                    headers,
                    "POST",
                    f"{address}/members",
                    username="dora",
                    access_level=30,
                ),
            ]
        )
        assert outcome[0] == (202 if end == "deleted" else 200)
        assert set(outcome[1:3]) <= {200, 404, 405}
        assert outcome[3] in (201, 404, 409)
        check_tree(world)
    if end == "deleted":
        assert [world.count(each) for each in (Package, File)] == [0, 0]
        with world.components.database.reading() as session:
            left = session.scalars(select(Membership).where(Membership.user_id == 2)).all()
        assert left == []
