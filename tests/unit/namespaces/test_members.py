"""Members of groups and projects."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from pyregistry.authnz.roles import Role
from pyregistry.errors import Invalid
from pyregistry.namespaces.models import Membership
from pyregistry.namespaces.services.members import set_member
from tests.factories.world import World


@pytest.mark.parametrize("role", Role)
def test_every_role(world: World, role: Role) -> None:
    world.project("acme/core")
    world.member("acme/core", "alice", role)
    with world.components.database.reading() as session:
        membership = session.scalars(select(Membership)).one()
    assert (membership.role, membership.expires_at) == (role, None)
    assert membership.created_at == world.clock()


def test_one_role_in_each_namespace(world: World) -> None:
    world.project("acme/core")
    world.member("acme/core", "alice", Role.OWNER)
    world.member("acme/core", "alice", Role.GUEST)
    world.member("acme", "alice", Role.REPORTER)
    with world.components.database.reading() as session:
        roles = session.scalars(select(Membership.role).order_by(Membership.role)).all()
    assert roles == [Role.GUEST, Role.REPORTER]


def test_role_that_ends(world: World) -> None:
    world.group("acme")
    end = world.clock() + timedelta(seconds=1)
    world.member("acme", "alice", Role.OWNER, expires_at=end)
    with world.components.database.reading() as session:
        assert session.scalars(select(Membership.expires_at)).one() == end


def test_changing_the_role_renews_its_end(world: World) -> None:
    world.group("acme")
    world.member("acme", "alice", Role.OWNER, expires_at=world.clock() + timedelta(days=1))
    world.member("acme", "alice", Role.OWNER)
    with world.components.database.reading() as session:
        assert session.scalars(select(Membership.expires_at)).one() is None


def test_who_comes_back_is_a_member_since_then(world: World) -> None:
    world.group("acme")
    world.member("acme", "alice", Role.OWNER, expires_at=world.clock() + timedelta(days=2))
    since = world.clock()
    for days in (1, 2):
        world.clock.advance(days=days)
        world.member("acme", "alice", Role.GUEST, expires_at=world.clock() + timedelta(days=1))
        if days > 1:
            since = world.clock()
        with world.components.database.reading() as session:
            assert session.scalars(select(Membership.created_at)).one() == since


@pytest.mark.parametrize("seconds", [0, -1])
def test_end_that_has_passed(world: World, seconds: int) -> None:
    group, alice = world.group("acme"), world.user("alice")
    end = world.clock() + timedelta(seconds=seconds)
    with (
        world.components.database.writing() as session,
        pytest.raises(Invalid, match="would have ended already"),
    ):
        set_member(session, group, alice, Role.OWNER, expires_at=end, now=world.clock())
    assert world.count(Membership) == 0


def test_role_that_is_none_of_the_five(world: World) -> None:
    group, alice = world.group("acme"), world.user("alice")
    with pytest.raises(IntegrityError), world.components.database.writing() as session:
        session.add(
            Membership(namespace_id=group, user_id=alice, role=60, created_at=world.clock())
        )
