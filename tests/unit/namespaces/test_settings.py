"""Turning the package registry off and on, and letting anyone pull: what holds where."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from random import Random

import pytest
from sqlalchemy import select

from pyregistry.authnz.identity import Actor
from pyregistry.namespaces.errors import NamespaceNotFound, PullsForbidden, TooVisible
from pyregistry.namespaces.models import Namespace, Visibility
from pyregistry.namespaces.services.create import create_group, create_project, find
from pyregistry.namespaces.services.instance import (
    InstanceChanges,
    change_instance_settings,
    instance_settings,
)
from pyregistry.namespaces.services.settings import Changes, change_settings
from tests.factories.members import changes as changes_told
from tests.factories.switches import (
    ACTOR,
    INSTANCE,
    allow_anyone_to_pull,
    let_anyone_pull,
    turn,
)
from tests.factories.world import FOUNDER, World
from tests.functional.support import statements

pytestmark = pytest.mark.thorough

PAUSE = 0.3
TREE = ("a", "a/b", "a/b/c", "a/b/c/p", "a/b/p", "a/p", "z", "z/p")


def build(world: World) -> None:
    """Groups in groups, each with a project, and another tree."""
    for path in TREE:
        (world.project if path.endswith("p") else world.group)(path)


def available(world: World) -> set[str]:
    """The paths at which the package registry is turned on in all that it takes."""
    with world.components.database.reading() as session:
        return set(session.scalars(select(Namespace.full_path).where(Namespace.packages_available)))


def open_to_pulls(world: World) -> set[str]:
    """The projects from which anyone may pull."""
    with world.components.database.reading() as session:
        return set(session.scalars(select(Namespace.full_path).where(Namespace.pulls_open)))


def below(path: str) -> set[str]:
    return {each for each in TREE if path == INSTANCE or f"{each}/".startswith(f"{path}/")}


@pytest.mark.parametrize("path", [INSTANCE, *TREE])
def test_off_holds_for_everything_below(world: World, path: str) -> None:
    build(world)
    turn(world, path, on=False)
    assert available(world) == set(TREE) - below(path)
    turn(world, path, on=True)
    assert available(world) == set(TREE)


@pytest.mark.parametrize(
    ("first", "second"), list(product([INSTANCE, "a", "a/b", "a/b/c/p"], repeat=2))
)
def test_on_again_is_only_what_nothing_else_turns_off(
    world: World, first: str, second: str
) -> None:
    build(world)
    turn(world, first, on=False)
    turn(world, second, on=False)
    turn(world, first, on=True)
    expected = set(TREE) if first == second else set(TREE) - below(second)
    assert available(world) == expected


def test_any_order_ends_alike(world: World) -> None:
    """What is kept is at every moment what the flags say."""
    build(world)
    chance = Random(1)
    off: set[str] = set()
    for _ in range(30):
        path, on = chance.choice([INSTANCE, *TREE]), chance.random() < 0.6
        turn(world, path, on=on)
        (off.discard if on else off.add)(path)
        expected = set(TREE).difference(*(below(each) for each in off))
        assert available(world) == expected


@pytest.mark.parametrize("path", [INSTANCE, "a"])
def test_what_is_created_where_it_is_off(world: World, path: str) -> None:
    build(world)
    turn(world, path, on=False)
    world.group("a/new")
    world.project("a/new/p")
    world.group("new")
    found = available(world)
    assert {"a/new", "a/new/p"}.isdisjoint(found)
    assert ("new" in found) is (path != INSTANCE)
    turn(world, path, on=True)
    assert {"a/new", "a/new/p", "new"} <= available(world)


@pytest.mark.parametrize("path", [INSTANCE, "a"])
@pytest.mark.parametrize("size", [1, 200])
def test_the_number_of_statements_does_not_grow(world: World, path: str, size: int) -> None:
    build(world)
    with world.components.database.writing() as session:
        for number in range(size):
            create_project(session, f"a/b/c/p{number}", actor=FOUNDER, now=world.clock())
    with statements(world) as executed:
        turn(world, path, on=False)
        turn(world, path, on=True)
    assert len(executed) <= 24
    assert len(available(world)) == len(TREE) + size


def test_what_events_tell(world: World) -> None:
    build(world)
    let_anyone_pull(world, "a/b/p")
    let_anyone_pull(world, "a/b/p")
    for _ in range(2):
        turn(world, "a/b", on=False)
        turn(world, INSTANCE, on=False)
        allow_anyone_to_pull(world, allowed=False)
    assert changes_told(world) == [
        ("settings.changed", "olga", path, {"before": {name: old}, "after": {name: not old}})
        for path, name, old in (
            ("a/b/p", "anyone_can_pull", False),
            ("a/b", "packages_enabled", True),
            (None, "packages_enabled", True),
            (None, "anyone_can_pull_allowed", True),
        )
    ]


def test_several_at_once_are_one_event(world: World) -> None:
    build(world)
    everything = Changes(Visibility.PRIVATE, packages_enabled=False, anyone_can_pull=True)
    with world.components.database.writing() as session:
        project = find(session, "a/p").id
        changed = change_settings(session, project, everything, ACTOR, world.clock())
        assert (changed.packages_available, changed.pulls_open) == (False, True)
    ((_, _, _, details),) = changes_told(world)
    assert details == {
        "before": {"packages_enabled": True, "anyone_can_pull": False},
        "after": {"packages_enabled": False, "anyone_can_pull": True},
    }


def test_all_or_nothing(world: World) -> None:
    build(world)
    wanted = Changes(Visibility.PUBLIC, packages_enabled=False)
    with pytest.raises(TooVisible), world.components.database.writing() as session:
        change_settings(session, find(session, "a/p").id, wanted, ACTOR, world.clock())
    allow_anyone_to_pull(world, allowed=False)
    told = changes_told(world)
    wanted = Changes(packages_enabled=False, anyone_can_pull=True)
    with pytest.raises(PullsForbidden), world.components.database.writing() as session:
        change_settings(session, find(session, "a/p").id, wanted, ACTOR, world.clock())
    assert available(world) == set(TREE)
    assert changes_told(world) == told


def test_a_project_that_is_gone(world: World) -> None:
    with pytest.raises(NamespaceNotFound), world.components.database.writing() as session:
        change_settings(session, 99, Changes(packages_enabled=False), ACTOR, world.clock())


def test_what_was_chosen_comes_back_when_it_is_permitted_again(world: World) -> None:
    build(world)
    let_anyone_pull(world, "a/p")
    let_anyone_pull(world, "z/p")
    assert open_to_pulls(world) == {"a/p", "z/p"}
    allow_anyone_to_pull(world, allowed=False)
    assert open_to_pulls(world) == set()
    let_anyone_pull(world, "z/p", on=False)
    with pytest.raises(PullsForbidden, match="ask an administrator to permit it"):
        let_anyone_pull(world, "a/b/p")
    allow_anyone_to_pull(world, allowed=True)
    assert open_to_pulls(world) == {"a/p"}


def test_the_settings_of_the_instance_are_read_anew(world: World) -> None:
    with world.components.database.reading() as session:
        assert instance_settings(session).packages_enabled
        session.commit()
        turn(world, INSTANCE, on=False)
        assert not instance_settings(session).packages_enabled


def meanwhile(world: World, first: Callable[..., object], second: Callable[[], object]) -> None:
    """Let `second` happen while the transaction of `first` is open."""
    with ThreadPoolExecutor(1) as pool:
        with world.components.database.writing() as session:
            first(session)
            other = pool.submit(second)
            time.sleep(PAUSE)  # it waits for the lock, or else it is done by now
        other.result()


CREATED = [
    pytest.param("a/b", "a/b/new", id="in a group"),
    pytest.param("a", "a/b/new", id="below a group"),
    pytest.param(INSTANCE, "a/b/new", id="in the instance"),
    pytest.param(INSTANCE, "new", id="at the top"),
]


@pytest.mark.parametrize(("off", "created"), CREATED)
def test_a_group_that_is_being_created(world: World, off: str, created: str) -> None:
    build(world)
    meanwhile(
        world,
        lambda session: create_group(session, created, actor=FOUNDER, now=world.clock()),
        lambda: turn(world, off, on=False),
    )
    assert created not in available(world)


@pytest.mark.parametrize(("off", "created"), CREATED)
def test_a_group_that_is_created_while_it_is_being_turned_off(
    world: World, off: str, created: str
) -> None:
    build(world)

    def turn_off(session) -> None:
        if off == INSTANCE:
            wanted = InstanceChanges(packages_enabled=False)
            change_instance_settings(session, wanted, Actor(), world.clock())
        else:
            wanted = Changes(packages_enabled=False)
            change_settings(session, find(session, off).id, wanted, Actor(), world.clock())

    meanwhile(world, turn_off, lambda: world.group(created))
    assert created not in available(world)


@pytest.mark.parametrize(("held", "other"), [("a/b", "a"), ("a/b", INSTANCE), (INSTANCE, "a/b")])
def test_off_and_on_at_once(world: World, held: str, other: str) -> None:
    """One is turned on while the other is being turned off."""
    build(world)
    turn(world, other, on=False)

    def turn_off(session) -> None:
        if held == INSTANCE:
            wanted = InstanceChanges(packages_enabled=False)
            change_instance_settings(session, wanted, Actor(), world.clock())
        else:
            wanted = Changes(packages_enabled=False)
            change_settings(session, find(session, held).id, wanted, Actor(), world.clock())

    meanwhile(world, turn_off, lambda: turn(world, other, on=True))
    assert available(world) == set(TREE) - below(held)


def test_pulls_are_forbidden_while_somebody_opens_them(world: World) -> None:
    build(world)

    def open_pulls(session) -> None:
        wanted = Changes(anyone_can_pull=True)
        change_settings(session, find(session, "a/p").id, wanted, Actor(), world.clock())

    meanwhile(world, open_pulls, lambda: allow_anyone_to_pull(world, allowed=False))
    assert open_to_pulls(world) == set()


def test_somebody_opens_pulls_while_they_are_being_forbidden(world: World) -> None:
    build(world)

    def forbid(session) -> None:
        wanted = InstanceChanges(anyone_can_pull_allowed=False)
        change_instance_settings(session, wanted, Actor(), world.clock())

    with pytest.raises(PullsForbidden):
        meanwhile(world, forbid, lambda: let_anyone_pull(world, "a/p"))
    assert open_to_pulls(world) == set()
