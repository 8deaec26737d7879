"""Lists of groups in the JSON API, and groups as it shows them."""

from datetime import timedelta
from typing import Any

import pytest

from pyregistry.authnz.roles import Role
from tests.factories.tree import CALLERS, GROUPS, headers_of
from tests.factories.world import World, basic
from tests.functional.support import send_json, sentence_of, statements

ADDRESS = "/api/v4/groups"
EVERYTHING = "all_available=true&per_page=100"


def listed(
    world: World, address: str, headers: dict[str, str], query: str = EVERYTHING
) -> list[str]:
    """The full paths on the first page of a list, in its order."""
    found = world.app.get(f"{address}?{query}", headers=headers).json
    return [group["full_path"] for group in found]


def below(path: str, paths: list[str], *, deep: bool = True) -> list[str]:
    """Those of the paths that are below a path, or directly in it."""
    inside = [each for each in paths if each.startswith(f"{path}/")]
    return inside if deep else [each for each in inside if each.rpartition("/")[0] == path]


@pytest.mark.parametrize("who", CALLERS)
def test_each_caller_is_shown_what_they_may_see(
    world: World, grown: dict[str, int], who: str
) -> None:
    ids, headers = grown, headers_of(world, who)
    seen = [
        path
        for path in sorted(GROUPS)
        if world.app.get(f"{ADDRESS}/{ids[path]}", headers=headers, status="*").status_int == 200
    ]
    assert sorted(listed(world, ADDRESS, headers)) == seen
    for path in seen:
        of_group = f"{ADDRESS}/{ids[path]}"
        direct, all_below = below(path, seen, deep=False), below(path, seen)
        assert sorted(listed(world, f"{of_group}/subgroups", headers)) == direct
        assert sorted(listed(world, f"{of_group}/descendant_groups", headers)) == all_below
    for path in set(GROUPS) - set(seen):
        for below_it in ("subgroups", "descendant_groups", "projects"):
            status = 401 if who == "nobody" else 404
            world.app.get(f"{ADDRESS}/{ids[path]}/{below_it}", headers=headers, status=status)


def test_the_callers_see_different_groups(world: World, grown: dict[str, int]) -> None:
    seen = {who: listed(world, ADDRESS, headers_of(world, who)) for who in CALLERS}
    assert seen["nobody"] == seen["external stranger"] == ["open"]
    assert sorted(seen["internal stranger"]) == ["house", "open", "open/inside"]
    assert sorted(seen["administrator"]) == sorted(GROUPS)
    assert sorted(seen["reporter in the room"]) == ["house", "house/room", "open"]
    assert sorted(seen["a bot of the team"]) == ["open", "secret", "secret/team"]
    assert len({frozenset(paths) for paths in seen.values()}) == len(CALLERS) - 2


@pytest.mark.parametrize(
    ("who", "own"),
    [
        ("nobody", ["open"]),
        ("internal stranger", []),
        ("administrator", sorted(GROUPS)),
        ("owner of closed", ["open", "open/closed", "open/closed/deep"]),
        ("reporter in the room", ["house", "house/room"]),
    ],
)
def test_without_all_available_they_are_the_callers_own(
    world: World, grown: dict[str, int], who: str, own: list[str]
) -> None:
    headers = headers_of(world, who)
    assert sorted(listed(world, ADDRESS, headers, "")) == own
    if who != "nobody":
        member_of = [] if who == "administrator" else own
        assert sorted(listed(world, ADDRESS, headers, "all_available=false")) == member_of
    assert sorted(listed(world, f"{ADDRESS}/open/subgroups", headers, "")) == below(
        "open", own, deep=False
    )


def test_roles_that_are_asked_for(world: World, grown: dict[str, int]) -> None:
    headers = headers_of(world, "owner of closed")
    world.member("house", "owner-of-closed", Role.DEVELOPER)
    world.member("secret", "owner-of-closed", Role.OWNER)
    owned = ["open/closed", "open/closed/deep", "secret", "secret/team"]
    with_house = sorted([*owned, "house", "house/room"])
    for query, found in (
        ("owned=true", owned),
        ("owned=true&all_available=true", owned),
        ("owned=false&min_access_level=50", owned),
        ("min_access_level=30", with_house),
        ("min_access_level=40", owned),
        ("min_access_level=10", with_house),
    ):
        assert sorted(listed(world, ADDRESS, headers, query)) == found, query
    assert listed(world, ADDRESS, headers_of(world, "administrator"), "owned=true") == []
    assert listed(world, ADDRESS, {}, "owned=true") == []
    assert listed(world, ADDRESS, {}, "min_access_level=10") == []


