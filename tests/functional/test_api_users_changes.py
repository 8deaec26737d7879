"""Creating, changing, blocking and deleting users by the JSON API, and making tokens for them."""

from typing import Any

import pytest
from sqlalchemy import select

from pyregistry.accounts.models import BrowserSession, User
from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.models import Membership
from pyregistry.tokens.models import Token
from tests.factories.distributions import wheel
from tests.factories.members import roles_in
from tests.factories.world import PASSWORD, World, basic
from tests.functional.support import send_json, sentence_of, session_secret_of
from tests.functional.test_api_users import NOBODY, USERS, names, send

NEW = {"username": "dora", "name": "Dora Droste", "email": "Dora@Example.org"}


@pytest.fixture(autouse=True)
def _administrator(world: World) -> None:
    world.user("root", is_admin=True)


def told(world: World) -> list[tuple[str, str | None, dict[str, Any]]]:
    """What events tell: action, by whom, details."""
    return [(event.action, event.actor_name, event.details) for event in world.events()]


class TestCreating:
    def test_with_a_password(self, world: World) -> None:
        created = send(world, "POST", "", 201, **NEW, password=PASSWORD, external=True)
        assert created == world.app.get(f"{USERS}/{created['id']}", headers=world.as_("root")).json
        assert (created["username"], created["name"]) == ("dora", "Dora Droste")
        assert (created["email"], created["external"]) == ("dora@example.org", True)
        assert (created["is_admin"], created["state"]) == (False, "active")
        world.users["dora"] = created["id"]
        assert session_secret_of(world, "dora")
        ((action, actor, details),) = told(world)[:1]
        assert (action, actor, details["username"]) == ("user.created", "root", "dora")
        assert details["after"] == {
            "is_admin": False,
            "is_external": True,
            "is_blocked": False,
            "has_password": True,
        }
        assert PASSWORD not in str(told(world))

    @pytest.mark.parametrize("end", [{}, {"force_random_password": True}])
    def test_without_a_password(self, world: World, end: dict[str, Any]) -> None:
        created = send(world, "POST", "", 201, **NEW, admin=True, **end)
        assert created["is_admin"] is True
        assert "password" not in created
        assert world.user_row("dora").password_hash is None

    def test_as_a_form(self, world: World) -> None:
        form = {"username": "dora", "email": "dora@example.org", "admin": "false"}
        created = world.app.post(USERS, form, headers=world.as_("root"), status=201).json
        assert (created["name"], created["is_admin"]) == ("dora", False)

    @pytest.mark.parametrize(
        ("parameters", "said"),
        [
            ({"username": None}, "The parameter username is missing."),
            ({"email": None}, "The parameter email is missing."),
            ({"username": 1}, "The parameter username must be a text."),
            ({"username": "a b"}, "is not a valid user name"),
            ({"username": "__token__"}, "is not a valid user name"),
            ({"username": "project_1_bot_0"}, "bot of an access token"),
            ({"email": "dora"}, "is not an email address"),
            ({"email": "\u0130" * 60 + "@example.org"}, "is not an email address"),
            ({"name": " "}, "name has 1 to 255 characters"),
            ({"name": "x" * 256}, "name has 1 to 255 characters"),
            ({"name": "a\nb"}, "name has 1 to 255 characters"),
            ({"name": "a\x00b"}, "The parameter 'name' holds a character"),
            ({"name": "a\ud800b"}, "The parameter 'name' holds a character"),
            ({"password": "short"}, "A password has 10 to 1024 characters: this one has 5."),
            ({"password": "x" * 1025}, "A password has 10 to 1024 characters"),
            ({"password": 1234567890}, "The parameter password must be a text."),
            ({"admin": "perhaps"}, "The parameter admin is missing or wrong"),
            ({"external": 1}, "The parameter external is missing or wrong"),
            ({"reset_password": True}, "The registry sends no mail"),
            ({"password": PASSWORD, "force_random_password": True}, "force_random_password"),
        ],
    )
    def test_what_is_wrong_is_said(
        self, world: World, parameters: dict[str, Any], said: str
    ) -> None:
        assert said in send(world, "POST", "", 400, **{**NEW, **parameters})
        assert names(world) == ["root"]
        assert told(world) == []

    def test_names_and_addresses_that_are_taken(self, world: World) -> None:
        world.user("dora")
        assert send(world, "POST", "", 409, **{**NEW, "username": "DORA"}) == (
            "The user name is taken: choose another."
        )
        assert send(world, "POST", "", 409, **{**NEW, "username": "other"}) == (
            "The email address is taken: choose another."
        )


