"""A refusal that is about one field stands beside it."""

import pytest

from pyregistry.authnz.roles import Role
from tests.factories.distributions import sdist
from tests.factories.world import PASSWORD, World
from tests.functional.ui.browsing import beside, signed_in
from tests.functional.ui.sending import confirmed, sent

LATE = {"username": "ada", "last_day": "2020-01-01"}
PAST = {"name": "x", "ends_on": "2020-01-01"}
NEW = "another battery staple"
USER = {"username": "carl", "email": "carl@example.org"}


@pytest.fixture
def acme(world: World) -> World:
    """A project with a package, whose Owner is an administrator, too, and signed in."""
    world.group("acme", "internal")
    world.group("other")
    world.project("acme/core", "internal")
    world.user("olga", is_admin=True, password=PASSWORD)
    for group in ("acme", "other"):
        world.member(group, "olga", Role.OWNER)
    world.upload("acme/core", sdist(), world.as_("olga"))
    signed_in(world, "olga")
    return world


@pytest.mark.parametrize(
    ("address", "form", "status", "fields", "name"),
    [
        ("/-/groups/new", "new-group", 400, {"name": "x" * 256}, "name"),
        ("/-/groups/new", "new-group", 400, {"name": "x", "path": "api"}, "path"),
        ("/-/groups/new", "new-group", 409, {"name": "Acme"}, "path"),
        ("/acme/-/projects/new", "new-project", 400, {"name": ""}, "name"),
        (
            "/acme/-/projects/new",
            "new-project",
            400,
            {"name": "x", "description": "x" * 5001},
            "description",
        ),
        ("/acme/core/-/settings", "naming", 400, {"name": ""}, "name"),
        ("/acme/core/-/settings", "path", 400, {"path": "-"}, "path"),
        ("/acme/-/settings", "visibility", 400, {"visibility": "private"}, "visibility"),
        ("/acme/core/-/settings/move", "move", 400, {}, "group"),
        ("/acme/core/-/settings/delete", "delete", 400, {"confirm": "core"}, "confirm"),
        ("/acme/-/members/add", "add-member", 404, {"username": "nobody"}, "username"),
        ("/acme/-/members/add", "add-member", 400, {"username": ""}, "username"),
        ("/acme/-/members/add", "add-member", 409, {"username": "olga"}, "username"),
        ("/acme/-/members/add", "add-member", 400, {"username": "ada", "role": "7"}, "role"),
        ("/acme/-/members/add", "add-member", 400, LATE, "last_day"),
        ("/-/profile/tokens/add", "add-token", 400, {"name": ""}, "name"),
        ("/-/profile/tokens/add", "add-token", 400, PAST, "ends_on"),
        ("/acme/-/tokens/access/add", "add-token", 400, {"name": "x"}, "scopes[]"),
        ("/acme/-/rules", "reserve", 400, {"prefix": "(", "projects": "acme/core"}, "prefix"),
        ("/acme/-/rules", "reserve", 422, {"prefix": "x", "projects": "acme/x"}, "projects"),
        ("/acme/core/-/rules", "add-rule", 400, {"pattern": "("}, "pattern"),
        ("/acme/core/-/rules", "add-rule", 400, {"pattern": "x", "push": ""}, "push"),
        ("/acme/core/demo-package/-/delete", "delete-package", 400, {"confirm": "x"}, "confirm"),
        ("/acme/core/demo-package/1.0/-/yank", "yank", 400, {"reason": "x" * 1001}, "reason"),
        ("/-/admin/users/add", "add-user", 409, USER | {"username": "Olga"}, "username"),
        ("/-/admin/users/add", "add-user", 409, USER | {"email": "olga@example.org"}, "email"),
        ("/-/admin/users/add", "add-user", 400, USER | {"email": "x"}, "email"),
        ("/-/admin/users/add", "add-user", 400, USER | {"name": "x" * 256}, "name"),
        ("/-/admin/users/add", "add-user", 400, USER | {"password": "x"}, "password"),
    ],
)
def test_it_stands_beside_the_field(
    acme: World, address: str, form: str, status: int, fields: dict[str, str], name: str
) -> None:
    acme.user("ada")
    assert beside(sent(acme, address, form, status, **fields), name)


@pytest.mark.parametrize(
    ("current", "new", "again", "status", "name"),
    [
        ("wrong", NEW, NEW, 422, "current_password"),
        ("", NEW, NEW, 400, "current_password"),
        (PASSWORD, "short", "short", 400, "new_password"),
        (PASSWORD, PASSWORD, PASSWORD, 400, "new_password"),
        (PASSWORD, NEW, f"{NEW}s", 400, "new_password_again"),
    ],
)
def test_which_password_is_wrong(
    acme: World, current: str, new: str, again: str, status: int, name: str
) -> None:
    fields = {"current_password": current, "new_password": new, "new_password_again": again}
    assert beside(sent(acme, "/-/profile/password", "change-password", status, **fields), name)


def test_what_is_about_no_field_stands_at_the_top(acme: World) -> None:
    page = confirmed(acme, "/acme/-/members/leave", "leave", 403)
    (alert,) = page.html.main.find_all(role="alert")
    assert alert.find_parent("form")["id"] == "leave"
    assert page.html.main.find_all(autofocus=True) == [alert]
    assert page.html.main.find_all(attrs={"aria-invalid": True}) == []
