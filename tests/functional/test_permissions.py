"""Every view, caller and visibility, against a table written by hand from the documentation.

A view that the table does not name fails the test: nothing is public by accident.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from pyramid.interfaces import IExceptionResponse
from pyramid.registry import Registry
from pyramid.security import NO_PERMISSION_REQUIRED

from pyregistry.authnz.roles import Role
from tests.factories.distributions import wheel
from tests.factories.world import World

PROJECT = "acme/core"
VISIBILITIES = ("private", "internal", "public", "anyone-can-pull")
ROLES = {role.label.lower(): role for role in Role}
CALLERS = ("nobody", "external", "internal", *ROLES, "administrator")

# Who gets past the door, by what is asked: (private, internal, public, anyone can pull).
_ANY = set(CALLERS)
_INSIDERS = {"internal", *ROLES, "administrator"}
_READERS = {"reporter", "developer", "maintainer", "owner", "administrator"}
_MEMBERS = {"guest", *_READERS}
_PUBLISHERS = {"developer", "maintainer", "owner", "administrator"}
_MAINTAINERS = {"maintainer", "owner", "administrator"}
_OWNERS = {"owner", "administrator"}

ALLOWED: dict[str, tuple[set[str], set[str], set[str], set[str]]] = {
    "see": (_MEMBERS, _INSIDERS, _ANY, _MEMBERS),
    "read": (_READERS, _INSIDERS, _ANY, _READERS),
    "pull": (_READERS, _INSIDERS, _ANY, _ANY),
    "publish": (_PUBLISHERS,) * 4,
    "yank": (_MAINTAINERS,) * 4,
    "status": (_MAINTAINERS,) * 4,
    "delete": (_MAINTAINERS,) * 4,
    "members": (_MEMBERS,) * 4,
    "manage members": (_MAINTAINERS,) * 4,
    "settings": (_OWNERS,) * 4,
}

# Each view: method, address, which row of the table, the status that says "you may".
VIEWS: dict[tuple[str, str], tuple[str, str, int]] = {
    ("Project", "GET"): ("/acme/core/", "see", 200),
    ("Package", "GET"): ("/acme/core/demo-package/", "read", 200),
    ("Release", "GET"): ("/acme/core/demo-package/1.0/", "read", 200),
    ("ProjectSimpleIndex", "GET"): ("/acme/core/-/simple/", "pull", 200),
    ("ProjectSimplePackage", "GET"): ("/acme/core/-/simple/demo-package/", "pull", 200),
    ("FileDownload", "GET"): ("/acme/core/-/files/{sha256}/{filename}", "pull", 200),
    ("LegacyUpload", "POST"): ("/acme/core/-/legacy/", "publish", 400),
    ("ApiPackages", "GET"): ("/api/v4/projects/{project}/packages", "pull", 200),
    ("ApiRelease", "GET"): ("/api/v4/projects/{project}/packages/{release}", "pull", 200),
    ("ApiRelease", "PUT"): ("/api/v4/projects/{project}/packages/{release}", "yank", 400),
    ("ApiRelease", "DELETE"): ("/api/v4/projects/{project}/packages/{release}", "delete", 204),
    ("ApiReleaseFiles", "GET"): (
        "/api/v4/projects/{project}/packages/{release}/package_files",
        "pull",
        200,
    ),
    ("ApiReleaseFile", "DELETE"): (
        "/api/v4/projects/{project}/packages/{release}/package_files/{file}",
        "delete",
        204,
    ),
    ("ApiStatus", "GET"): (
        "/api/v4/projects/{project}/packages/pypi/status/demo-package",
        "pull",
        200,
    ),
    ("ApiStatus", "PUT"): (
        "/api/v4/projects/{project}/packages/pypi/status/demo-package",
        "status",
        400,
    ),
    ("ApiProject", "GET"): ("/api/v4/projects/{project}", "see", 200),
    ("ApiProject", "PUT"): ("/api/v4/projects/{project}", "settings", 400),
    ("ApiMembers", "GET"): ("/api/v4/projects/{project}/members", "members", 200),
    ("ApiMembers", "POST"): ("/api/v4/projects/{project}/members", "manage members", 400),
    ("ApiAllMembers", "GET"): ("/api/v4/projects/{project}/members/all", "members", 200),
    ("ApiMember", "GET"): ("/api/v4/projects/{project}/members/{member}", "members", 200),
    ("ApiMember", "PUT"): ("/api/v4/projects/{project}/members/{member}", "manage members", 400),
    ("ApiMember", "DELETE"): (
        "/api/v4/projects/{project}/members/{member}",
        "manage members",
        204,
    ),
}

# Views that are no project's: the tests of indexes, pages and signing in ask who sees them.
ELSEWHERE = {
    ("Root", "GET"),
    ("Group", "GET"),
    ("ApiGroup", "GET"),
    ("ApiGroup", "PUT"),
    ("ApiInstanceSettings", "GET"),
    ("ApiInstanceSettings", "PUT"),
    ("SubtreeSimpleIndex", "GET"),
    ("SubtreeSimplePackage", "GET"),
    ("Login", "GET"),
    ("Login", "POST"),
    ("Logout", "POST"),
}
WITHOUT_PERMISSION = {("Login", "GET"), ("Login", "POST"), ("Logout", "POST")}


def registered_views(registry: Registry) -> Iterator[tuple[tuple[str, str], Any]]:
    """The name of the resource class, the method, and the permission of every view."""
    permissions = {
        id(related): item["introspectable"]["value"]
        for item in registry.introspector.get_category("permissions") or ()
        for related in item["related"]
    }
    for item in registry.introspector.get_category("views"):
        view = item["introspectable"]
        context = view["context"]
        if view["route_name"] is not None or context is IExceptionResponse:
            continue
        if isinstance(context, type) and issubclass(context, Exception):
            continue
        methods = view["request_methods"]
        for method in (methods,) if isinstance(methods, str) else methods or ("any",):
            yield (context.__name__, method), permissions.get(id(view))


def test_every_view_is_in_the_table(application: tuple[object, Registry]) -> None:
    names = {name for name, _ in registered_views(application[1])}
    assert names == set(VIEWS) | ELSEWHERE


def test_every_view_but_the_sign_in_asks_for_a_permission(
    application: tuple[object, Registry],
) -> None:
    open_views = {
        name
        for name, permission in registered_views(application[1])
        if permission in (None, NO_PERMISSION_REQUIRED)
    }
    assert open_views == WITHOUT_PERMISSION


def test_no_view_has_a_name(application: tuple[object, Registry]) -> None:
    for item in application[1].introspector.get_category("views"):
        view = item["introspectable"]
        assert not view["name"] or view["route_name"], view


@pytest.mark.parametrize(("visibility", "caller"), list(product(VISIBILITIES, CALLERS)))
def test_who_may_do_what_in_a_project(world: World, visibility: str, caller: str) -> None:
    place = VISIBILITIES.index(visibility)
    anyone_can_pull = visibility == "anyone-can-pull"
    project = world.project(
        PROJECT, "private" if anyone_can_pull else visibility, anyone_can_pull=anyone_can_pull
    )
    distribution = wheel()
    world.upload(PROJECT, distribution)
    file = world.file_named(distribution.filename)
    assert file is not None
    (uploader,) = world.users.values()
    headers = {"Accept": "*/*", **_credentials(world, caller)}
    for (_, method), (address, row, status) in sorted(
        VIEWS.items(), key=lambda item: item[0][1] == "DELETE"
    ):
        path = address.format(
            project=project,
            release=file.release_id,
            file=file.id,
            sha256=file.sha256,
            filename=file.filename,
            member=uploader,
        )
        response = world.app.request(path, method=method, headers=headers, expect_errors=True)
        expected = {status} if caller in ALLOWED[row][place] else _refusal(caller, place)
        if method == "DELETE" and expected == {204}:
            expected = {204, 404}  # the release goes with its file, or the file with it
        assert response.status_int in expected, (method, path, response.status)


def _credentials(world: World, caller: str) -> dict[str, str]:
    if caller == "nobody":
        return {}
    if caller in ROLES:
        world.member(PROJECT, caller, ROLES[caller])
    elif caller == "administrator":
        world.user(caller, is_admin=True, is_external=True)
    else:
        world.user(caller, is_external=caller == "external")
    return world.as_(caller)


def _refusal(caller: str, place: int) -> set[int]:
    """401 for nobody; 403 for who sees the project or its packages, 404 for the rest."""
    if caller == "nobody":
        return {401}
    sees = caller in ALLOWED["see"][place] or caller in ALLOWED["pull"][place]
    return {403} if sees else {404}
