"""Members in the JSON API, of groups and projects alike."""

import json
from datetime import timedelta
from typing import Any

import pytest

from pyregistry.accounts.services.users import block, find_user
from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from tests.factories.members import changes, roles_in
from tests.factories.world import FOUNDER, World
from tests.functional.support import links_of, sentence_of

PLACES = {
    "group": ("acme", "/api/v4/groups/acme/members"),
    "subgroup": ("acme/team", "/api/v4/groups/acme%2Fteam/members"),
    "project": ("acme/team/core", "/api/v4/projects/acme%2Fteam%2Fcore/members"),
}
PROJECT = PLACES["project"][1]
NOT_FOUND = "Not found: the user has no role of their own here."


@pytest.fixture(autouse=True)
def _tree(world: World) -> None:
    """A private group with a subgroup and a project in that, and its Owner."""
    world.group("acme")
    world.group("acme/team")
    world.project("acme/team/core")
    world.member("acme", "olga", Role.OWNER)


def send(world: World, method: str, address: str, who: str, status: int, **parameters: Any) -> Any:
    """Send parameters as JSON; the body of the answer, or the sentence of a refusal."""
    response = world.app.request(
        address,
        method=method,
        body=json.dumps(parameters).encode(),
        headers={**world.as_(who), "Content-Type": "application/json"},
        status=status,
    )
    if status >= 400:
        return sentence_of(response)
    return response.json if response.body else None


@pytest.mark.parametrize("place", PLACES)
def test_a_member_comes_and_goes(world: World, place: str) -> None:
    path, address = PLACES[place]
    dora = world.user("dora")
    added = send(
        world, "POST", address, "olga", 201, user_id=dora, access_level=30, expires_at="2030-12-31"
    )
    assert added == {
        "id": dora,
        "username": "dora",
        "name": "dora",
        "state": "active",
        "locked": False,
        "avatar_url": None,
        "web_url": None,
        "membership_state": "active",
        "access_level": 30,
        "expires_at": "2030-12-31",
        "created_at": "2026-11-23T12:00:00.000Z",
    }
    headers = world.as_("dora")
    assert world.app.get(f"{address}/{dora}", headers=headers).json == added
    assert added in world.app.get(address, headers=headers).json
    changed = send(world, "PUT", f"{address}/{dora}", "olga", 200, access_level=40)
    assert changed == {**added, "access_level": 40}
    endless = send(world, "PUT", f"{address}/{dora}", "olga", 200, access_level=40, expires_at=None)
    assert endless == {**changed, "expires_at": None}
    send(world, "DELETE", f"{address}/{dora}", "olga", 204)
    assert "dora" not in roles_in(world, path)
    assert [(action, actor) for action, actor, *_ in changes(world)] == [
        ("member.added", "olga"),
        ("member.changed", "olga"),
        ("member.changed", "olga"),
        ("member.removed", "olga"),
    ]
    # It holds from the next request on.
    world.app.get(address, headers=headers, status=404)


def test_parameters_may_be_a_form(world: World) -> None:
    dora = world.user("dora")
    form = {"username": "DORA", "access_level": "10", "expires_at": "2030-01-31"}
    added = world.app.post(PROJECT, form, headers=world.as_("olga"), status=201).json
    assert (added["id"], added["access_level"], added["expires_at"]) == (dora, 10, "2030-01-31")
    form = {"access_level": "20", "expires_at": ""}
    changed = world.app.put(f"{PROJECT}/{dora}", form, headers=world.as_("olga")).json
    assert (changed["access_level"], changed["expires_at"]) == (20, None)


def test_inherited_members(world: World) -> None:
    world.member("acme/team/core", "dora", Role.DEVELOPER)
    world.member("acme/team/core", "olga", Role.OWNER)
    headers = world.as_("dora")
    everybody = world.app.get(f"{PROJECT}/all", headers=headers).json
    assert {member["username"]: member["access_level"] for member in everybody} == {
        "olga": 50,
        "dora": 30,
    }
    world.app.get(PLACES["group"][1], headers=headers, status=403)
    world.app.get(PLACES["group"][1] + "/all", headers=headers, status=403)


@pytest.mark.parametrize("place", PLACES)
def test_one_member_with_the_highest_role(world: World, place: str) -> None:
    path, address = PLACES[place]
    world.member("acme", "dora", Role.DEVELOPER)
    world.member("acme/team", "dora", Role.MAINTAINER)
    gone = world.clock()
    world.member("acme", "gus", Role.GUEST, expires_at=gone + timedelta(days=1))
    world.clock.advance(days=2)
    headers = world.as_("olga")
    dora = world.app.get(f"{address}/all/{world.users['dora']}", headers=headers).json
    assert dora["access_level"] == (30 if path == "acme" else 40)
    assert dora in world.app.get(f"{address}/all", headers=headers).json
    for nobody in (world.users["gus"], world.user("stranger"), 999, "dora", "9" * 30):
        refused = world.app.get(f"{address}/all/{nobody}", headers=headers, status=404)
        assert sentence_of(refused) == NOT_FOUND


