"""Why a file is shown to a caller, or hidden from them."""

from typing import Any

import pytest
from sqlalchemy import update

from pyregistry.accounts.services.users import block, find_user_by_id
from pyregistry.authnz.identity import Actor
from pyregistry.authnz.roles import Role
from pyregistry.packaging.models import Package, PackageStatus
from tests.factories.distributions import Distribution, sdist
from tests.factories.switches import turn
from tests.factories.world import World
from tests.functional.support import send_json, sentence_of, statements

CORE = "/api/v4/projects/acme%2Fcore/explain"
ACME = "/api/v4/groups/acme/explain"
ALL = "/api/v4/explain"
DEMO = sdist("demo")


@pytest.fixture(autouse=True)
def _tree(world: World) -> None:
    """A private group, whose Maintainer is mia, with a private project that holds a package."""
    world.group("acme")
    world.project("acme/core")
    world.project("acme/more")
    world.user("ada", is_admin=True)
    world.member("acme", "mia", Role.MAINTAINER)
    world.member("acme", "olga", Role.OWNER)
    world.member("acme/core", "rob", Role.REPORTER)
    world.member("acme/core", "gus", Role.GUEST)
    world.user("eva", is_external=True)
    publish(world, "acme/core", DEMO)


def publish(world: World, path: str, *distributions: Distribution) -> None:
    for distribution in distributions:
        world.upload(path, distribution, world.as_("ada"))


def explain(world: World, address: str, who: str, **query: object) -> list[dict[str, Any]]:
    query = {"package": "demo", **query}
    rows: list[dict[str, Any]] = world.app.get(address, query, headers=world.as_(who)).json
    return rows


def codes(rows: list[dict[str, Any]]) -> list[tuple[str, bool, list[str]]]:
    """Of each file its project, whether it is shown, and the codes."""
    return [
        (
            row["project"]["path_with_namespace"],
            row["shown"],
            [reason["code"] for reason in row["reasons"]],
        )
        for row in rows
    ]


def test_a_file_that_is_shown(world: World) -> None:
    (row,) = explain(world, CORE, "rob", package="DEMO")
    file = world.file_named(DEMO.filename)
    assert file is not None
    assert row == {
        "id": file.id,
        "file_name": DEMO.filename,
        "file_sha256": DEMO.sha256,
        "version": "1.0",
        "project": {"id": file.project_id, "path_with_namespace": "acme/core"},
        "created_at": "2026-11-23T12:00:00.000Z",
        "shown": True,
        "reasons": [{"code": "role", "message": "The role Reporter in the project suffices."}],
    }
    assert explain(world, ALL, "rob") == explain(world, ACME, "rob") == [row]


def test_what_is_chosen(world: World) -> None:
    publish(world, "acme/core", sdist("demo", "2.0"), sdist("other"))
    assert [row["version"] for row in explain(world, CORE, "rob")] == ["1.0", "2.0"]
    assert [row["version"] for row in explain(world, CORE, "rob", version="2")] == ["2.0"]
    assert [row["version"] for row in explain(world, CORE, "rob", filename=DEMO.filename)] == [
        "1.0"
    ]
    assert explain(world, CORE, "rob", package="nothing") == []


def test_somebody_else_is_explained_to_a_maintainer(world: World) -> None:
    def answer(**query: object) -> tuple[str, bool, list[str]]:
        (found,) = codes(explain(world, CORE, "mia", **query))
        return found

    users = world.users
    assert answer(user_id=users["rob"]) == ("acme/core", True, ["role"])
    assert answer(user_id=users["gus"]) == ("acme/core", False, ["role_too_low"])
    assert answer(user_id=users["eva"]) == ("acme/core", False, ["project_not_visible"])
    assert answer(anonymous="true") == ("acme/core", False, ["project_not_visible"])
    assert answer(user_id=users["ada"]) == ("acme/core", True, ["administrator"])
    assert answer(anonymous="false") == ("acme/core", True, ["role"])
    with world.components.database.writing() as session:
        block(session, find_user_by_id(session, users["rob"]), Actor(), world.clock())
    assert answer(user_id=users["rob"]) == ("acme/core", False, ["user_blocked"])
    world.app.get(
        CORE, {"package": "demo", "user_id": 999_999}, headers=world.as_("mia"), status=404
    )


