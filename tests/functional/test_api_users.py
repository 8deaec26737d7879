"""Users in the JSON API."""

from typing import Any

import pytest

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from tests.factories.world import PASSWORD, World, basic
from tests.functional.support import (
    send_json,
    sentence_of,
    session_secret_of,
    statements,
)

USERS = "/api/v4/users"
NOBODY = "There is no user with this id."


@pytest.fixture(autouse=True)
def _administrator(world: World) -> None:
    world.user("root", is_admin=True)


def send(world: World, method: str, address: str, status: int, **parameters: Any) -> Any:
    """Send parameters as the administrator; the answer, or the sentence of a refusal."""
    return send_json(world, method, USERS + address, world.as_("root"), status, **parameters)


def names(world: World, query: str = "", username: str = "root") -> list[str]:
    """The user names in a list."""
    listed = world.app.get(f"{USERS}?{query}", headers=world.as_(username)).json
    return [user["username"] for user in listed]


class TestReading:
    def test_what_everybody_sees(self, world: World) -> None:
        ann, ben = world.user("ann"), world.user("ben")
        headers = world.as_("ann", Scope.READ_API)
        shown = world.app.get(f"{USERS}/{ben}", headers=headers)
        assert shown.json == {
            "id": ben,
            "username": "ben",
            "name": "ben",
            "state": "active",
            "public_email": "",
            "avatar_url": None,
            "web_url": None,
        }
        assert shown.headers["Cache-Control"] == "private, no-cache"
        listed = world.app.get(USERS, headers=headers)
        assert [user["id"] for user in listed.json] == [ben, ann, world.users["root"]]
        assert listed.json[0] == shown.json
        assert listed.headers["X-Total"] == "3"

    def test_what_administrators_see(self, world: World) -> None:
        ben = world.user("ben", password=PASSWORD, is_external=True)
        session_secret_of(world, "ben")
        world.clock.advance(days=1)
        session_secret_of(world, "ben")
        shown = world.app.get(f"{USERS}/{ben}", headers=world.as_("root")).json
        assert shown == {
            "id": ben,
            "username": "ben",
            "name": "ben",
            "state": "active",
            "public_email": "",
            "avatar_url": None,
            "web_url": None,
            "email": "ben@example.org",
            "is_admin": False,
            "external": True,
            "bot": False,
            "created_at": "2026-11-23T12:00:00.000Z",
            "last_sign_in_at": "2026-11-23T12:00:00.000Z",
            "current_sign_in_at": "2026-11-24T12:00:00.000Z",
        }
        assert shown in world.app.get(USERS, headers=world.as_("root")).json
        # Of who signed in once GitLab says the same of both.
        world.user("cora", password=PASSWORD)
        session_secret_of(world, "cora")
        own = world.app.get("/api/v4/user", headers=world.as_("cora")).json
        assert own["last_sign_in_at"] == own["current_sign_in_at"] == "2026-11-24T12:00:00.000Z"

    def test_an_external_user_sees_nobody_else(self, world: World) -> None:
        ann, ben = world.user("ann", is_external=True), world.user("ben")
        headers = world.as_("ann")
        assert [user["id"] for user in world.app.get(USERS, headers=headers).json] == [ann]
        assert world.app.get(f"{USERS}?search=ben", headers=headers).json == []
        assert world.app.get(f"{USERS}?username=ben", headers=headers).json == []
        assert world.app.get(f"{USERS}/{ann}", headers=headers).json["username"] == "ann"
        hidden = world.app.get(f"{USERS}/{ben}", headers=headers, status=404)
        missing = world.app.get(f"{USERS}/999", headers=headers, status=404)
        assert hidden.body == missing.body
        assert sentence_of(hidden) == NOBODY

    def test_a_bot_sees_nobody_else(self, world: World) -> None:
        world.project("acme/core")
        bot = basic(world.access_token("acme/core", Role.OWNER))
        (only,) = world.app.get(USERS, headers=bot).json
        assert only["id"] == world.app.get("/api/v4/user", headers=bot).json["id"]
        world.app.get(f"{USERS}/{world.users['root']}", headers=bot, status=404)

    def test_who_is_no_user_sees_nobody(self, world: World) -> None:
        world.project("acme/core")
        root = world.users["root"]
        for address in (USERS, f"{USERS}/{root}", f"{USERS}/999", f"{USERS}/{root}/memberships"):
            world.app.get(address, status=401)
            for secret in (
                world.deploy_token("acme/core", Scope.READ_PACKAGE_REGISTRY),
                world.job_token("acme/core"),
            ):
                world.app.get(address, headers=basic(secret), status=403)

    @pytest.mark.parametrize("user_id", ["999", "nobody", "9" * 30, "-1", "%D9%A3"])
    def test_nobody_there(self, world: World, user_id: str) -> None:
        headers = world.as_("root")
        assert sentence_of(world.app.get(f"{USERS}/{user_id}", headers=headers, status=404)) == (
            NOBODY
        )
        world.app.get(f"{USERS}/{user_id}/memberships", headers=headers, status=404)
        for method, end in (("PUT", ""), ("DELETE", ""), ("POST", "/block"), ("POST", "/unblock")):
            assert send(world, method, f"/{user_id}{end}", 404, name="x") == NOBODY
        end, new = "/personal_access_tokens", {"name": "ci", "scopes": ["api"]}
        assert send(world, "POST", f"/{user_id}{end}", 404, **new) == NOBODY