class TestChanging:
    def test_everything(self, world: World) -> None:
        dora = world.user("dora", password=PASSWORD)
        session_secret_of(world, "dora")
        changed = send(
            world,
            "PUT",
            f"/{dora}",
            200,
            username="dora",
            name=" Dora Droste ",
            email="New@Example.org",
            password="another secret",
            admin=True,
            external=True,
        )
        assert (changed["name"], changed["email"]) == ("Dora Droste", "new@example.org")
        assert (changed["is_admin"], changed["external"]) == (True, True)
        assert world.count(BrowserSession) == 0
        world.app.get("/api/v4/user", headers=basic("another secret", "dora"), status=401)
        ((action, actor, details),) = [event for event in told(world) if event[0] == "user.changed"]
        assert (action, actor) == ("user.changed", "root")
        same = {"is_blocked": False, "has_password": True}
        assert details == {
            "user_id": dora,
            "username": "dora",
            "new_password": True,
            "before": {
                "is_admin": False,
                "is_external": False,
                "name": "dora",
                "email": "dora@example.org",
                **same,
            },
            "after": {
                "is_admin": True,
                "is_external": True,
                "name": "Dora Droste",
                "email": "new@example.org",
                **same,
            },
        }
        assert "another secret" not in str(told(world))

    def test_what_is_not_sent_stays(self, world: World) -> None:
        dora = world.user("dora", password=PASSWORD, is_external=True)
        stored = world.user_row("dora").password_hash
        session_secret_of(world, "dora")
        changed = send(world, "PUT", f"/{dora}", 200, name="Dora")
        assert (changed["email"], changed["external"]) == ("dora@example.org", True)
        assert world.user_row("dora").password_hash == stored
        assert world.count(BrowserSession) == 1
        # What changes nothing is no event.
        count = len(told(world))
        send(world, "PUT", f"/{dora}", 200, name="Dora", admin=False)
        assert len(told(world)) == count

    def test_a_role_above_all_holds_from_the_next_request_on(self, world: World) -> None:
        dora = world.user("dora")
        headers = world.as_("dora")
        world.app.get("/api/v4/application/settings", headers=headers, status=403)
        send(world, "PUT", f"/{dora}", 200, admin=True)
        world.app.get("/api/v4/application/settings", headers=headers)
        send(world, "PUT", f"/{dora}", 200, admin=False)
        world.app.get("/api/v4/application/settings", headers=headers, status=403)

    @pytest.mark.parametrize(
        ("parameters", "said"),
        [
            ({}, "Send at least one of the parameters admin, email, external, name, password."),
            ({"state": "blocked"}, "Send at least one of the parameters"),
            ({"username": "other"}, "A user name cannot be changed"),
            ({"name": ""}, "name has 1 to 255 characters"),
            ({"email": "x"}, "is not an email address"),
            ({"password": ""}, "A password has 10 to 1024 characters: this one has 0."),
            ({"admin": None}, "The parameter admin is missing or wrong"),
            ({"name": "Dora", "external": "x"}, "The parameter external is missing or wrong"),
        ],
    )
    def test_what_is_wrong_changes_nothing(
        self, world: World, parameters: dict[str, Any], said: str
    ) -> None:
        dora = world.user("dora", password=PASSWORD)
        before = world.app.get(f"{USERS}/{dora}", headers=world.as_("root")).json
        assert said in send(world, "PUT", f"/{dora}", 400, **parameters)
        assert world.app.get(f"{USERS}/{dora}", headers=world.as_("root")).json == before
        assert told(world) == []

    def test_an_address_that_is_taken(self, world: World) -> None:
        dora = world.user("dora")
        assert send(world, "PUT", f"/{dora}", 409, email="ROOT@example.org") == (
            "The email address is taken: choose another."
        )
        # One's own is not taken.
        send(world, "PUT", f"/{dora}", 200, email="Dora@example.org")

    def test_a_bot_is_what_its_token_says(self, world: World) -> None:
        world.project("acme/core")
        headers = basic(world.access_token("acme/core", Role.GUEST))
        bot = world.app.get("/api/v4/user", headers=headers).json["id"]
        for parameters in ({"name": "x"}, {"admin": True}, {"password": PASSWORD}):
            assert "bot of an access token" in send(world, "PUT", f"/{bot}", 400, **parameters)
        assert "bot of an access token" in send(world, "DELETE", f"/{bot}", 400)
        new = {"name": "ci", "scopes": ["api"]}
        address = f"/{bot}/personal_access_tokens"
        assert "bot of an access token" in send(world, "POST", address, 400, **new)

    def test_the_last_administrator_stays_one(self, world: World) -> None:
        root, second = world.users["root"], world.user("second", is_admin=True)
        send(world, "PUT", f"/{second}", 200, admin=False)
        said = "root is the last administrator: make somebody else administrator first."
        assert send(world, "PUT", f"/{root}", 403, admin=False) == said
        # Who is blocked administers nothing.
        send(world, "PUT", f"/{second}", 200, admin=True)
        send(world, "POST", f"/{second}/block", 201)
        assert send(world, "PUT", f"/{root}", 403, admin=False) == said
        send(world, "POST", f"/{second}/unblock", 201)
        send(world, "PUT", f"/{root}", 200, admin=False)


