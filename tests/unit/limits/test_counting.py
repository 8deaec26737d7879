"""What is counted stays what the projects hold, whatever is changed."""

from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from sqlalchemy import delete, event, update

from pyregistry.authnz.identity import Actor
from pyregistry.limits.errors import FileTooLarge, MovedOverQuota, OverQuota
from pyregistry.limits.levels import Level, Limits, shown_apart
from pyregistry.limits.models import InstanceStorage, NamespaceStorage
from pyregistry.limits.services.stored import locked_row
from pyregistry.members.services.authority import Granter
from pyregistry.namespaces.models import NamespaceKind
from pyregistry.namespaces.services.create import find
from pyregistry.packaging.services.change import delete_file, delete_release
from pyregistry.packaging.services.delete_package import delete_package
from pyregistry.tree.services.delete import delete_namespace
from pyregistry.tree.services.transfer import transfer
from pyregistry.upkeep.services.counts import miscounts, recount
from tests.factories.limits import counted_rightly, set_limits, used
from tests.factories.recorded import anything, publish
from tests.factories.statements import statements
from tests.factories.world import World

BY = Granter(Actor(), is_admin=True)


def move(world: World, path: str, to: str | None) -> None:
    with world.components.database.writing() as session:
        group = find(session, to).id if to is not None else None
        transfer(session, find(session, path).id, group, BY, world.clock())


def test_publishing_and_deleting(world: World) -> None:
    project, other = world.project("acme/team/core"), world.project("acme/other")
    files = [publish(world, project, "demo", f"{number}.0", size=100) for number in range(4)]
    publish(world, project, "another", size=1000)
    publish(world, other, "demo", size=10_000)
    assert [used(world, path) for path in ("acme/team/core", "acme/team", "acme", "")] == [
        *(1400, 1400, 11_400, 11_400)
    ]
    database, now = world.components.database, world.clock()
    with database.writing() as session:
        delete_file(session, files[0], Actor(), now, permit=anything)
    assert used(world, "acme/team") == 1300
    with database.writing() as session:
        delete_release(session, 2, Actor(), now, permit=anything)
    assert used(world, "acme/team") == 1200
    with database.writing() as session:
        delete_package(session, project, "demo", Actor(), now, permit=anything)
    assert [used(world, path) for path in ("acme/team", "acme", "")] == [1000, 11_000, 11_000]
    assert counted_rightly(world)


def test_moving_and_deleting_groups(world: World) -> None:
    core = world.project("acme/team/core")
    publish(world, core, "demo", size=100)
    publish(world, world.project("acme/other"), "demo2", size=7)
    for path in ("zeta", "zeta/inner"):
        world.group(path, "public")
    move(world, "acme/team", "zeta/inner")
    assert [used(world, path) for path in ("acme", "zeta", "zeta/inner", "")] == [7, 100, 100, 107]
    move(world, "zeta/inner/team/core", "zeta")
    assert [used(world, path) for path in ("zeta", "zeta/inner", "zeta/inner/team")] == [100, 0, 0]
    move(world, "zeta/inner", None)
    assert counted_rightly(world)
    with world.components.database.writing() as session:
        delete_namespace(session, find(session, "zeta").id, Actor(), world.clock())
    assert used(world) == used(world, "acme") == 7
    assert counted_rightly(world)
    assert world.count(NamespaceStorage) == 4


def test_what_there_is_no_room_for_is_not_moved(world: World) -> None:
    publish(world, world.project("acme/team/core"), "demo", size=100)
    publish(world, world.project("zeta/inner/other"), "demo2", size=7)
    set_limits(world, "zeta", storage_limit=106)
    with pytest.raises(MovedOverQuota) as caught:
        move(world, "acme/team", "zeta/inner")
    assert caught.value.sentence == (
        "What it stores, 100 bytes, does not fit into the quota of the group zeta: 7 bytes of "
        "106 bytes are used."
    )
    assert used(world, "zeta") == 7
    set_limits(world, "zeta", storage_limit=107)
    move(world, "acme/team", "zeta/inner")
    # Within the group its quota is no matter.
    set_limits(world, "zeta", storage_limit=1)
    move(world, "zeta/inner/team", "zeta")
    assert counted_rightly(world)