def test_a_role_that_has_ended_shows_nothing(world: World, grown: dict[str, int]) -> None:
    headers = headers_of(world, "owner of closed")
    end = world.clock() + timedelta(days=1)
    world.member("secret", "owner-of-closed", Role.OWNER, expires_at=end)
    assert "secret" in listed(world, ADDRESS, headers)
    world.clock.advance(days=2)
    assert "secret" not in listed(world, ADDRESS, headers)
    assert "secret" not in listed(world, ADDRESS, headers, "owned=true")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("top_level_only=true", ["house", "open", "secret"]),
        ("top_level_only=false&search=room", ["house/room"]),
        ("visibility=public", ["open"]),
        ("visibility=internal", ["house", "open/inside"]),
        ("search=ROOM", ["house/room"]),
        ("search=se", ["house", "open/closed", "secret"]),
        ("search=se%20cret", ["secret"]),
        ("search=%25", []),
        ("search=_", []),
        ("search=open/closed", []),
        ("search=lovely", ["house/room"]),
        ("search=", sorted(GROUPS)),
        ("statistics=true&with_custom_attributes=1&nonsense=x&search=room", ["house/room"]),
    ],
)
def test_filters(world: World, grown: dict[str, int], query: str, found: list[str]) -> None:
    ids = grown
    headers = headers_of(world, "administrator")
    address = f"{ADDRESS}/{ids['house/room']}"
    send_json(world, "PUT", address, headers, 200, name="Lovely", description="x")
    assert sorted(listed(world, ADDRESS, headers, query)) == found


def test_skipped_groups(world: World, grown: dict[str, int]) -> None:
    ids = grown
    headers = headers_of(world, "administrator")
    query = "&".join(f"skip_groups[]={ids[path]}" for path in ("open", "house", "secret"))
    rest = sorted(path for path in GROUPS if "/" in path)
    assert sorted(listed(world, ADDRESS, headers, query)) == rest
    query = f"skip_groups={ids['open']},{ids['house']},{ids['secret']}"
    assert sorted(listed(world, ADDRESS, headers, query)) == rest
    found = listed(world, f"{ADDRESS}/house/subgroups", headers, f"skip_groups={ids['house/room']}")
    assert found == []


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("", ["b/sub", "a", "b"]),
        ("order_by=name", ["b/sub", "a", "b"]),
        ("order_by=name&sort=desc", ["b", "a", "b/sub"]),
        ("order_by=path", ["a", "b", "b/sub"]),
        ("order_by=path&sort=desc", ["b/sub", "b", "a"]),
        ("order_by=id", ["b", "b/sub", "a"]),
        ("sort=desc&order_by=id", ["a", "b/sub", "b"]),
    ],
)
def test_order(world: World, order: str, expected: list[str]) -> None:
    for path in ("b", "b/sub", "a"):
        world.group(path, "public")
    world.user("root", is_admin=True)
    headers = world.as_("root")
    for path, name in (("b", "Zoo"), ("b/sub", "Apple"), ("a", "mouse")):
        address = f"{ADDRESS}/{path.replace('/', '%2F')}"
        send_json(world, "PUT", address, headers, 200, name=name)
    assert listed(world, ADDRESS, {}, order) == expected
    # By key, one a page, it is the same list.
    assert by_key(world, f"{ADDRESS}?pagination=keyset&per_page=1&{order}") == expected


def by_key(world: World, address: str) -> list[str]:
    """What all pages of a list hold together, by their links."""
    found: list[str] = []
    while address:
        response = world.app.get(address)
        found += [group["full_path"] for group in response.json]
        assert "X-Total" not in response.headers
        address = response.headers.get("Link", "").partition(">")[0].removeprefix("<")
    return found