class TestBlocking:
    def test_blocking_and_unblocking(self, world: World) -> None:
        dora = world.user("dora", password=PASSWORD)
        session_secret_of(world, "dora")
        headers = world.as_("dora")
        for _ in range(2):
            assert send(world, "POST", f"/{dora}/block", 201) is True
        world.app.get("/api/v4/user", headers=headers, status=401)
        assert world.count(BrowserSession) == 0
        state = world.app.get(f"{USERS}/{dora}", headers=world.as_("root")).json["state"]
        assert state == "blocked"
        for _ in range(2):
            assert send(world, "POST", f"/{dora}/unblock", 201) is True
        world.app.get("/api/v4/user", headers=headers)
        actions = [(action, actor) for action, actor, _ in told(world)]
        assert actions == [
            ("user.signed_in", "dora"),
            ("user.changed", "root"),
            ("user.changed", "root"),
        ]

    def test_nobody_blocks_themselves(self, world: World) -> None:
        world.user("second", is_admin=True)
        assert send(world, "POST", f"/{world.users['root']}/block", 403) == (
            "You cannot do this to your own account: ask another administrator."
        )


class TestDeleting:
    def test_everything_of_theirs_goes_and_what_they_made_stays(self, world: World) -> None:
        world.project("acme/core")
        dora = world.user("dora", password=PASSWORD)
        world.member("acme/core", "dora", Role.DEVELOPER)
        session_secret_of(world, "dora")
        headers = world.as_("dora")
        world.upload("acme/core", wheel(), headers)
        assert send(world, "DELETE", f"/{dora}", 204) is None
        world.app.get("/api/v4/user", headers=headers, status=401)
        assert sentence_of(
            world.app.get(f"{USERS}/{dora}", headers=world.as_("root"), status=404)
        ) == (NOBODY)
        assert world.count(BrowserSession) == world.count(Membership) == 0
        assert roles_in(world, "acme/core") == {}
        file = world.file_named(wheel().filename)
        assert file is not None
        assert (file.uploader_id, file.uploader_name) == (None, "dora")
        events = world.events()
        pushed = next(event for event in events if event.action == "file.pushed")
        assert (pushed.actor_id, pushed.actor_name) == (None, "dora")
        removed, deleted = events[-2:]
        assert (removed.action, removed.actor_name) == ("member.removed", "root")
        assert (removed.namespace_path, removed.details["username"]) == ("acme/core", "dora")
        assert (deleted.action, deleted.actor_name) == ("user.deleted", "root")
        assert deleted.details == {
            "user_id": dora,
            "username": "dora",
            "tokens_revoked": 1,
            "job_tokens_revoked": 0,
            "before": {
                "is_admin": False,
                "is_external": False,
                "is_blocked": False,
                "has_password": True,
            },
            "after": None,
        }
        # The name and the address are free again.
        send(world, "POST", "", 201, username="dora", email="dora@example.org")

    def test_what_they_created_for_others_goes_on(self, world: World) -> None:
        project = world.project("acme/core")
        dora = world.user("dora")
        world.member("acme/core", "dora", Role.MAINTAINER)
        new = {"name": "ci", "scopes": ["read_package_registry"]}
        address = f"/api/v4/projects/{project}/deploy_tokens"
        token = send_json(world, "POST", address, world.as_("dora"), 201, **new)
        send(world, "DELETE", f"/{dora}", 204)
        world.app.get("/acme/core/-/simple/", headers=basic(token["token"], token["username"]))

    @pytest.mark.parametrize("end", ["", "blocked"])
    def test_a_sole_owner(self, world: World, end: str) -> None:
        world.group("acme")
        world.member("acme", "olga", Role.OWNER)
        olga = world.users["olga"]
        if end:
            send(world, "POST", f"/{olga}/block", 201)
        assert send(world, "DELETE", f"/{olga}", 409) == (
            "acme would be left without an Owner: make somebody else Owner first, without an end."
        )
        assert roles_in(world, "acme") == {"olga": 50}
        world.member("acme", "otto", Role.OWNER)
        send(world, "DELETE", f"/{olga}", 204)

    def test_nobody_deletes_themselves_or_the_last_administrator(self, world: World) -> None:
        second = world.user("second", is_admin=True)
        assert send(world, "DELETE", f"/{world.users['root']}", 403) == (
            "You cannot do this to your own account: ask another administrator."
        )
        send(world, "DELETE", f"/{second}", 204)

    def test_what_was_published_is_never_deleted_with_them(self, world: World) -> None:
        dora = world.user("dora")
        assert "hard_delete" in send(world, "DELETE", f"/{dora}?hard_delete=true", 400)
        assert "hard_delete" in send(world, "DELETE", f"/{dora}?hard_delete=x", 400)
        send(world, "DELETE", f"/{dora}?hard_delete=false", 204)


