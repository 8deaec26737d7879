"""Who may add, change and remove members, role by role."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from itertools import product

import pytest

from pyregistry.accounts.services.users import block, find_user
from pyregistry.authnz.identity import Actor
from pyregistry.authnz.roles import MANAGER_ROLE, Role
from pyregistry.errors import Invalid
from pyregistry.members.errors import (
    InvalidRole,
    LastOwner,
    MemberExists,
    MemberNotFound,
    RoleTooLow,
)
from pyregistry.members.services.authority import Granter
from pyregistry.members.services.change import (
    Grant,
    add_member,
    change_member,
    give_role,
    remove_member,
)
from pyregistry.namespaces.services.create import find
from tests.factories.members import changes, granter, roles_in
from tests.factories.world import FOUNDER, World

pytestmark = pytest.mark.thorough

DAY = timedelta(days=1)
MACHINE = Granter(Actor(), is_admin=True)


@pytest.fixture(autouse=True)
def _tree(world: World) -> None:
    """A group with a subgroup and a project in that; an Owner, and people without a role."""
    world.group("acme")
    world.group("acme/team")
    world.project("acme/team/core")
    world.member("acme", "olga", Role.OWNER)
    for username in ("by", "target"):
        world.user(username)


def add(world: World, by: Granter, path: str, username: str, role: Role, **grant) -> None:
    with world.components.database.writing() as session:
        user = find_user(session, username)
        namespace_id = find(session, path).id
        add_member(session, namespace_id, user, Grant(role, **grant), by, world.clock())


def change(world: World, by: Granter, path: str, username: str, role: Role, **grant) -> None:
    with world.components.database.writing() as session:
        namespace_id = find(session, path).id
        user_id = world.users[username]
        change_member(session, namespace_id, user_id, Grant(role, **grant), by, world.clock())


def remove(world: World, by: Granter, path: str, username: str) -> None:
    with world.components.database.writing() as session:
        namespace_id = find(session, path).id
        remove_member(session, namespace_id, world.users[username], by, world.clock())


@pytest.mark.parametrize("place", ["acme", "acme/team/core"])
@pytest.mark.parametrize(("own", "role"), list(product(Role, Role)))
def test_granting_a_role(world: World, place: str, own: Role, role: Role) -> None:
    world.member(place, "by", own)
    by = granter(world, "by")
    if own >= MANAGER_ROLE and role <= own:
        add(world, by, "acme/team/core", "target", role)
        assert roles_in(world, "acme/team/core")["target"] == role
    else:
        with pytest.raises(RoleTooLow):
            add(world, by, "acme/team/core", "target", role)
        assert "target" not in roles_in(world, "acme/team/core")


@pytest.mark.parametrize(("own", "theirs"), list(product(Role, Role)))
@pytest.mark.parametrize("what", ["change", "remove"])
def test_touching_a_member(world: World, own: Role, theirs: Role, what: str) -> None:
    world.member("acme/team", "by", own)
    world.member("acme/team", "target", theirs)
    by, expected = granter(world, "by"), dict(roles_in(world, "acme/team"))
    allowed = own >= MANAGER_ROLE and theirs <= own
    with suppress(*([] if allowed else [RoleTooLow])):
        if what == "change":
            change(world, by, "acme/team", "target", Role.GUEST)
            expected["target"] = Role.GUEST
        else:
            remove(world, by, "acme/team", "target")
            del expected["target"]
        assert allowed
    if not allowed:
        expected["target"] = theirs
    assert roles_in(world, "acme/team") == expected


def test_the_highest_role_of_who_grants_counts(world: World) -> None:
    world.member("acme", "by", Role.OWNER)
    world.member("acme/team/core", "by", Role.GUEST)
    add(world, granter(world, "by"), "acme/team/core", "target", Role.OWNER)
    assert roles_in(world, "acme/team/core")["target"] == Role.OWNER


def test_a_role_further_down_or_elsewhere_grants_nothing(world: World) -> None:
    world.group("other")
    world.member("acme/team/core", "by", Role.OWNER)
    world.member("other", "by", Role.OWNER)
    with pytest.raises(RoleTooLow, match="Only a Maintainer or an Owner manages members"):
        add(world, granter(world, "by"), "acme/team", "target", Role.GUEST)


def test_a_role_that_has_ended_grants_nothing(world: World) -> None:
    world.member("acme", "by", Role.OWNER, expires_at=world.clock() + DAY)
    world.clock.advance(days=1)
    with pytest.raises(RoleTooLow):
        add(world, granter(world, "by"), "acme", "target", Role.GUEST)


def test_who_is_owner_from_above_is_not_touched_by_a_maintainer(world: World) -> None:
    world.member("acme/team", "by", Role.MAINTAINER)
    world.member("acme", "target", Role.OWNER)
    world.member("acme/team", "target", Role.GUEST)
    with pytest.raises(RoleTooLow, match="target is Owner here"):
        remove(world, granter(world, "by"), "acme/team", "target")


def test_nobody_raises_their_own_role(world: World) -> None:
    world.member("acme", "by", Role.MAINTAINER)
    with pytest.raises(RoleTooLow, match="You are Maintainer here: you cannot give the role Owner"):
        change(world, granter(world, "by"), "acme", "by", Role.OWNER)


def test_an_administrator_needs_no_role(world: World) -> None:
    by = granter(world, "by", is_admin=True)
    add(world, by, "acme", "target", Role.OWNER)
    change(world, by, "acme", "target", Role.GUEST)
    remove(world, by, "acme", "target")
    assert roles_in(world, "acme") == {"olga": Role.OWNER}


def test_adding_twice(world: World) -> None:
    olga = granter(world, "olga")
    add(world, olga, "acme", "target", Role.GUEST)
    with pytest.raises(MemberExists):
        add(world, olga, "acme", "target", Role.REPORTER)
    assert roles_in(world, "acme")["target"] == Role.GUEST


def test_a_member_that_has_ended_is_none(world: World) -> None:
    world.member("acme", "target", Role.OWNER, expires_at=world.clock() + DAY)
    world.clock.advance(days=1)
    olga = granter(world, "olga")
    with pytest.raises(MemberNotFound):
        change(world, olga, "acme", "target", Role.GUEST)
    with pytest.raises(MemberNotFound):
        remove(world, olga, "acme", "target")
    add(world, olga, "acme", "target", Role.GUEST)
    assert roles_in(world, "acme")["target"] == Role.GUEST
    assert [action for action, *_ in changes(world)] == ["member.added"]


@pytest.mark.parametrize("path", ["acme/team", "acme/team/core"])
def test_a_role_from_above_cannot_be_changed_below(world: World, path: str) -> None:
    world.member("acme", "target", Role.DEVELOPER)
    olga = granter(world, "olga")
    for act in (change, remove):
        with pytest.raises(MemberNotFound):
            act(world, olga, path, "target", *([Role.GUEST] if act is change else []))


@pytest.mark.parametrize("role", Role)
def test_a_role_below_the_one_from_above(world: World, role: Role) -> None:
    world.member("acme", "target", Role.DEVELOPER)
    olga = granter(world, "olga")
    if role >= Role.DEVELOPER:
        add(world, olga, "acme/team/core", "target", role)
        assert roles_in(world, "acme/team/core")["target"] == role
    else:
        with pytest.raises(InvalidRole, match="target is Developer by a group above"):
            add(world, olga, "acme/team/core", "target", role)


def test_an_end_that_has_passed(world: World) -> None:
    with pytest.raises(Invalid, match="would have ended already"):
        add(world, granter(world, "olga"), "acme", "target", Role.GUEST, expires_at=world.clock())


@pytest.mark.parametrize("role", [role for role in Role if role < Role.OWNER])
def test_anybody_may_leave(world: World, role: Role) -> None:
    world.member("acme/team/core", "target", role)
    remove(world, granter(world, "target"), "acme/team/core", "target")
    assert roles_in(world, "acme/team/core") == {}


def test_who_is_no_member_cannot_leave(world: World) -> None:
    with pytest.raises(MemberNotFound):
        remove(world, granter(world, "target"), "acme", "target")


def test_who_may_remove_nobody_does_not_learn_who_is_there(world: World) -> None:
    world.member("acme", "by", Role.DEVELOPER)
    with pytest.raises(RoleTooLow):
        remove(world, granter(world, "by"), "acme", "target")
    with pytest.raises(RoleTooLow):
        change(world, granter(world, "by"), "acme", "target", Role.GUEST)


class TestLastOwner:
    """Some Owner remains, through the lineage, whom nothing ends."""

    @pytest.mark.parametrize("by", ["olga", "administrator", "machine"])
    def test_the_last_owner_stays(self, world: World, by: str) -> None:
        world.user("administrator")
        is_admin = by == "administrator"
        who = MACHINE if by == "machine" else granter(world, by, is_admin=is_admin)
        with pytest.raises(LastOwner, match="acme would be left without an Owner"):
            remove(world, who, "acme", "olga")
        with pytest.raises(LastOwner):
            change(world, who, "acme", "olga", Role.MAINTAINER)
        with pytest.raises(LastOwner):
            change(world, who, "acme", "olga", Role.OWNER, expires_at=world.clock() + DAY)
        assert roles_in(world, "acme") == {"olga": Role.OWNER}
        assert changes(world) == []

    def test_the_last_but_one_may_leave(self, world: World) -> None:
        world.member("acme", "target", Role.OWNER)
        remove(world, granter(world, "olga"), "acme", "olga")
        with pytest.raises(LastOwner):
            remove(world, granter(world, "target"), "acme", "target")

    def test_another_owner_of_a_group_below_does_not_count(self, world: World) -> None:
        world.member("acme/team", "target", Role.OWNER)
        with pytest.raises(LastOwner):
            remove(world, granter(world, "olga"), "acme", "olga")

    def test_an_owner_of_a_group_above_counts(self, world: World) -> None:
        world.member("acme/team/core", "target", Role.OWNER)
        remove(world, granter(world, "target"), "acme/team/core", "target")
        assert roles_in(world, "acme/team/core") == {}

    def test_below_a_group_without_an_owner(self, world: World) -> None:
        world.project("orphan/core")
        world.member("orphan/core", "target", Role.OWNER)
        with pytest.raises(LastOwner, match="orphan/core would be left without an Owner"):
            remove(world, granter(world, "target"), "orphan/core", "target")

    def test_an_owner_who_is_blocked_does_not_count(self, world: World) -> None:
        world.member("acme", "target", Role.OWNER)
        with world.components.database.writing() as session:
            block(session, find_user(session, "target"), FOUNDER, world.clock())
        with pytest.raises(LastOwner):
            remove(world, granter(world, "olga"), "acme", "olga")
        remove(world, granter(world, "olga"), "acme", "target")

    def test_an_owner_whose_role_ends_does_not_follow_one_whose_does_not(
        self, world: World
    ) -> None:
        world.member("acme", "target", Role.OWNER, expires_at=world.clock() + DAY)
        with pytest.raises(LastOwner):
            remove(world, granter(world, "olga"), "acme", "olga")
        remove(world, granter(world, "target"), "acme", "target")

    def test_the_last_owner_may_be_kept_longer(self, world: World) -> None:
        world.group("other")
        world.member("other", "target", Role.OWNER, expires_at=world.clock() + DAY)
        change(world, MACHINE, "other", "target", Role.OWNER, expires_at=world.clock() + 2 * DAY)
        with pytest.raises(LastOwner):
            remove(world, MACHINE, "other", "target")
        change(world, MACHINE, "other", "target", Role.OWNER)

    def test_two_who_leave_at_once(self, world: World) -> None:
        world.member("acme", "target", Role.OWNER)
        olga, target = granter(world, "olga"), granter(world, "target")
        with ThreadPoolExecutor(1) as pool:
            with world.components.database.writing() as session:
                acme = find(session, "acme").id
                remove_member(session, acme, world.users["olga"], olga, world.clock())
                leaving = pool.submit(remove, world, target, "acme", "target")
                time.sleep(0.3)  # it waits for the lock, or else it has left by now
            with pytest.raises(LastOwner):
                leaving.result()
        assert roles_in(world, "acme") == {"target": Role.OWNER}


def test_what_events_tell(world: World) -> None:
    olga, end = granter(world, "olga"), world.clock() + DAY
    add(world, olga, "acme/team", "target", Role.GUEST)
    change(world, olga, "acme/team", "target", Role.REPORTER, expires_at=end)
    change(world, olga, "acme/team", "target", Role.REPORTER, keeps_end=True)
    remove(world, olga, "acme/team", "target")
    guest = {"access_level": 10, "expires_at": None}
    reporter = {"access_level": 20, "expires_at": "2026-11-24T12:00:00+00:00"}
    who = {"user_id": world.users["target"], "username": "target"}
    assert changes(world) == [
        ("member.added", "olga", "acme/team", {**who, "before": None, "after": guest}),
        ("member.changed", "olga", "acme/team", {**who, "before": guest, "after": reporter}),
        ("member.removed", "olga", "acme/team", {**who, "before": reporter, "after": None}),
    ]


def test_giving_a_role_adds_or_changes(world: World) -> None:
    for role in (Role.GUEST, Role.OWNER):
        with world.components.database.writing() as session:
            user = find_user(session, "target")
            namespace_id = find(session, "acme").id
            give_role(session, namespace_id, user, Grant(role), MACHINE, world.clock())
        assert roles_in(world, "acme")["target"] == role
    assert [action for action, *_ in changes(world)] == ["member.added", "member.changed"]