class TestListing:
    @pytest.fixture(autouse=True)
    def _people(self, world: World) -> None:
        world.user("Anna")
        world.user("ben", name="Ben Annan")
        world.user("cleo", is_external=True)
        send(world, "POST", f"/{world.users['Anna']}/block", 201)
        world.project("acme/core")
        world.access_token("acme/core", Role.GUEST)

    def test_filters(self, world: World) -> None:
        everybody = names(world)
        (bot,) = set(everybody) - {"root", "Anna", "ben", "cleo"}
        assert everybody == [bot, "cleo", "ben", "Anna", "root"]
        assert names(world, "username=ANNA") == ["Anna"]
        assert names(world, "username=ann") == []
        assert names(world, "search=aNNa") == ["ben", "Anna"]
        assert names(world, "search=%25") == []
        assert names(world, "active=true&humans=true") == ["cleo", "ben", "root"]
        assert names(world, "blocked=true") == ["Anna"]
        assert names(world, "active=false&blocked=0") == everybody
        assert names(world, "external=true") == [bot, "cleo"]
        assert names(world, "exclude_external=true") == ["ben", "Anna", "root"]
        assert names(world, "without_project_bots=true") == ["cleo", "ben", "Anna", "root"]
        assert names(world, "exclude_humans=true") == [bot]
        assert names(world, "admins=true") == ["root"]
        assert names(world, f"id_after={world.users['ben']}") == [bot, "cleo"]
        assert names(world, "nonsense=1") == everybody

    def test_only_administrators_search_by_email_and_choose_the_order(self, world: World) -> None:
        assert names(world, "search=ben@example") == ["ben"]
        assert names(world, "search=ben@example", "ben") == []
        usual = names(world, "humans=true")
        assert names(world, "humans=true&order_by=name&sort=asc", "ben") == usual
        assert names(world, "admins=true&humans=true", "ben") == usual
        assert names(world, "humans=true&sort=asc") == usual[::-1]
        assert names(world, "humans=true&order_by=name&sort=asc") == ["Anna", "ben", "cleo", "root"]
        world.user("abel", name="Zoe")
        by_name = ["abel", "root", "cleo", "ben", "Anna"]
        assert names(world, "humans=true&order_by=name") == by_name
        by_username = ["root", "cleo", "ben", "Anna", "abel"]
        assert names(world, "humans=true&order_by=username") == by_username
        assert names(world, "humans=true&order_by=created_at") == ["abel", *usual]

    @pytest.mark.parametrize(
        ("query", "named"),
        [
            ("active=maybe", "active"),
            ("active=", "active"),
            ("active=true&blocked=true", "active"),
            ("external=true&exclude_external=true", "external"),
            ("humans=1&exclude_humans=1", "humans"),
            ("id_after=x", "id_after"),
            ("id_after=" + "9" * 30, "id_after"),
            ("order_by=email", "order_by"),
            ("sort=up", "sort"),
            ("page=0", "page"),
            ("per_page=0", "per_page"),
            ("pagination=none", "pagination"),
            ("pagination=keyset&cursor=x", "cursor"),
            ("search=%00", "NUL"),
        ],
    )
    def test_wrong_parameters_are_named(self, world: World, query: str, named: str) -> None:
        for username in ("root", "ben"):
            headers = world.as_(username)
            assert named in sentence_of(
                world.app.get(f"{USERS}?{query}", headers=headers, status=400)
            )

    @pytest.mark.parametrize("order", ["", "order_by=name&sort=asc", "order_by=created_at"])
    def test_both_ways_of_paging_lead_through_everybody(self, world: World, order: str) -> None:
        everybody = names(world, order)
        for pagination in ("offset", "keyset"):
            found: list[str] = []
            address: str | None = f"{USERS}?per_page=2&pagination={pagination}&{order}"
            while address is not None:
                page = world.app.get(address, headers=world.as_("root"))
                found += [user["username"] for user in page.json]
                links = page.headers.get("Link", "").split(", ")
                address = next(
                    (link[1 : link.index(">")] for link in links if link.endswith('rel="next"')),
                    None,
                )
            assert found == everybody

    def test_a_list_asks_no_more_for_more_users(self, world: World) -> None:
        counts = []
        for _ in range(2):
            headers = world.as_("root")
            with statements(world) as executed:
                world.app.get(f"{USERS}?per_page=3", headers=headers)
            counts.append(len(executed))
            for number in range(5):
                world.user(f"user-{len(counts)}-{number}")
        assert counts[0] == counts[1]