def test_pages(world: World) -> None:
    for letter in "abcde":
        world.group(letter, "public")
    response = world.app.get(f"{ADDRESS}?per_page=2&page=2")
    assert [group["path"] for group in response.json] == ["c", "d"]
    names = ("X-Total", "X-Total-Pages", "X-Page", "X-Per-Page", "X-Next-Page", "X-Prev-Page")
    assert [response.headers[name] for name in names] == ["5", "3", "2", "2", "3", "1"]
    assert 'http://localhost/api/v4/groups?per_page=2&page=3>; rel="next"' in (
        response.headers["Link"].replace("page=3&per_page=2", "per_page=2&page=3")
    )
    assert response.headers["Cache-Control"] == "public, no-cache"
    assert "PRIVATE-TOKEN" in response.headers["Vary"]


@pytest.mark.parametrize(
    "query",
    [
        "order_by=similarity",
        "order_by=created_at",
        "order_by=",
        "sort=up",
        "visibility=secret",
        "visibility=",
        "owned=perhaps",
        "all_available=",
        "top_level_only=2",
        "min_access_level=35",
        "min_access_level=guest",
        "min_access_level=99999999999999999999",
        "skip_groups=a",
        "skip_groups[]=-1",
        "skip_groups[]=99999999999999999999",
        f"search={'x' * 256}",
        "search=%ED%A0%80",
        "page=0",
        "per_page=0",
        "pagination=magic",
        "pagination=keyset&cursor=nonsense",
    ],
)
@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}/acme/subgroups"])
def test_nonsense(world: World, address: str, query: str) -> None:
    world.group("acme", "public")
    world.user("someone")
    response = world.app.get(f"{address}?{query}", headers=world.as_("someone"), status=400)
    said = sentence_of(response)
    if "%ED" not in query:
        name = query.rpartition("&")[2].partition("=")[0].removesuffix("[]")
        assert name in said


def test_too_many_are_skipped(world: World) -> None:
    numbers = ",".join(["1"] * 1001)
    said = sentence_of(world.app.get(f"{ADDRESS}?skip_groups={numbers}", status=400))
    assert said == "The parameter skip_groups may name 1000 groups at most."
    world.app.get(f"{ADDRESS}?skip_groups={numbers[2:]}")


def test_who_may_not_ask(world: World) -> None:
    world.project("acme/core")
    for headers in (basic(world.deploy_token("acme")), basic(world.job_token("acme/core"))):
        for address in (ADDRESS, "/api/v4/projects"):
            world.app.get(address, headers=headers, status=403)
    for address in (ADDRESS, "/api/v4/projects"):
        world.app.get(address, headers=basic("pyrpat_wrong"), status=401)


def test_other_methods(world: World) -> None:
    world.user("someone")
    headers = world.as_("someone")
    for address in (ADDRESS, "/api/v4/projects"):
        response = world.app.delete(address, headers=headers, status=405)
        assert response.headers["Allow"] == "GET, HEAD, OPTIONS, POST"
        world.app.delete(address, status=401)
        world.app.get(f"{address}/nothing", status=401)
        world.app.get(f"{address}/nothing", headers=headers, status=404)
        assert world.app.get(f"{address}/").json == world.app.get(address).json


def test_names_of_the_groups_above(world: World) -> None:
    world.group("acme", "public")
    sub = world.group("acme/sub", "public")
    world.user("root", is_admin=True)
    headers = world.as_("root")
    send_json(world, "PUT", f"{ADDRESS}/acme", headers, 200, name="Acme Inc.")
    deep = world.group("acme/sub/deep", "public")
    shown = world.app.get(f"{ADDRESS}/{deep}").json
    assert shown["full_name"] == "Acme Inc. / sub / deep"
    assert (shown["full_path"], shown["parent_id"]) == ("acme/sub/deep", sub)
    assert shown["web_url"] == "http://localhost/acme/sub/deep"
    assert world.app.get(f"{ADDRESS}/acme/descendant_groups?search=deep&all_available=1").json == [
        shown
    ]


@pytest.mark.parametrize("query", ["", "all_available=true", "owned=true", "pagination=keyset"])
def test_many_groups_cost_what_one_costs(world: World, query: str) -> None:
    world.group("acme")
    world.member("acme", "olga", Role.OWNER)
    headers = world.as_("olga")
    for number in range(30):
        world.group(f"acme/g{number}")
    for address in (ADDRESS, f"{ADDRESS}/acme/subgroups", f"{ADDRESS}/acme/descendant_groups"):
        with statements(world) as executed:
            found: list[Any] = world.app.get(f"{address}?{query}", headers=headers).json
        assert len(found) == 20
        # Who asks, in which group, the rows, how many there are, and the groups above them.
        assert len(executed) <= 5, executed
