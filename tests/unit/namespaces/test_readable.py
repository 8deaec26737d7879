"""What a query shows is what the access control lists allow, for everybody and everywhere.

One tree of groups and projects holds every visibility; each viewer is compared in
every place of it.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from pyramid.authorization import ACLHelper
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pyregistry.accounts.models import User
from pyregistry.accounts.services.identities import USER_COLUMNS, identity_of, with_memberships
from pyregistry.authnz.identity import Credential, Identity, Viewer
from pyregistry.authnz.permissions import OF_PACKAGES, CredentialKind, Permissions, Scope
from pyregistry.authnz.policy import principals
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.acl import namespace_acl
from pyregistry.namespaces.models import Namespace, NamespaceKind
from pyregistry.namespaces.records import COLUMNS, NamespaceRecord
from pyregistry.namespaces.services.pages import child_key, visible_children
from pyregistry.namespaces.services.readable import pullable, readable
from tests.factories.switches import INSTANCE, turn
from tests.factories.world import World

pytestmark = pytest.mark.thorough

VISIBILITIES = ("private", "internal", "public")
TOP = "top"
GROUPS = [TOP, *(f"{TOP}/{visibility}-group" for visibility in VISIBILITIES)]

# A member of the top group, of a group in it, of a project in that, or of another tree.
PLACES = [
    *GROUPS,
    *(f"{TOP}/private-group/private-{pull}" for pull in ("open", "closed")),
    f"{TOP}/public-group/public-closed",
    "other",
]
EXPIRIES = {"for-ever": None, "still": timedelta(seconds=1), "over": timedelta(seconds=-1)}


class Gate:
    """Something with an access control list, for Pyramid to ask."""

    __parent__ = None

    def __init__(self, lineage: list[NamespaceRecord]) -> None:
        self.lineage = lineage

    def __acl__(self) -> object:
        return namespace_acl(self.lineage)


def build(world: World) -> None:
    """A top group, a group of each visibility in it, and the projects that may be in those."""
    world.group("other", "public")
    world.group(TOP, "public")
    for place, group in enumerate(GROUPS[1:]):
        world.group(group, VISIBILITIES[place])
        for visibility, pull in product(VISIBILITIES[: place + 1], ("open", "closed")):
            world.project(
                f"{group}/{visibility}-{pull}", visibility, anyone_can_pull=pull == "open"
            )


def people(world: World) -> None:
    """Everybody of interest: each role in each place, with and without an end, and outsiders."""
    for is_external in (False, True):
        who = "external" if is_external else "internal"
        world.user(f"{who}-nobody", is_external=is_external)
        world.user(f"{who}-admin", is_external=is_external, is_admin=True)
        for number, (place, role) in enumerate(product(PLACES, Role)):
            username = f"{who}-{number}-{role.name.lower()}"
            world.user(username, is_external=is_external)
            world.member(place, username, role)
    # The end of a role is told at its own place only: it does not depend on the others.
    for end, delta in EXPIRIES.items():
        username = f"external-{end}"
        world.user(username, is_external=True)
        world.member(TOP, username, Role.OWNER, expires_at=_future(world, delta))
    # The highest role counts, and one that is over hides none that holds.
    world.user("external-two-roles", is_external=True)
    world.member(TOP, "external-two-roles", Role.REPORTER)
    world.member(f"{TOP}/private-group", "external-two-roles", Role.GUEST)
    world.user("external-one-is-over", is_external=True)
    world.member(
        TOP, "external-one-is-over", Role.OWNER, expires_at=world.clock() + timedelta(hours=1)
    )
    world.member(f"{TOP}/private-group", "external-one-is-over", Role.REPORTER)


def _future(world: World, delta: timedelta | None):
    # The clock is set an hour later when everything has been made.
    return None if delta is None else world.clock() + timedelta(hours=1) + delta


def callers(session: Session, world: World) -> Iterator[tuple[str, Identity | None, Viewer]]:
    """Nobody and every user, as the policy and as queries see them."""
    yield "nobody", None, Viewer.of(None, world.clock())
    credential = Credential(CredentialKind.PERSONAL_ACCESS_TOKEN, 1, "test", frozenset({Scope.API}))
    for username, user_id in sorted(world.users.items()):
        statement = select(*USER_COLUMNS).where(User.id == user_id)
        rows = session.execute(with_memberships(statement, world.clock())).all()
        identity = identity_of(rows, credential)
        yield username, identity, Viewer.of(identity, world.clock())


def lineages(session: Session) -> dict[int, list[NamespaceRecord]]:
    """Every namespace with its lineage, from itself to its top group."""
    rows = session.execute(select(*COLUMNS).order_by(func.length(Namespace.full_path)))
    found: dict[int, list[NamespaceRecord]] = {}
    for record in map(NamespaceRecord.of, rows):
        found[record.id] = [record, *found.get(record.parent_id or 0, [])]
    return found


def allowed(identity: Identity | None, lineage: list[NamespaceRecord], what: Permissions) -> bool:
    return bool(ACLHelper().permits(Gate(lineage), principals(identity), what))


@pytest.fixture
def peopled(world: World) -> World:
    """The tree and everybody, an hour later."""
    build(world)
    people(world)
    world.clock.advance(hours=1)
    return world


OFF = (f"{TOP}/private-group/private-open", f"{TOP}/internal-group")


@pytest.mark.parametrize(
    ("condition", "permission"),
    [(pullable, Permissions.PACKAGE_PULL), (readable, Permissions.PACKAGE_READ)],
    ids=["pull", "read"],
)
@pytest.mark.parametrize("off", [(), OFF, (INSTANCE,)])
def test_what_may_be_pulled_and_read_is_what_the_list_says(
    peopled: World, off: tuple[str, ...], condition: Any, permission: Permissions
) -> None:
    compared = set()
    for path in off:
        turn(peopled, path, on=False)
    with peopled.components.database.reading() as session:
        projects = {
            key: lineage for key, lineage in lineages(session).items() if lineage[0].is_project
        }
        for username, identity, viewer in callers(session, peopled):
            by_query = set(
                session.scalars(
                    select(Namespace.id).where(
                        Namespace.kind == NamespaceKind.PROJECT, condition(viewer)
                    )
                )
            )
            by_list = {
                key for key, lineage in projects.items() if allowed(identity, lineage, permission)
            }
            assert by_query == by_list, username
            compared.add(frozenset(by_query))
    if INSTANCE in off:
        assert compared == {frozenset()}
        return
    # The tree tells callers apart: a comparison of nothing with nothing would prove nothing.
    assert len(compared) > (5 if off else 8)


def test_where_it_is_off_nobody_may_do_anything_with_packages(peopled: World) -> None:
    with peopled.components.database.reading() as session:
        before = permitted(session, peopled)
    for path in OFF:
        turn(peopled, path, on=False)
    with peopled.components.database.reading() as session:
        after = permitted(session, peopled)
    lost = {
        (path, what)
        for path, what in product(before, Permissions)
        if what in before[path] and what not in after[path]
    }
    below = [path for path in before if f"{path}/".startswith(tuple(f"{each}/" for each in OFF))]
    assert len(below) == 6
    assert lost == set(product(below, OF_PACKAGES))


def permitted(session: Session, world: World) -> dict[str, set[Permissions]]:
    """What anybody at all may do, by path."""
    known = lineages(session)
    found: dict[str, set[Permissions]] = {lin[0].full_path: set() for lin in known.values()}
    for _, identity, _ in callers(session, world):
        for lineage in known.values():
            found[lineage[0].full_path].update(
                what for what in Permissions if allowed(identity, lineage, what)
            )
    return found


def test_what_is_listed_is_what_the_list_says(peopled: World) -> None:
    compared = set()
    with peopled.components.database.reading() as session:
        known = lineages(session)
        parents = [None, *(key for key, lineage in known.items() if not lineage[0].is_project)]
        for username, identity, viewer in callers(session, peopled):
            by_query = {
                record.id
                for parent in parents
                for record in visible_children(session, viewer, parent, limit=1000)
            }
            by_list = {
                key
                for key, lineage in known.items()
                if allowed(
                    identity,
                    lineage,
                    Permissions.PROJECT_READ if lineage[0].is_project else Permissions.GROUP_READ,
                )
            }
            assert by_query == by_list, username
            compared.add(frozenset(by_query))
    assert len(compared) > 8


def test_children_are_groups_first_in_pages(world: World) -> None:
    world.group("a", "public")
    for name in ("zebra", "Ant", "mouse"):
        world.group(f"a/{name}", "public")
    for name in ("Bee", "ant-2", "yak"):
        world.project(f"a/{name}", "public")
    with world.components.database.reading() as session:
        parent = session.scalars(select(Namespace.id).where(Namespace.full_path == "a")).one()
        viewer = Viewer.of(None, world.clock())
        seen: list[str] = []
        after = ""
        while page := visible_children(session, viewer, parent, limit=2, after=after):
            assert len(page) <= 2
            seen += [record.path for record in page]
            after = child_key(page[-1])
    assert seen == ["Ant", "mouse", "zebra", "ant-2", "Bee", "yak"]