@pytest.mark.parametrize("end", ["", "/all"])
def test_searching_and_paging(world: World, end: str) -> None:
    for username in ("anna", "bob", "hannah"):
        world.member("acme", username, Role.GUEST)
    headers = world.as_("olga")

    def names(query: str) -> list[str]:
        members = world.app.get(f"{PLACES['group'][1]}{end}?{query}", headers=headers).json
        return [member["username"] for member in members]

    assert names("query=Anna") == ["anna", "hannah"]
    assert names("per_page=2") == ["olga", "anna"]
    assert names("per_page=2&page=2") == ["bob", "hannah"]
    assert names("page=9") == []
    for nonsense in ("page=0", "per_page=0", "query=%00", "query=%FF"):
        world.app.get(f"{PLACES['group'][1]}{end}?{nonsense}", headers=headers, status=400)


def test_no_page_is_longer_than_a_hundred(world: World) -> None:
    response = world.app.get(f"{PROJECT}?per_page=1000", headers=world.as_("olga"))
    assert response.headers["X-Per-Page"] == "100"


@pytest.mark.parametrize("end", ["", "/all"])
def test_headers_lead_to_the_next_page(world: World, end: str) -> None:
    for username in ("anna", "bob", "hannah", "hans"):
        world.member("acme/team", username, Role.GUEST)
    headers = world.as_("olga")
    address = f"{PLACES['subgroup'][1]}{end}?query=an&per_page=2"
    first = world.app.get(address, headers=headers)
    assert first.headers["X-Prev-Page"] == ""
    following = links_of(first)["next"]
    assert following.endswith("/members" + end + "?query=an&page=2&per_page=2")
    second = world.app.get(following, headers=headers)
    assert [member["username"] for member in first.json + second.json] == ["anna", "hannah", "hans"]
    paging = ("X-Page", "X-Per-Page", "X-Prev-Page", "X-Next-Page")
    assert [second.headers[name] for name in paging] == ["2", "2", "1", ""]
    assert second.headers["X-Total"] == "3"
    assert set(links_of(second)) == {"prev", "first", "last"}


def test_a_blocked_user_may_be_a_member(world: World) -> None:
    dora = world.user("dora")
    with world.components.database.writing() as session:
        block(session, find_user(session, "dora"), FOUNDER, world.clock())
    added = send(world, "POST", PROJECT, "olga", 201, user_id=dora, access_level=10)
    assert added["state"] == "blocked"


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"access_level": 30}, "user_id"),
        ({"user_id": 1, "username": "dora", "access_level": 30}, "user_id"),
        ({"user_id": "1,2", "access_level": 30}, "user_id"),
        ({"user_id": True, "access_level": 30}, "user_id"),
        ({"user_id": 1.0, "access_level": 30}, "user_id"),
        ({"user_id": -1, "access_level": 30}, "user_id"),
        ({"user_id": 10**18, "access_level": 30}, "user_id"),
        ({"username": 1, "access_level": 30}, "username"),
        ({"username": "dora"}, "access_level"),
        ({"username": "dora", "access_level": 0}, "access_level"),
        ({"username": "dora", "access_level": 35}, "access_level"),
        ({"username": "dora", "access_level": 60}, "access_level"),
        ({"username": "dora", "access_level": "Owner"}, "access_level"),
        ({"username": "dora", "access_level": True}, "access_level"),
        ({"username": "dora", "access_level": [30]}, "access_level"),
        ({"username": "dora", "access_level": 30, "expires_at": 1}, "expires_at"),
        ({"username": "dora", "access_level": 30, "expires_at": "tomorrow"}, "expires_at"),
        ({"username": "dora", "access_level": 30, "expires_at": "2030-02-31"}, "expires_at"),
        ({"username": "dora", "access_level": 30, "expires_at": "20300131"}, "expires_at"),
        ({"username": "dora", "access_level": 30, "expires_at": "2026-11-22"}, "ended already"),
        ({"username": "dora", "access_level": 30, "expires_at": "9999-12-31"}, "no day after"),
    ],
)
def test_wrong_parameters_are_named(world: World, parameters: dict[str, Any], named: str) -> None:
    world.user("dora")
    assert named in send(world, "POST", PROJECT, "olga", 400, **parameters)
    if named not in ("user_id", "username"):
        world.member("acme/team/core", "dora", Role.GUEST)
        address = f"{PROJECT}/{world.users['dora']}"
        assert named in send(world, "PUT", address, "olga", 400, **parameters)
    assert changes(world) == []


def test_today_is_a_last_day(world: World) -> None:
    world.user("dora")
    send(
        world,
        "POST",
        PROJECT,
        "olga",
        201,
        username="dora",
        access_level=10,
        expires_at="2026-11-23",
    )


