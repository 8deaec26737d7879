"""The caller's own tokens in the JSON API."""

import pytest

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from tests.factories.members import changes
from tests.factories.tokens import token_id, token_row
from tests.factories.world import World, basic
from tests.functional.support import signed_in_app
from tests.functional.test_api_tokens import NOT_FOUND, read, send

ADDRESS = "/api/v4/personal_access_tokens"


def test_ones_own(world: World) -> None:
    world.user("ben")
    first, second = world.token("ann", Scope.READ_API), world.token("ann")
    other = world.token("ben")
    world.clock.advance(hours=1)
    listed = read(world, ADDRESS, basic(second))
    assert [token["id"] for token in listed] == [token_id(world, first), token_id(world, second)]
    world.components.recorder.flush()
    row = token_row(world, second)
    assert read(world, f"{ADDRESS}/{row.id}", basic(first)) == {
        "id": row.id,
        "name": "token of ann",
        "scopes": ["api"],
        "revoked": False,
        "active": True,
        "created_at": "2026-11-23T12:00:00.000Z",
        "expires_at": None,
        "last_used_at": "2026-11-23T13:00:00.000Z",
        "last_used_address": "192.0.2.7",
        "last_used_ips": ["192.0.2.7"],
        "description": None,
        "user_id": world.users["ann"],
    }
    assert read(world, f"{ADDRESS}?user_id={world.users['ann']}", basic(first)) == [
        *read(world, ADDRESS, basic(first))
    ]
    world.app.get(f"{ADDRESS}?user_id={world.users['ben']}", headers=basic(first), status=403)
    for number in (token_id(world, other), 999):
        assert send(world, "GET", f"{ADDRESS}/{number}", basic(second), 404) == NOT_FOUND
        assert send(world, "DELETE", f"{ADDRESS}/{number}", basic(second), 404) == NOT_FOUND
        said = send(world, "POST", f"{ADDRESS}/{number}/rotate", basic(second), 404)
        assert said == NOT_FOUND
    assert token_row(world, other).revoked_at is None


def test_rotating_and_revoking(world: World) -> None:
    old, used = world.token("ann"), basic(world.token("ann"))
    end = {"expires_at": "2027-01-01"}
    rotated = send(world, "POST", f"{ADDRESS}/{token_id(world, old)}/rotate", used, 200, **end)
    assert rotated["expires_at"] == "2027-01-01"
    read(world, ADDRESS, basic(rotated["token"]))
    world.app.get(ADDRESS, headers=basic(old), status=401)
    send(world, "DELETE", f"{ADDRESS}/{rotated['id']}", used, 204)
    world.app.get(ADDRESS, headers=basic(rotated["token"]), status=401)
    assert [token["active"] for token in read(world, ADDRESS, used)] == [False, True, False]
    assert len(read(world, f"{ADDRESS}?state=active", used)) == 1
    assert [(action, actor) for action, actor, *_ in changes(world)] == [
        ("token.rotated", "ann"),
        ("token.revoked", "ann"),
    ]


def test_self(world: World) -> None:
    secret = world.token("ann")
    assert read(world, f"{ADDRESS}/self", basic(secret))["id"] == token_id(world, secret)
    rotated = send(world, "POST", f"{ADDRESS}/self/rotate", basic(secret), 200)
    assert read(world, f"{ADDRESS}/self", basic(rotated["token"]))["id"] == rotated["id"]
    send(world, "DELETE", f"{ADDRESS}/self", basic(rotated["token"]), 204)
    world.app.get(f"{ADDRESS}/self", headers=basic(rotated["token"]), status=401)


@pytest.mark.parametrize("path", ["acme", "acme/core"])
def test_self_is_a_bots_token_too(world: World, path: str) -> None:
    world.group("acme")
    world.project("acme/core")
    secret = world.access_token(path, Role.GUEST)
    shown = read(world, f"{ADDRESS}/self", basic(secret))
    assert (shown["id"], shown["access_level"]) == (token_id(world, secret), 10)
    assert read(world, ADDRESS, basic(secret)) == [shown]
    rotated = send(world, "POST", f"{ADDRESS}/self/rotate", basic(secret), 200)
    send(world, "DELETE", f"{ADDRESS}/self", basic(rotated["token"]), 204)
    world.app.get("/-/simple/", headers=basic(rotated["token"]), status=401)
    bot = changes(world)[0][3]["username"]
    assert [event[:3] for event in changes(world)] == [
        ("token.rotated", bot, path),
        ("token.revoked", bot, path),
    ]


def test_a_reading_token_changes_nothing(world: World) -> None:
    reading = basic(world.token("ann", Scope.READ_API))
    read(world, f"{ADDRESS}/self", reading)
    send(world, "DELETE", f"{ADDRESS}/self", reading, 403)
    send(world, "POST", f"{ADDRESS}/self/rotate", reading, 403)


def test_who_has_no_user_has_no_tokens(world: World) -> None:
    world.project("acme/core")
    others = (world.deploy_token("acme/core"), world.job_token("acme/core"))
    for secret in others:
        for end in ("", "/self", "/1"):
            world.app.get(ADDRESS + end, headers=basic(secret), status=403)
        send(world, "DELETE", f"{ADDRESS}/self", basic(secret), 403)
    for end in ("", "/self", "/1"):
        world.app.get(ADDRESS + end, status=401)
    world.app.get(f"{ADDRESS}/self/else", headers=world.as_("ann"), status=404)
    world.app.patch(ADDRESS, headers=world.as_("ann"), status=405)


def test_a_browser_has_no_token_to_call_self(world: World) -> None:
    app = signed_in_app(world, "ann")
    app.get(ADDRESS, status=200)
    assert "send one" in app.get(f"{ADDRESS}/self", status=400).text


def test_administrators(world: World) -> None:
    world.user("root", is_admin=True)
    world.group("acme")
    theirs, bots = world.token("ann"), world.access_token("acme", Role.OWNER)
    world.deploy_token("acme")
    root = basic(world.token("root"))
    assert len(read(world, ADDRESS, root)) == 3
    (shown,) = read(world, f"{ADDRESS}?user_id={world.users['ann']}", root)
    assert shown["id"] == token_id(world, theirs)
    assert read(world, f"{ADDRESS}?user_id=999", root) == []
    world.app.get(f"{ADDRESS}?user_id=x", headers=root, status=400)
    rotated = send(world, "POST", f"{ADDRESS}/{shown['id']}/rotate", root, 200)
    assert read(world, f"{ADDRESS}/self", basic(rotated["token"]))["user_id"] == shown["user_id"]
    # The bot goes with its token, wherever that is revoked.
    send(world, "DELETE", f"{ADDRESS}/{token_id(world, bots)}", root, 204)
    assert read(world, f"{ADDRESS}/{token_id(world, bots)}", root)["access_level"] is None
