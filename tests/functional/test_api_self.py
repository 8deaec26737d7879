"""The caller's own account and the version, as GitLab's clients ask for them first."""

import pytest

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.version import __version__
from tests.factories.world import World, basic


def test_an_account(world: World) -> None:
    user = world.user("ada", is_external=True)
    response = world.app.get("/api/v4/user", headers=world.as_("ada", Scope.READ_API))
    assert response.json == {
        "id": user,
        "username": "ada",
        "name": "ada",
        "state": "active",
        "public_email": "",
        "avatar_url": None,
        "web_url": None,
        "email": "ada@example.org",
        "is_admin": False,
        "external": True,
        "bot": False,
        "created_at": "2026-11-23T12:00:00.000Z",
        "last_sign_in_at": None,
        "current_sign_in_at": None,
    }
    assert response.headers["Cache-Control"] == "private, no-cache"


def test_an_administrator(world: World) -> None:
    world.user("root", is_admin=True)
    assert world.app.get("/api/v4/user", headers=world.as_("root")).json["is_admin"] is True


def test_what_has_no_account(world: World) -> None:
    world.project("acme/core")
    for secret in (
        world.deploy_token("acme/core", Scope.READ_PACKAGE_REGISTRY),
        world.job_token("acme/core"),
    ):
        for address in ("user", "version", "metadata"):
            world.app.get(f"/api/v4/{address}", headers=basic(secret), status=403)


@pytest.mark.parametrize("address", ["version", "metadata"])
def test_the_version(world: World, address: str) -> None:
    world.group("acme")
    bot = basic(world.access_token("acme", Role.GUEST))
    response = world.app.get(f"/api/v4/{address}", headers=bot)
    assert response.json["version"] == __version__
    assert world.app.get(f"/api/v4/{address}", status=401)


def test_what_comes_with_the_version(world: World) -> None:
    metadata = world.app.get("/api/v4/metadata", headers=world.as_("ann")).json
    assert metadata["enterprise"] is False
    assert metadata["kas"]["enabled"] is False