class TestTokens:
    def test_a_token_for_somebody_else(self, world: World) -> None:
        dora = world.user("dora")
        address = f"/{dora}/personal_access_tokens"
        new = {"name": "ci", "scopes": ["read_api"], "expires_at": "2026-12-24"}
        created = send(world, "POST", address, 201, **new)
        secret = created.pop("token")
        assert created == {
            "id": created["id"],
            "name": "ci",
            "scopes": ["read_api"],
            "revoked": False,
            "active": True,
            "user_id": dora,
            "expires_at": "2026-12-24",
            "created_at": "2026-11-23T12:00:00.000Z",
            "last_used_at": None,
            "last_used_address": None,
            "last_used_ips": [],
            "description": None,
        }
        own = world.app.get("/api/v4/user", headers={"PRIVATE-TOKEN": secret}).json
        assert own["username"] == "dora"
        listed = f"/api/v4/personal_access_tokens?user_id={dora}"
        assert world.app.get(listed, headers=world.as_("root")).json[0]["id"] == created["id"]
        ((action, actor, details),) = told(world)
        assert (action, actor, details["username"]) == ("token.created", "root", "dora")
        assert secret not in str(told(world))
        with world.components.database.reading() as session:
            creator = session.scalars(select(Token.creator_id).where(Token.id == created["id"]))
            assert creator.one() == world.users["root"]

    def test_it_is_not_to_be_stored(self, world: World) -> None:
        address = f"{USERS}/{world.user('dora')}/personal_access_tokens"
        form = {"name": "ci", "scopes[]": "api"}
        answer = world.app.post(address, form, headers=world.as_("root"), status=201)
        assert answer.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize(
        ("parameters", "said"),
        [
            ({"scopes": ["api"]}, "A token needs a name"),
            ({"name": "ci"}, "The parameter scopes must be a list"),
            ({"name": "ci", "scopes": ["write_package_registry"]}, "The parameter scopes"),
            ({"name": "ci", "scopes": ["api"], "expires_at": "soon"}, "expires_at"),
            ({"name": "ci", "scopes": ["api"], "expires_at": "2026-11-23"}, "expired already"),
        ],
    )
    def test_what_is_wrong_is_said(
        self, world: World, parameters: dict[str, Any], said: str
    ) -> None:
        address = f"/{world.user('dora')}/personal_access_tokens"
        assert said in send(world, "POST", address, 400, **parameters)

    def test_nobody_makes_one_from_another_for_themselves(self, world: World) -> None:
        dora = world.user("dora")
        new = {"name": "ci", "scopes": ["api"]}
        headers = world.as_("dora")
        address = f"{USERS}/{dora}/personal_access_tokens"
        send_json(world, "POST", address, headers, 403, **new)
        send_json(world, "POST", "/api/v4/user/personal_access_tokens", headers, 404, **new)
        send_json(world, "POST", "/api/v4/personal_access_tokens", headers, 405, **new)


CHANGING = {
    "create": ("POST", USERS),
    "change": ("PUT", USERS + "/{user}"),
    "delete": ("DELETE", USERS + "/{user}"),
    "block": ("POST", USERS + "/{user}/block"),
    "unblock": ("POST", USERS + "/{user}/unblock"),
    "token": ("POST", USERS + "/{user}/personal_access_tokens"),
}


@pytest.mark.parametrize("change", CHANGING)
def test_only_administrators_change_users(world: World, change: str) -> None:
    world.group("acme")
    world.member("acme", "olga", Role.OWNER)
    method, address = CHANGING[change]
    everything = {**NEW, "password": PASSWORD, "admin": True, "scopes": ["api"]}
    reader = world.as_("root", Scope.READ_API)
    bot = basic(world.access_token("acme", Role.OWNER))
    for user_id in (world.users["root"], world.users["olga"], 999):
        place = address.format(user=user_id)
        for headers in (world.as_("olga"), reader, bot):
            send_json(world, method, place, headers, 403, **everything)
        send_json(world, method, place, {}, 401, **everything)
    assert world.count(User) == 3
    assert told(world) == []