def test_a_member_already(world: World) -> None:
    world.member("acme/team/core", "dora", Role.GUEST)
    said = send(world, "POST", PROJECT, "olga", 409, username="dora", access_level=30)
    assert said == "Member already exists"


@pytest.mark.parametrize("user", ["999", "dora", "9" * 30, "%D9%A3", "-1"])
def test_nobody_there(world: World, user: str) -> None:
    address = f"{PROJECT}/{user}"
    assert send(world, "GET", address, "olga", 404) == NOT_FOUND
    assert send(world, "PUT", address, "olga", 404, access_level=30) == NOT_FOUND
    assert send(world, "DELETE", address, "olga", 404) == NOT_FOUND


def test_adding_nobody(world: World) -> None:
    send(world, "POST", PROJECT, "olga", 404, username="nobody", access_level=30)
    send(world, "POST", PROJECT, "olga", 404, username="a/b", access_level=30)
    send(world, "POST", PROJECT, "olga", 404, user_id=999, access_level=30)


@pytest.mark.parametrize("place", PLACES)
def test_who_may_not_see_it_learns_nothing(world: World, place: str) -> None:
    _, address = PLACES[place]
    world.user("stranger")
    olga = world.users["olga"]
    for end in ("", "/all", f"/{olga}", "/999", f"/all/{olga}", "/all/999"):
        there = world.app.get(address + end, headers=world.as_("stranger"), status=404)
        missing = address.replace("acme", "acmf") + end
        not_there = world.app.get(missing, headers=world.as_("stranger"), status=404)
        assert there.body == not_there.body
        world.app.get(address + end, status=401)
    send(world, "POST", address, "stranger", 404, user_id=olga, access_level=10)
    send(world, "DELETE", f"{address}/{olga}", "stranger", 404)


@pytest.mark.parametrize("visibility", ["internal", "public"])
def test_members_are_not_shown_to_who_is_none(world: World, visibility: str) -> None:
    world.group("open", visibility)
    world.member("open", "gus", Role.GUEST)
    world.user("stranger")
    for end in ("", "/all", "/1", "/999", "/all/1", "/all/999"):
        address = f"/api/v4/groups/open/members{end}"
        world.app.get(address, headers=world.as_("stranger"), status=403)
        world.app.get(address, status=401)
    world.app.get("/api/v4/groups/open/members", headers=world.as_("gus"), status=200)


def test_a_reading_token_reads_members_and_changes_none(world: World) -> None:
    dora = world.user("dora")
    headers = world.as_("olga", Scope.READ_API)
    world.app.get(PROJECT, headers=headers, status=200)
    world.app.get(f"{PROJECT}/all", headers=headers, status=200)
    form = {"user_id": dora, "access_level": "10"}
    world.app.post(PROJECT, form, headers=headers, status=403)
    address = f"{PLACES['group'][1]}/{world.users['olga']}"
    world.app.put(address, form, headers=headers, status=403)
    world.app.delete(address, headers=headers, status=403)


def test_a_guest_leaves_and_removes_nobody_else(world: World) -> None:
    world.member("acme/team/core", "gus", Role.GUEST)
    world.member("acme/team/core", "dora", Role.DEVELOPER)
    send(world, "DELETE", f"{PROJECT}/{world.users['dora']}", "gus", 403)
    send(world, "DELETE", f"{PROJECT}/999", "gus", 403)
    send(world, "DELETE", f"{PROJECT}/{world.users['gus']}", "gus", 204)
    assert roles_in(world, "acme/team/core") == {"dora": 30}


def test_refusals_are_one_sentence(world: World) -> None:
    world.member("acme", "mia", Role.MAINTAINER)
    dora, olga = world.user("dora"), world.users["olga"]
    group = PLACES["group"][1]
    assert send(world, "POST", group, "mia", 403, user_id=dora, access_level=50) == (
        "You are Maintainer here: you cannot give the role Owner."
    )
    assert send(world, "PUT", f"{group}/{olga}", "mia", 403, access_level=10) == (
        "olga is Owner here: only who is that, too, may change it."
    )
    assert send(world, "DELETE", f"{group}/{olga}", "olga", 403) == (
        "acme would be left without an Owner: make somebody else Owner first, without an end."
    )
    said = send(world, "POST", PROJECT, "olga", 400, username="mia", access_level=10)
    assert said == ("mia is Maintainer by a group above: a role here must be the same or higher.")


def test_members_is_no_name_of_a_package_here(world: World) -> None:
    """The word ends an `:id` wherever it stands, and nothing else is below it."""
    headers = world.as_("olga")
    world.app.get("/api/v4/projects/acme%2Fmembers", headers=headers, status=404)
    world.app.get(f"{PROJECT}/all/1/1", headers=headers, status=404)
    world.app.get("/api/v4/projects/members", headers=headers, status=404)
    world.app.get("/api/v4/groups/members", headers=headers, status=404)
    world.app.patch(PROJECT, headers=headers, status=405)
