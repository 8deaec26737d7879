"""Changing visibility: a tree is never less visible at its top than further down."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest

from pyregistry.authnz.identity import Actor
from pyregistry.namespaces.errors import NotVisibleEnough, TooVisible
from pyregistry.namespaces.models import Namespace, Visibility
from pyregistry.namespaces.services.create import create_project, find
from pyregistry.namespaces.services.visibility import set_visibility
from tests.factories.members import changes
from tests.factories.world import FOUNDER, World

PAUSE = 0.3


def change(world: World, path: str, visibility: str) -> None:
    with world.components.database.writing() as session:
        actor = Actor(username="olga")
        namespace_id = find(session, path).id
        set_visibility(session, namespace_id, Visibility(visibility), actor, world.clock())


def visibility_of(world: World, path: str) -> str:
    with world.components.database.reading() as session:
        return find(session, path).visibility


@pytest.mark.parametrize(("group", "wanted"), list(product(Visibility, Visibility)))
def test_nothing_is_more_visible_than_its_group(
    world: World, group: Visibility, wanted: Visibility
) -> None:
    world.group("acme", group)
    world.group("acme/team")
    world.project("acme/core")
    for path in ("acme/team", "acme/core"):
        if wanted.rank <= group.rank:
            change(world, path, wanted)
            assert visibility_of(world, path) == wanted
        else:
            with pytest.raises(TooVisible, match=f"acme is {group}: .* cannot be {wanted}"):
                change(world, path, wanted)
            assert visibility_of(world, path) == "private"


@pytest.mark.parametrize(("held", "wanted"), list(product(Visibility, Visibility)))
def test_no_group_is_less_visible_than_what_it_holds(
    world: World, held: Visibility, wanted: Visibility
) -> None:
    world.group("acme", "public")
    world.group("acme/team", "public")
    world.project("acme/team/core", held)
    world.project("other/core", "public")
    if wanted.rank >= held.rank:
        change(world, "acme/team", wanted)
        change(world, "acme", wanted)
        assert visibility_of(world, "acme") == wanted
    else:
        with pytest.raises(NotVisibleEnough, match=r"in it, acme/team/core\.$"):
            change(world, "acme/team", wanted)
        with pytest.raises(NotVisibleEnough, match=r"in it, acme/team and acme/team/core\.$"):
            change(world, "acme", wanted)
        assert visibility_of(world, "acme") == "public"


@pytest.mark.parametrize(
    ("held", "named"),
    [
        (1, "acme/p0."),
        (2, "acme/p0 and acme/p1."),
        (3, "acme/p0, acme/p1 and acme/p2."),
        (4, "acme/p0, acme/p1, acme/p2 and 1 more."),
        (5, "acme/p0, acme/p1, acme/p2 and 2 more."),
    ],
)
def test_at_most_three_are_named(world: World, held: int, named: str) -> None:
    world.group("acme", "public")
    for number in range(held):
        world.project(f"acme/p{number}", "public")
    with pytest.raises(NotVisibleEnough) as refused:
        change(world, "acme", "private")
    assert refused.value.sentence == (
        f"acme cannot be private: change first what is more visible in it, {named}"
    )


def test_what_events_tell(world: World) -> None:
    world.group("acme")
    change(world, "acme", "public")
    change(world, "acme", "public")
    details = {"before": {"visibility": "private"}, "after": {"visibility": "public"}}
    assert changes(world) == [("visibility.changed", "olga", "acme", details)]


@pytest.mark.parametrize("created", ["acme/core", "acme/team/core"])
def test_what_is_created_meanwhile(world: World, created: str) -> None:
    world.group("acme", "public")
    world.group("acme/team", "private")
    if created.startswith("acme/team/"):
        change(world, "acme/team", "public")

    def hide() -> None:
        change(world, created.rpartition("/")[0], "private")

    with ThreadPoolExecutor(1) as pool:
        with world.components.database.writing() as session:
            create_project(
                session, created, visibility=Visibility.PUBLIC, actor=FOUNDER, now=world.clock()
            )
            hiding = pool.submit(hide)
            time.sleep(PAUSE)  # it waits for the lock, or else it has changed by now
        with pytest.raises(NotVisibleEnough):
            hiding.result()


def test_what_is_hidden_meanwhile(world: World) -> None:
    world.group("acme", "public")
    with ThreadPoolExecutor(1) as pool:
        with world.components.database.writing() as session:
            acme = find(session, "acme").id
            set_visibility(session, acme, Visibility.PRIVATE, Actor(), world.clock())
            creating = pool.submit(world.project, "acme/core", "public")
            time.sleep(PAUSE)
        with pytest.raises(TooVisible):
            creating.result()


def test_what_is_refused_changes_nothing(world: World) -> None:
    world.group("acme")
    world.project("acme/core")
    with pytest.raises(TooVisible):
        change(world, "acme/core", "public")
    assert (changes(world), world.count(Namespace)) == ([], 2)