def test_who_sees_no_user_asks_about_none(world: World) -> None:
    world.user("pia", is_external=True)
    world.member("acme", "pia", Role.MAINTAINER)
    headers = world.as_("pia")
    for user_id in (world.users["rob"], 999_999):
        query = {"package": "demo", "user_id": user_id}
        answer = world.app.get(CORE, query, headers=headers, status=404)
        assert "no user with this id" in answer.text
    query = {"package": "demo", "user_id": world.users["pia"]}
    assert world.app.get(CORE, query, headers=headers).json


def test_nobody_else_asks_about_others(world: World) -> None:
    asked = {"package": "demo", "user_id": world.users["eva"]}
    world.app.get(CORE, asked, headers=world.as_("rob"), status=403)
    world.app.get(ALL, asked, headers=world.as_("mia"), status=403)
    world.app.get(ACME, asked, headers=world.as_("rob"), status=403)
    # Not even whether there is such a user.
    asked["user_id"] = 999_999
    world.app.get(CORE, asked, headers=world.as_("rob"), status=403)


def test_nothing_is_told_of_what_one_may_not_see(world: World) -> None:
    world.group("acme/open", "private")
    for who in ("gus", "eva"):
        assert explain(world, ALL, who) == []
    assert explain(world, ACME, "gus") == []
    world.app.get(CORE, {"package": "demo"}, headers=world.as_("gus"), status=403)
    world.app.get(CORE, {"package": "demo"}, headers=world.as_("eva"), status=404)
    world.app.get(CORE, {"package": "demo"}, status=401)
    # What shadows, and is itself not seen, does not shadow either.
    world.clock.advance(days=1)
    publish(world, "acme/more", sdist("demo", files={"other.txt": b"x"}))
    world.member("acme/more", "eva", Role.REPORTER)
    assert codes(explain(world, ACME, "eva")) == [("acme/more", True, ["role"])]


def test_the_first_upload_hides_the_others(world: World) -> None:
    world.clock.advance(days=1)
    publish(world, "acme/more", sdist("demo", files={"other.txt": b"x"}))
    rows = explain(world, ACME, "mia")
    assert codes(rows) == [
        ("acme/core", True, ["role"]),
        ("acme/more", False, ["role", "shadowed"]),
    ]
    assert "acme/core" in rows[1]["reasons"][1]["message"]
    # In its own project nothing is before it.
    more = "/api/v4/projects/acme%2Fmore/explain"
    assert codes(explain(world, more, "mia")) == [("acme/more", True, ["role"])]


def test_status_yanking_and_python(world: World) -> None:
    publish(world, "acme/core", sdist("demo", "2.0", metadata=[("Requires-Python", ">=3.11")]))
    releases = "/api/v4/projects/acme%2Fcore/packages"
    newest = world.app.get(releases, headers=world.as_("mia")).json[-1]["id"]
    send_json(
        world,
        "PUT",
        f"{releases}/{newest}",
        world.as_("mia"),
        200,
        yanked=True,
        yanked_reason="it breaks",
    )
    (row,) = explain(world, CORE, "rob", version="2.0")
    assert codes([row]) == [("acme/core", True, ["role", "yanked", "requires_python"])]
    assert "(it breaks)" in row["reasons"][1]["message"]
    for status, is_shown in (("archived", True), ("deprecated", True), ("quarantined", False)):
        with world.components.database.writing() as session:
            session.execute(
                update(Package).values(status=PackageStatus(status), status_reason="so it is")
            )
        (row,) = explain(world, CORE, "rob", version="1.0")
        assert codes([row]) == [("acme/core", is_shown, ["role", status])]
        assert "(so it is)" in row["reasons"][1]["message"]


