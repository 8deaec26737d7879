"""Reading who is a member, and until when."""

from datetime import UTC, date, datetime, timedelta

import pytest

from pyregistry.authnz.roles import Role
from pyregistry.errors import Invalid
from pyregistry.members.days import end_of, last_day_of
from pyregistry.members.errors import MemberNotFound
from pyregistry.members.services.listing import (
    BY_USERNAME,
    all_members,
    find_member,
    members_from_above,
    members_slice,
)
from pyregistry.namespaces.services.create import find
from pyregistry.slices import Window
from tests.factories.members import roles_in
from tests.factories.world import World

WHOLE = Window(20)


def test_own_members_are_listed_without_those_from_above(world: World) -> None:
    world.project("acme/core")
    world.member("acme", "olga", Role.OWNER)
    world.member("acme/core", "dora", Role.DEVELOPER)
    assert roles_in(world, "acme/core") == {"dora": 30}
    assert roles_in(world, "acme/core", inherited=True) == {"olga": 50, "dora": 30}
    assert roles_in(world, "acme", inherited=True) == {"olga": 50}


@pytest.mark.parametrize(("above", "below"), [(50, 10), (10, 50), (30, 30)])
def test_who_has_two_roles_is_listed_once_with_the_higher(
    world: World, above: int, below: int
) -> None:
    world.project("acme/core")
    world.member("acme", "dora", Role(above))
    world.member("acme/core", "dora", Role(below))
    assert roles_in(world, "acme/core", inherited=True) == {"dora": max(above, below)}


def test_of_two_equal_roles_the_one_that_never_ends_is_listed(world: World) -> None:
    world.project("acme/core")
    world.member("acme", "dora", Role.GUEST)
    end = world.clock() + timedelta(days=1)
    world.member("acme/core", "dora", Role.GUEST, expires_at=end)
    with world.components.database.reading() as session:
        namespace_id = find(session, "acme/core").id
        [member] = all_members(session, namespace_id, world.clock(), inherited=True)
        assert member.expires_at is None
        assert find_member(session, namespace_id, member.user_id, world.clock()).expires_at == end


@pytest.mark.parametrize("inherited", [False, True])
def test_who_has_ended_is_not_listed(world: World, inherited: bool) -> None:
    world.group("acme")
    world.member("acme", "dora", Role.GUEST, expires_at=world.clock() + timedelta(days=1))
    assert roles_in(world, "acme", inherited=inherited) == {"dora": 10}
    world.clock.advance(days=1)
    assert roles_in(world, "acme", inherited=inherited) == {}


@pytest.mark.parametrize("inherited", [False, True])
def test_searching_and_paging(world: World, inherited: bool) -> None:
    world.group("acme")
    for username in ("anna", "Hannah", "bo_b", "boxb"):
        world.member("acme", username, Role.GUEST)

    def names(query: str = "", window: Window = WHOLE) -> list[str]:
        with world.components.database.reading() as session:
            namespace_id = find(session, "acme").id
            members = members_slice(
                session, namespace_id, world.clock(), window, inherited=inherited, query=query
            )
        return [member.username for member in members.rows]

    assert names("ANNA") == ["anna", "Hannah"]
    assert names("o_b") == ["bo_b"]
    assert names("%") == []
    assert names(window=Window(2, 1)) == ["Hannah", "bo_b"]
    assert names(window=Window(2, 4)) == []


def test_members_by_user_name(world: World) -> None:
    world.group("acme")
    for username in ("zoe", "Bob", "anna"):
        world.member("acme", username, Role.GUEST)
    names: list[str] = []
    cursor = None
    with world.components.database.reading() as session:
        namespace_id = find(session, "acme").id
        for _ in range(3):
            window = Window(1, by_key=True, cursor=cursor)
            found = members_slice(session, namespace_id, world.clock(), window, order=BY_USERNAME)
            names += [member.username for member in found.rows]
            cursor = found.cursor
    assert (names, cursor) == (["anna", "Bob", "zoe"], None)


def test_members_from_above_say_from_which_group(world: World) -> None:
    world.project("acme/team/core")
    world.member("acme", "olga", Role.OWNER)
    world.member("acme/team", "olga", Role.GUEST)
    world.member("acme/team", "dora", Role.REPORTER)
    end = world.clock() + timedelta(days=1)
    world.member("acme/team", "ended", Role.REPORTER, expires_at=end)
    world.clock.advance(days=1)
    world.member("acme/team/core", "dora", Role.DEVELOPER)
    world.member("acme/team/core", "carl", Role.DEVELOPER)

    def above(path: str, query: str = "") -> list[tuple[str, Role, str]]:
        with world.components.database.reading() as session:
            found = members_from_above(
                session, find(session, path).id, world.clock(), Window(20, by_key=True), query=query
            )
        return [(row.member.username, row.member.role, row.group_path) for row in found.rows]

    of_dora, of_olga = ("dora", Role.REPORTER, "acme/team"), ("olga", Role.OWNER, "acme")
    assert above("acme/team/core") == [of_dora, of_olga]
    assert above("acme/team/core", "LG") == [of_olga]
    assert above("acme/team") == [of_olga]
    assert above("acme") == []


def test_who_is_no_member_of_the_namespace_itself(world: World) -> None:
    world.project("acme/core")
    world.member("acme", "olga", Role.OWNER)
    with world.components.database.reading() as session, pytest.raises(MemberNotFound):
        find_member(session, find(session, "acme/core").id, world.users["olga"], world.clock())


def test_a_role_holds_on_its_last_day() -> None:
    end = end_of(date(2026, 12, 31))
    assert end == datetime(2027, 1, 1, tzinfo=UTC)
    assert last_day_of(end) == date(2026, 12, 31)
    assert last_day_of(end + timedelta(seconds=1)) == date(2027, 1, 1)


def test_there_is_a_last_day_of_all() -> None:
    with pytest.raises(Invalid, match="no day after this one"):
        end_of(date.max)
