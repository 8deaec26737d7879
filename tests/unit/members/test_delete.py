"""Deleting a user, with every role and token."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from pyregistry.accounts.models import User
from pyregistry.authnz.roles import Role
from pyregistry.events.models import Event
from pyregistry.members.errors import SoleOwner
from pyregistry.members.services.delete import delete_user
from pyregistry.members.services.memberships import memberships_of
from pyregistry.namespaces.models import Membership
from pyregistry.slices import Window
from pyregistry.tokens.models import Token
from tests.factories.members import roles_in
from tests.factories.tokens import change_token, token_id, token_row
from tests.factories.world import FOUNDER, START, World

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _tree(world: World) -> None:
    """A group with a project, and an Owner of the group."""
    world.group("acme")
    world.project("acme/core")
    world.member("acme", "olga", Role.OWNER)


def delete(world: World, username: str) -> None:
    with world.components.database.writing() as session:
        delete_user(session, world.users[username], FOUNDER, world.clock())


def events_of(world: World, action: str) -> list[Event]:
    with world.components.database.reading() as session:
        return list(session.scalars(select(Event).where(Event.action == action)))


def test_jobs_that_their_tokens_let_in_end(world: World) -> None:
    token, job = world.token("target"), world.job_token("acme/core")
    change_token(world, job, minted_by_id=token_id(world, token))
    other = world.job_token("acme/core")
    delete(world, "target")
    assert token_row(world, job).revoked_at == world.clock()
    assert token_row(world, other).revoked_at is None
    (deleted,) = events_of(world, "user.deleted")
    assert deleted.details["job_tokens_revoked"] == 1


def test_only_valid_tokens_are_counted(world: World) -> None:
    world.token("target")
    world.token("target", expires_at=START + DAY)
    change_token(world, world.token("target"), revoked_at=START)
    world.clock.advance(days=1)
    delete(world, "target")
    (deleted,) = events_of(world, "user.deleted")
    assert deleted.details["tokens_revoked"] == 1
    assert world.count(Token) == 0


def test_a_role_that_has_ended_is_no_event(world: World) -> None:
    world.member("acme", "target", Role.OWNER, expires_at=START + DAY)
    world.member("acme/core", "target", Role.GUEST)
    world.clock.advance(days=1)
    delete(world, "target")
    (removed,) = events_of(world, "member.removed")
    assert removed.namespace_path == "acme/core"
    assert world.count(Membership) == 1


def test_an_owner_remains_everywhere(world: World) -> None:
    world.member("acme/core", "target", Role.OWNER)
    # The group's Owner is the project's, too.
    delete(world, "target")
    world.member("acme/core", "olga", Role.OWNER)
    with pytest.raises(SoleOwner, match="acme would be left without an Owner"):
        delete(world, "olga")
    world.member("acme", "otto", Role.OWNER, expires_at=START + DAY)
    with pytest.raises(SoleOwner):
        delete(world, "olga")
    world.member("acme", "otto", Role.OWNER)
    delete(world, "olga")
    assert roles_in(world, "acme") == {"otto": 50}
    assert roles_in(world, "acme/core") == {}


def test_a_refusal_leaves_everything(world: World) -> None:
    world.member("acme/core", "olga", Role.GUEST)
    secret = world.token("olga")
    with pytest.raises(SoleOwner):
        delete(world, "olga")
    assert token_row(world, secret).revoked_at is None
    assert (world.count(User), world.count(Membership)) == (1, 2)
    assert events_of(world, "member.removed") == []


def test_memberships_that_have_ended_are_none(world: World) -> None:
    world.member("acme", "target", Role.GUEST, expires_at=START + DAY)
    world.member("acme/core", "target", Role.GUEST)
    world.clock.advance(days=1)
    with world.components.database.reading() as session:
        found = memberships_of(session, world.users["target"], Window(20), world.clock())
    assert [(each.name, each.role) for each in found.rows] == [("core", Role.GUEST)]