def test_publishing_costs_the_same_however_much_there_is(world: World) -> None:
    project = world.project("acme/core")

    def cost(version: str) -> int:
        with statements(world) as executed:
            publish(world, project, "demo", version)
        assert not [text for text, _ in executed if "sum(" in text.lower()]
        return len(executed)

    publish(world, project, "demo", "0.1")
    first = cost("0.2")
    for number in range(20):
        publish(world, world.project(f"acme/more-{number}"), f"demo-{number}")
    assert cost("0.3") == first


def test_wrong_counts_are_found_and_set_right(world: World) -> None:
    publish(world, world.project("acme/core"), "demo", size=100)
    world.project("acme/empty")
    database = world.components.database
    with database.writing() as session:
        locked_row(session, find(session, "acme/empty").id).used_bytes = 5
        session.execute(delete(NamespaceStorage).where(NamespaceStorage.namespace_id == 1))
        session.execute(update(InstanceStorage).values(used_bytes=7))
    expected = [("acme", 0, 100), ("acme/empty", 5, 0), ("", 7, 100)]
    for _ in range(2):
        with database.reading() as session:
            found = [(each.full_path, each.counted, each.stored) for each in miscounts(session)]
        assert found == expected
    with database.writing() as session:
        assert len(recount(session)) == 3
    assert counted_rightly(world)
    assert used(world, "acme") == 100


def test_who_publishes_meanwhile_is_no_mistake(world: World) -> None:
    project, database = world.project("acme/core"), world.components.database
    publish(world, project, "demo", "0", size=100)
    versions = count(1)

    def publish_first(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "sum(files.size)" in statement and "UPDATE" not in statement:
            publish(world, project, "demo", str(next(versions)), size=100)

    event.listen(database.engine, "before_cursor_execute", publish_first)
    try:
        with database.reading() as session:
            assert miscounts(session) == []
    finally:
        event.remove(database.engine, "before_cursor_execute", publish_first)
    assert next(versions) > 2


class TestLevels:
    """What applies where limits meet."""

    project = Level(2, NamespaceKind.PROJECT, "acme/core", 10, 300, 50, None, 40)
    group = Level(1, NamespaceKind.GROUP, "acme", 90, 200, 100)
    registry = Level(None, None, "", 1000, None, None, 500, 5000)

    def test_the_smallest_applies(self) -> None:
        limits = Limits([self.project, self.group, self.registry], 1000)
        assert (limits.largest_file, limits.quota, limits.left) == (200, 40, 10)
        assert limits.tightest == self.group
        assert limits.above.quota == 100
        assert Limits([self.registry], 400).largest_file == 400

    def test_without_limits(self) -> None:
        limits = Limits([Level(None, None, "", 5)], 1000)
        assert (limits.largest_file, limits.quota, limits.left) == (1000, None, None)

    def test_what_is_over_its_quota_has_no_room(self) -> None:
        limits = Limits([Level(1, NamespaceKind.GROUP, "acme", 90, None, 50)], 1000)
        assert limits.left == 0

    def test_what_may_not_be_seen_is_not_named(self) -> None:
        limits = Limits([self.project, self.group, self.registry], 1000)
        with pytest.raises(OverQuota) as caught:
            limits.above.check(15, seen=())
        assert caught.value.sentence == (
            "The file of 15 bytes does not fit into the quota of a group above this project: "
            "90 bytes of 100 bytes are used, 10 bytes left. Delete what nobody needs, or ask an "
            "Owner of the group for more."
        )
        with pytest.raises(OverQuota, match="of the group acme: "):
            limits.above.check(15, seen={1})
        # Of a file that has only begun to come nothing is known yet.
        full = Limits([replace(self.group, used_bytes=101)], 1000)
        with pytest.raises(OverQuota, match=r"^The file does not fit into"):
            full.check(0, seen=(), at_least=True)
        with pytest.raises(FileTooLarge, match="largest that a group above this project takes"):
            limits.check(201, seen={2})

    def test_different_sizes_look_different(self) -> None:
        assert shown_apart(2 * 1024**2, 2 * 1024**2 + 1) == ("2,097,152 bytes", "2,097,153 bytes")
        assert shown_apart(2 * 1024**2, 1024**2) == ("2.0 MiB", "1.0 MiB")