def test_protection_is_told_to_who_may_see_the_rules(world: World) -> None:
    send_json(
        world,
        "POST",
        "/api/v4/projects/acme%2Fcore/packages/protection/rules",
        world.as_("olga"),
        201,
        package_name_pattern="de*",
        minimum_access_level_for_push="owner",
    )
    (row,) = explain(world, CORE, "mia")
    assert codes([row]) == [("acme/core", True, ["role", "protected"])]
    assert "only an Owner" in row["reasons"][1]["message"]
    assert codes(explain(world, CORE, "rob")) == [("acme/core", True, ["role"])]


@pytest.mark.parametrize("place", ["acme/core", "acme"])
def test_where_it_is_turned_off(world: World, place: str) -> None:
    world.member("acme/core", "olaf", Role.OWNER)
    turn(world, place, on=False)
    (row,) = explain(world, CORE, "olga")
    assert codes([row]) == [("acme/core", False, ["role", "registry_turned_off"])]
    assert f"for {place}." in row["reasons"][1]["message"]
    assert codes(explain(world, ALL, "olga")) == codes([row])
    assert codes(explain(world, ALL, "ada")) == [
        ("acme/core", False, ["administrator", "registry_turned_off"])
    ]
    # To others there is nothing, as at every address of its packages.
    for who, status in (("mia", 404), ("rob", 404), ("gus", 403)):
        world.app.get(CORE, {"package": "demo"}, headers=world.as_(who), status=status)
        assert explain(world, ALL, who) == []
    owns_it = place == "acme/core"
    world.app.get(
        CORE, {"package": "demo"}, headers=world.as_("olaf"), status=200 if owns_it else 404
    )
    assert len(explain(world, ALL, "olaf")) == owns_it


def test_where_the_whole_instance_is_turned_off(world: World) -> None:
    turn(world, "", on=False)
    (row,) = explain(world, CORE, "ada")
    assert "for the instance." in row["reasons"][1]["message"]
    assert explain(world, ALL, "olga") == []
    world.app.get(CORE, {"package": "demo"}, headers=world.as_("olga"), status=404)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("", "package"),
        ("package=", "package"),
        ("package=demo&version=no%20version", "version"),
        ("package=demo&user_id=x", "user_id"),
        ("package=demo&user_id=1&anonymous=true", "anonymous"),
        ("package=demo&anonymous=maybe", "anonymous"),
        ("package=demo&per_page=0", "per_page"),
        ("package=demo&pagination=keyset&cursor=x", "cursor"),
    ],
)
def test_nonsense_is_named(world: World, query: str, named: str) -> None:
    for address in (CORE, ACME, ALL):
        refused = world.app.get(f"{address}?{query}", headers=world.as_("ada"), status=400)
        assert named in sentence_of(refused)


def test_pages_and_their_cost(world: World) -> None:
    def cost(address: str) -> int:
        headers = world.as_("ada")
        with statements(world) as executed:
            world.app.get(address, {"package": "demo", "per_page": 1}, headers=headers)
        return len(executed)

    publish(world, "acme/core", sdist("demo", "2.0"))
    turn(world, "acme/core", on=False)
    before = [cost(address) for address in (CORE, ACME, ALL)]
    turn(world, "acme/core", on=True)
    publish(world, "acme/core", *(sdist("demo", f"{number}.0") for number in range(3, 6)))
    publish(world, "acme/more", *(sdist("demo", f"{number}.0") for number in range(3, 6)))
    turn(world, "acme/core", on=False)
    assert [cost(address) for address in (CORE, ACME, ALL)] == before
    response = world.app.get(ACME, {"package": "demo", "per_page": 3}, headers=world.as_("ada"))
    assert response.headers["X-Total"] == "8"
    assert len(response.json) == 3
