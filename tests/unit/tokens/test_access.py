"""Access tokens and their bots."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from pyregistry.accounts.errors import InvalidUser
from pyregistry.accounts.models import User
from pyregistry.accounts.services.users import (
    NewUser,
    block,
    create_user,
    find_user_by_id,
    set_external,
    set_password,
)
from pyregistry.authnz.identity import Actor
from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.errors import Invalid
from pyregistry.members.errors import LastOwner, RoleTooLow
from pyregistry.members.services.authority import Granter
from pyregistry.members.services.change import (
    Grant,
    add_member,
    change_member,
    give_role,
    remove_member,
)
from pyregistry.namespaces.services.create import find
from pyregistry.tokens.services.personal import create_personal_token
from tests.factories.members import changes, granter, roles_in
from tests.factories.tokens import token_row
from tests.factories.world import FOUNDER, PASSWORD, World
from tests.unit.tokens.conftest import Tokens

MACHINE = Granter(Actor(credential_kind="command_line"), is_admin=True)


def bot_of(world: World, secret: str) -> User:
    user_id = token_row(world, secret).user_id
    assert user_id is not None
    with world.components.database.reading() as session:
        return session.get_one(User, user_id)


@pytest.mark.parametrize(("path", "kind"), [("acme", "group"), ("acme/core", "project")])
def test_the_bot(tokens: Tokens, world: World, path: str, kind: str) -> None:
    secret = tokens.access(path, "olga", Role.DEVELOPER, name=" deploys ")
    token, bot = token_row(world, secret), bot_of(world, secret)
    with world.components.database.reading() as session:
        namespace_id = find(session, path).id
    assert re.fullmatch(rf"{kind}_{namespace_id}_bot_[0-9a-f]{{8}}", bot.username)
    assert bot.username_key == bot.username
    assert (bot.name, bot.email) == ("deploys", f"{bot.username}@noreply.invalid")
    assert (bot.is_bot, bot.is_external, bot.is_admin) == (True, True, False)
    assert (bot.password_hash, bot.blocked_at) == (None, None)
    assert roles_in(world, path)[bot.username] == Role.DEVELOPER
    assert (token.kind, token.name) == (f"{kind}_access_token", "deploys")
    assert (token.namespace_id, token.user_id) == (namespace_id, bot.id)
    assert token.creator_id == world.users["olga"]
    identity = tokens.identify(secret)
    assert identity is not None
    assert identity.role_in([namespace_id]) is Role.DEVELOPER


def test_every_token_has_a_bot_of_its_own(tokens: Tokens, world: World) -> None:
    bots = {bot_of(world, tokens.access("acme", "olga")).id for _ in range(3)}
    assert len(bots) == 3


def test_the_role_ends_with_the_token(tokens: Tokens, world: World) -> None:
    end = world.clock() + timedelta(days=1)
    username = bot_of(world, tokens.access("acme", "olga", expires_at=end)).username
    assert username in roles_in(world, "acme")
    world.clock.advance(days=1)
    assert username not in roles_in(world, "acme")


def test_the_event(tokens: Tokens, world: World) -> None:
    end = world.clock() + timedelta(days=1)
    secret = tokens.access("acme/core", "mia", scope=Scope.READ_API, expires_at=end)
    assert changes(world) == [
        (
            "token.created",
            "mia",
            "acme/core",
            {
                "kind": "project_access_token",
                "name": "ci",
                "scopes": ["read_api"],
                "access_level": 40,
                "username": bot_of(world, secret).username,
                "before": None,
                "after": {
                    "token_id": token_row(world, secret).id,
                    "expires_at": "2026-11-24T12:00:00+00:00",
                },
            },
        )
    ]


@pytest.mark.parametrize("role", Role)
def test_never_above_the_role_of_who_creates_it(tokens: Tokens, world: World, role: Role) -> None:
    assert tokens.works(tokens.access("acme/core", "olga", role))
    assert tokens.works(tokens.access("acme/core", MACHINE, role))
    if role <= Role.MAINTAINER:
        assert tokens.works(tokens.access("acme/core", "mia", role))
        return
    with pytest.raises(RoleTooLow, match="You are Maintainer here: a token cannot have a role"):
        tokens.access("acme/core", "mia", role)


def test_only_who_manages_creates(tokens: Tokens, world: World) -> None:
    world.user("stranger")
    for who in ("dora", "stranger", Granter(Actor(), is_admin=False)):
        with pytest.raises(RoleTooLow, match="Only a Maintainer or an Owner manages tokens"):
            tokens.access("acme/core", who, Role.GUEST)
        with pytest.raises(RoleTooLow, match="Only a Maintainer or an Owner manages tokens"):
            tokens.deploy("acme/core", who)
    # A role in a project is none in the group above.
    with pytest.raises(RoleTooLow):
        tokens.access("acme", "mia", Role.GUEST)


def test_nothing_is_left_of_what_is_refused(tokens: Tokens, world: World) -> None:
    users = world.count(User)
    for wrong in (
        {"name": " "},
        {"name": "x" * 256},
        {"scope": Scope.READ_PACKAGE_REGISTRY},
        {"expires_at": world.clock()},
    ):
        with pytest.raises(Invalid):
            tokens.access("acme", "olga", **wrong)
    tokens.longest = timedelta(days=30)
    for end in (None, world.clock() + timedelta(days=31)):
        with pytest.raises(Invalid, match="valid for 30 days here"):
            tokens.access("acme", "olga", expires_at=end)
    assert world.count(User) == users
    assert changes(world) == []


def test_a_bot_has_nothing_but_its_token(tokens: Tokens, world: World) -> None:
    bot = bot_of(world, tokens.access("acme", "olga", Role.GUEST))
    now, olga = world.clock(), granter(world, "olga")
    with world.components.database.writing() as session:
        bot = find_user_by_id(session, bot.id)
        group, project = find(session, "acme").id, find(session, "acme/core").id
        grant = Grant(Role.OWNER)
        attempts = (
            lambda: set_password(session, bot, PASSWORD, FOUNDER, now),
            lambda: set_external(session, bot, False, FOUNDER, now),
            lambda: create_personal_token(
                session, bot.id, "mine", {Scope.API}, by=Actor(), now=now
            ),
            lambda: add_member(session, project, bot, grant, olga, now),
            lambda: give_role(session, project, bot, grant, olga, now),
            lambda: change_member(session, group, bot.id, grant, olga, now),
        )
        for attempt in attempts:
            with pytest.raises(InvalidUser, match=f"{bot.username} is the bot of an access token"):
                attempt()
    assert roles_in(world, "acme")[bot.username] == Role.GUEST


@pytest.mark.parametrize("name", ["project_1_bot_", "Group_23_Bot_0011aabb"])
def test_nobody_is_called_like_a_bot(world: World, name: str) -> None:
    with (
        world.components.database.writing() as session,
        pytest.raises(InvalidUser, match="is a name for the bot"),
    ):
        create_user(session, NewUser(name, "somebody@example.org"), FOUNDER, world.clock())


def test_a_bot_without_membership_opens_nothing(tokens: Tokens, world: World) -> None:
    secret = tokens.access("acme", MACHINE, Role.OWNER)
    bot = bot_of(world, secret)
    # The last Owner is a person: a bot is never kept for that.
    with world.components.database.writing() as session:
        group = find(session, "acme").id
        remove_member(session, group, bot.id, granter(world, "olga"), world.clock())
    identity = tokens.identify(secret)
    assert identity is not None
    assert identity.principals == frozenset()
    # Nor does rotating the token give the role back.
    rotated = tokens.identify(tokens.rotate(secret, "olga"))
    assert rotated is not None
    assert rotated.principals == frozenset()


def test_an_owner_that_is_a_bot_may_go_where_no_person_is_owner(world: World) -> None:
    world.group("lonely")
    bot = bot_of(world, Tokens(world).access("lonely", MACHINE, Role.OWNER))
    with world.components.database.writing() as session:
        remove_member(session, find(session, "lonely").id, bot.id, MACHINE, world.clock())
    assert roles_in(world, "lonely") == {}


def test_a_bot_is_not_the_owner_that_must_remain(tokens: Tokens, world: World) -> None:
    tokens.access("acme", "olga", Role.OWNER)
    olga = granter(world, "olga")
    with world.components.database.writing() as session:
        group = find(session, "acme").id
        with pytest.raises(LastOwner):
            remove_member(session, group, world.users["olga"], olga, world.clock())


def test_a_blocked_bot(tokens: Tokens, world: World) -> None:
    secret = tokens.access("acme", "olga")
    with world.components.database.writing() as session:
        bot = find_user_by_id(session, bot_of(world, secret).id)
        block(session, bot, FOUNDER, world.clock())
    assert not tokens.works(secret)


def test_the_secret_is_nowhere(tokens: Tokens, world: World) -> None:
    secret = tokens.access("acme", "olga")
    assert secret not in repr(changes(world))
    with world.components.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(User)) == 4
