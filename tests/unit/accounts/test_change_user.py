"""Changing users, and that an administrator remains."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session

from pyregistry.accounts.errors import LastAdministrator, OwnAccount, UserNotFound
from pyregistry.accounts.models import User
from pyregistry.accounts.services.change import UserChanges, change_user
from pyregistry.accounts.services.listing import UserFilter, find_visible_user, list_users
from pyregistry.accounts.services.users import NewUser, block, find_user, set_external
from pyregistry.authnz.identity import Actor, Viewer
from pyregistry.members.services.delete import delete_user
from pyregistry.slices import Window
from tests.factories.world import FOUNDER, PASSWORD, World

Stop = Callable[[World, Session, str], object]


def stop_by_blocking(world: World, session: Session, username: str) -> None:
    block(session, find_user(session, username), FOUNDER, world.clock())


def stop_by_changing(world: World, session: Session, username: str) -> None:
    user = find_user(session, username)
    change_user(session, user.id, UserChanges(is_admin=False), FOUNDER, world.clock())


def stop_by_deleting(world: World, session: Session, username: str) -> None:
    delete_user(session, find_user(session, username).id, FOUNDER, world.clock())


STOPS: list[Stop] = [stop_by_blocking, stop_by_changing, stop_by_deleting]


def alone(world: World, stop: Stop, username: str) -> None:
    """Do it in a transaction of its own."""
    with world.components.database.writing() as session:
        stop(world, session, username)


@pytest.mark.parametrize("stop", STOPS)
def test_an_administrator_remains(world: World, stop: Stop) -> None:
    world.user("ann", is_admin=True)
    world.user("ben", is_admin=True)
    alone(world, stop, "ben")
    said = "ann is the last administrator: make somebody else administrator first."
    with pytest.raises(LastAdministrator, match=said):
        alone(world, stop, "ann")
    assert world.user_row("ann").is_admin


@pytest.mark.parametrize("stop", STOPS)
def test_two_administrators_who_stop_each_other_at_once(world: World, stop: Stop) -> None:
    world.user("ann", is_admin=True)
    world.user("ben", is_admin=True)
    with ThreadPoolExecutor(1) as pool:
        with world.components.database.writing() as session:
            stop(world, session, "ann")
            other = pool.submit(alone, world, stop, "ben")
            time.sleep(0.3)  # it waits for the lock, or else it has committed by now
        with pytest.raises(LastAdministrator):
            other.result()


@pytest.mark.parametrize(
    "change",
    [
        stop_by_blocking,
        stop_by_changing,
        stop_by_deleting,
        lambda world, session, username: set_external(
            session, find_user(session, username), True, FOUNDER, world.clock()
        ),
    ],
)
def test_a_change_beside_a_deletion(world: World, change: Stop) -> None:
    world.user("root", is_admin=True)
    world.user("ann")
    with ThreadPoolExecutor(1) as pool:
        with world.components.database.writing() as session:
            stop_by_deleting(world, session, "ann")
            other = pool.submit(alone, world, change, "ann")
            time.sleep(0.3)  # it waits for the lock, or else it has committed by now
        with pytest.raises(UserNotFound):
            other.result()
    assert world.count(User) == 1


def test_nobody_blocks_or_deletes_themselves(world: World) -> None:
    ann = world.user("ann")
    with (
        pytest.raises(OwnAccount, match="your own account"),
        world.components.database.writing() as session,
    ):
        block(session, find_user(session, "ann"), Actor(user_id=ann), world.clock())
    with pytest.raises(OwnAccount), world.components.database.writing() as session:
        delete_user(session, ann, Actor(user_id=ann), world.clock())
    assert world.user_row("ann").blocked_at is None


def test_who_sees_whom(world: World) -> None:
    ann, ben = world.user("ann"), world.user("ben")

    def seen(user_id: int | None, *, is_admin: bool, is_internal: bool) -> list[str]:
        viewer = Viewer(user_id, is_admin=is_admin, is_internal=is_internal, now=world.clock())
        with world.components.database.reading() as session:
            users = list_users(session, viewer, UserFilter(), Window(20)).rows
            for other in (ann, ben):
                if other in {user.id for user in users}:
                    find_visible_user(session, viewer, other)
                else:
                    with pytest.raises(UserNotFound):
                        find_visible_user(session, viewer, other)
            return [user.username for user in users]

    assert seen(ann, is_admin=False, is_internal=True) == ["ben", "ann"]
    assert seen(ann, is_admin=False, is_internal=False) == ["ann"]
    assert seen(ann, is_admin=True, is_internal=False) == ["ben", "ann"]
    assert seen(None, is_admin=False, is_internal=False) == []


def test_passwords_are_not_shown() -> None:
    assert PASSWORD not in repr(NewUser("ann", "ann@example.org", password=PASSWORD))
    assert PASSWORD not in repr(UserChanges(password=PASSWORD))