class TestMemberships:
    def test_where_somebody_is_a_member(self, world: World) -> None:
        group, project = world.group("acme"), world.project("acme/core")
        world.member("acme/core", "dora", Role.DEVELOPER)
        world.member("acme", "dora", Role.GUEST)
        world.member("acme", "ben", Role.OWNER)
        address = f"{USERS}/{world.users['dora']}/memberships"
        headers = world.as_("root", Scope.READ_API)
        listed = world.app.get(address, headers=headers)
        of_project = {
            "source_id": project,
            "source_name": "core",
            "source_type": "Project",
            "access_level": 30,
        }
        of_group = {
            "source_id": group,
            "source_name": "acme",
            "source_type": "Namespace",
            "access_level": 10,
        }
        assert listed.json == [of_project, of_group]
        assert listed.headers["X-Total"] == "2"
        assert world.app.get(f"{address}?type=Project", headers=headers).json == [of_project]
        assert world.app.get(f"{address}?type=Namespace", headers=headers).json == [of_group]
        assert world.app.get(f"{address}?per_page=1&page=2", headers=headers).json == [of_group]
        wrong = world.app.get(f"{address}?type=Group", headers=headers, status=400)
        assert sentence_of(wrong) == "The parameter type must be one of: Namespace, Project."
        # Others learn neither where somebody is a member nor who there is, not even of themselves.
        for user_id in (world.users["dora"], 999):
            other = f"{USERS}/{user_id}/memberships"
            world.app.get(other, headers=world.as_("dora"), status=403)


def test_what_is_not_there(world: World) -> None:
    root, headers = world.users["root"], world.as_("root")
    world.app.get(f"{USERS}/{root}/keys", headers=headers, status=404)
    world.app.get(f"{USERS}/{root}/block", headers=headers, status=405)
    world.app.get(f"{USERS}/{root}/memberships/1", headers=headers, status=404)
