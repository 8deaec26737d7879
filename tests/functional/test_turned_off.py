"""Where the package registry is turned off, it answers as if it had never been there."""

from itertools import product
from typing import Any

import pytest
from sqlalchemy import select

from pyregistry.accounts.models import User
from pyregistry.authnz.identity import Viewer
from pyregistry.authnz.permissions import REGISTRY_SCOPES, CredentialKind
from pyregistry.authnz.roles import Role
from pyregistry.events.models import Event
from pyregistry.namespaces.services.create import find
from pyregistry.packaging.models import File, Package
from pyregistry.packaging.services.queries import FileScope, ScopeKind, find_stored_file
from pyregistry.tokens.services.issue import NewToken, issue_token
from tests.factories.distributions import sdist, wheel
from tests.factories.switches import INSTANCE, turn
from tests.factories.world import PASSWORD, World, basic
from tests.functional.support import (
    JSON,
    PROJECT,
    browser,
    contents,
    lasting_headers,
    names_in,
    upload_with,
)

pytestmark = pytest.mark.thorough

WHEEL = wheel()
NO_DIGEST = "0" * 64
VISIBILITIES = ("private", "internal", "public", "anyone-can-pull")
ROLES = {role.label.lower(): role for role in Role}
CALLERS = ("nobody", "external", "internal", *ROLES, "administrator", "deploy token", "job token")

# Each address of the package registry, and one like it that never was: method, the two.
Pairs = list[tuple[str, str, str]]
OF_PROJECT: Pairs = [
    ("GET", "/acme/core/-/simple/", "/acme/core/-/nowhere/"),
    ("GET", "/acme/core/-/simple", "/acme/core/-/nowhere"),
    ("GET", "/acme/core/-/simple/demo-package/", "/acme/core/-/nowhere/demo-package/"),
    ("GET", "/acme/core/-/simple/no-such/", "/acme/core/-/nowhere/no-such/"),
    ("GET", "/acme/core/-/pypi/demo-package/json", "/acme/core/-/pypi/no-such/nothing"),
    (
        "GET",
        "/acme/core/-/integrity/demo-package/1.0/{filename}/provenance",
        "/acme/core/-/integrity/no-such/1.0/{filename}/nothing",
    ),
    ("GET", "/acme/core/-/files/{sha256}/{filename}", "/acme/core/-/nowhere/{sha256}/{filename}"),
    ("GET", "/acme/core/-/files/{sha256}/{filename}.metadata", "/acme/core/-/nowhere/x/y.metadata"),
    ("GET", "/acme/core/-/legacy/", "/acme/core/-/nowhere/"),
    ("POST", "/acme/core/-/legacy/", "/acme/core/-/nowhere/"),
    ("GET", "/acme/core/demo-package/", "/acme/core/no-such/"),
    ("GET", "/acme/core/demo-package/1.0/", "/acme/core/no-such/1.0/"),
    *(
        (method, f"/api/v4/projects/{identifier}/{old}", f"/api/v4/projects/{{project}}/{new}")
        for identifier in ("{project}", "acme%2Fcore")
        for method, old, new in (
            ("GET", "packages", "nothing"),
            ("POST", "packages", "nothing"),
            ("GET", "packages/{release}", "nothing/1"),
            ("PUT", "packages/{release}", "nothing/1"),
            ("DELETE", "packages/{release}", "nothing/1"),
            ("GET", "packages/{release}/package_files", "nothing/1/package_files"),
            ("DELETE", "packages/{release}/package_files/{file}", "nothing/1/package_files/1"),
            ("GET", "packages/pypi/simple/", "nothing/packages/pypi/"),
            ("GET", "packages/pypi/simple/demo-package/", "nothing/packages/pypi/"),
            ("GET", "packages/pypi/files/{sha256}/{filename}", "nothing/packages/pypi/"),
            ("POST", "packages/pypi", "nothing/packages/pypi"),
            ("GET", "packages/pypi/status/demo-package", "nothing/pypi/status/demo-package"),
            ("PUT", "packages/pypi/status/demo-package", "nothing/pypi/status/demo-package"),
        )
    ),
]
# In an index above it is a package that never was.
IN_GROUP: Pairs = [
    ("GET", "/acme/-/simple/demo-package/", "/acme/-/simple/no-such/"),
    ("GET", "/acme/-/files/{sha256}/{filename}", f"/acme/-/files/{NO_DIGEST}/{{filename}}"),
]
IN_INSTANCE: Pairs = [
    ("GET", "/-/simple/demo-package/", "/-/simple/no-such/"),
    ("GET", "/-/files/{sha256}/{filename}", f"/-/files/{NO_DIGEST}/{{filename}}"),
    ("GET", "/packages/{sha256}/{filename}", f"/packages/{NO_DIGEST}/{{filename}}"),
    ("GET", "/packages/{sha256}/{filename}.metadata", f"/packages/{NO_DIGEST}/{{filename}}"),
]
OF_GROUP: Pairs = [
    *OF_PROJECT,
    ("GET", "/acme/-/simple/", "/acme/-/nowhere/"),
    ("GET", "/acme/-/simple/demo-package/", "/acme/-/nowhere/demo-package/"),
    ("GET", "/acme/-/simple/no-such/", "/acme/-/nowhere/no-such/"),
    ("GET", "/acme/-/pypi/demo-package/json", "/acme/-/pypi/no-such/nothing"),
    (
        "GET",
        "/acme/-/integrity/demo-package/1.0/{filename}/provenance",
        "/acme/-/integrity/no-such/1.0/{filename}/nothing",
    ),
    ("GET", "/acme/-/files/{sha256}/{filename}", "/acme/-/nowhere/{sha256}/{filename}"),
    *(
        (
            "GET",
            f"/api/v4/groups/{identifier}/-/packages/pypi/{rest}",
            "/api/v4/groups/{group}/-/nothing/packages/pypi/",
        )
        for identifier in ("{group}", "acme")
        for rest in ("simple/", "simple/demo-package/", "files/{sha256}/{filename}")
    ),
]
OF_INSTANCE: Pairs = [
    *OF_GROUP,
    ("GET", "/-/simple/", "/-/nowhere/"),
    ("GET", "/-/simple", "/-/nowhere"),
    ("GET", "/-/simple/demo-package/", "/-/nowhere/demo-package/"),
    ("GET", "/-/simple/no-such/", "/-/nowhere/no-such/"),
    ("GET", "/-/pypi/demo-package/json", "/-/pypi/no-such/nothing"),
    (
        "GET",
        "/-/integrity/demo-package/1.0/{filename}/provenance",
        "/-/integrity/no-such/1.0/{filename}/nothing",
    ),
    ("GET", "/-/files/{sha256}/{filename}", "/-/nowhere/{sha256}/{filename}"),
    ("GET", "/packages/{sha256}/{filename}", "/nothing/{sha256}/{filename}"),
]
OFF = {
    PROJECT: [*OF_PROJECT, *IN_GROUP, *IN_INSTANCE],
    "acme": [*OF_GROUP, *IN_INSTANCE],
    INSTANCE: OF_INSTANCE,
}
WHERE = pytest.mark.parametrize("where", OFF, ids=["project", "group", "instance"])


def registry_of(world: World, visibility: str) -> dict[str, Any]:
    """A public group, and a project in it with a package; what addresses hold of them."""
    anyone = visibility == "anyone-can-pull"
    project = world.project(PROJECT, "private" if anyone else visibility, anyone_can_pull=anyone)
    world.upload(PROJECT, WHEEL)
    file = world.file_named(WHEEL.filename)
    assert file is not None
    with world.components.database.reading() as session:
        group = find(session, "acme").id
    return {
        "project": project,
        "group": group,
        "release": file.release_id,
        "file": file.id,
        "sha256": file.sha256,
        "filename": file.filename,
    }


def credentials(world: World, caller: str, project: int) -> dict[str, str]:
    """The headers of somebody."""
    if caller == "nobody":
        return {}
    if caller.endswith("token"):
        kind = CredentialKind(caller.replace(" ", "_"))
        with world.components.database.writing() as session:
            wanted = NewToken(kind, caller, REGISTRY_SCOPES)
            _, secret = issue_token(session, wanted, namespace_id=project, now=world.clock())
        return basic(secret)
    if caller in ROLES:
        world.member(PROJECT, caller, ROLES[caller])
    else:
        world.user(caller, is_admin=caller == "administrator", is_external=caller == "external")
    return world.as_(caller)


def ask(world: World, method: str, address: str, headers: dict[str, str]) -> tuple[Any, ...]:
    """An answer, with everything in it that could differ."""
    response = world.app.request(address, method=method, headers=headers, expect_errors=True)
    return response.status, sorted(lasting_headers(response).items()), response.body


@WHERE
@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_nobody_can_tell_it_from_what_never_was(world: World, where: str, visibility: str) -> None:
    parts = registry_of(world, visibility)
    pairs = [
        (method, address.format(**parts), never.format(**parts))
        for method, address, never in OFF[where]
    ]
    callers = {
        caller: {"Accept": accept, **credentials(world, caller, parts["project"])}
        for caller, accept in zip(CALLERS, ["*/*", JSON] * len(CALLERS), strict=False)
    }
    nevers = {(method, never) for method, _, never in pairs}

    def what_never_was() -> dict[tuple[str, str, str], tuple[Any, ...]]:
        return {
            (caller, method, never): ask(world, method, never, callers[caller])
            for caller, (method, never) in product(callers, nevers)
        }

    told = what_never_was()
    before = contents(world)
    turn(world, where, on=False)
    now_told = what_never_was()
    # Nor does what never was tell that anything has been turned off.
    assert visibility == "anyone-can-pull" or now_told == told
    for caller, (method, address, never) in product(callers, pairs):
        answer = ask(world, method, address, callers[caller])
        assert answer == now_told[caller, method, never], (caller, method, address)
        assert answer[0][:3] in ("401", "403", "404")
    assert {**before, "events": before["events"] + 1} == contents(world)


@WHERE
def test_outsiders_of_a_project_that_let_anyone_pull(world: World, where: str) -> None:
    """It is one more project that they may not see."""
    parts = registry_of(world, "anyone-can-pull")
    turn(world, where, on=False)
    for caller in ("nobody", "external", "internal"):
        headers = credentials(world, caller, parts["project"])
        for method, address, _ in OF_PROJECT:
            if "acme/core" not in address and "acme%2Fcore" not in address:
                continue
            never = address.replace("core", "none").format(**parts)
            answer = ask(world, method, address.format(**parts), headers)
            assert answer == ask(world, method, never, headers)


@WHERE
@pytest.mark.parametrize("caller", ["nobody", "owner", "root"])
def test_a_browser_is_told_nothing_either(world: World, where: str, caller: str) -> None:
    registry_of(world, "internal")
    app = world.app
    if caller != "nobody":
        world.user(caller, password=PASSWORD, is_admin=caller == "root")
        world.member("acme", caller, Role.OWNER)
        app = browser(world, caller)
    headers = {"Accept": "text/html"}
    app.get("/", headers=headers)  # gives the cookie that goes with every form
    turn(world, where, on=False)
    for path in ("demo-package/", "demo-package/1.0/"):
        never = f"/{PROJECT}/{path}".replace("demo-package", "no-such")
        found = app.get(f"/{PROJECT}/{path}", headers=headers, expect_errors=True)
        expected = app.get(never, headers=headers, expect_errors=True)
        assert found.status == expected.status
        assert found.text.replace("demo-package", "no-such") == expected.text
        leads = found.headers.get("Location", "").replace("demo-package", "no-such")
        assert leads == expected.headers.get("Location", "")


@WHERE
def test_turned_on_again_everything_is_as_before(world: World, where: str) -> None:
    parts = registry_of(world, "public")
    addresses = [
        address.format(**parts)
        for method, address, _ in OF_INSTANCE
        if method == "GET" and "no-such" not in address and "legacy" not in address
    ]
    headers = {"Accept": JSON, **credentials(world, "owner", parts["project"])}
    world.app.get("/", headers=headers)  # gives the cookie that goes with every form
    before = [readable(ask(world, "GET", address, headers)) for address in addresses]
    assert {status[:3] for status, *_ in before} == {"200", "301", "406"}
    turn(world, where, on=False)
    for address in addresses:
        ask(world, "GET", address, headers)
    turn(world, where, on=True)
    assert [readable(ask(world, "GET", address, headers)) for address in addresses] == before
    world.upload(PROJECT, sdist())


def readable(answer: tuple[Any, ...]) -> tuple[Any, ...]:
    """An answer without what is another in each page: a cookie that is set once."""
    status, headers, body = answer
    return status, [field for field in headers if field[0] != "Set-Cookie"], body


@WHERE
@pytest.mark.parametrize("caller", ["nobody", "owner", "administrator"])
def test_a_kept_validator_shows_nothing(world: World, where: str, caller: str) -> None:
    parts = registry_of(world, "public")
    headers = credentials(world, caller, parts["project"])
    addresses = [
        address.format(**parts)
        for _, address, _ in OFF[where]
        if "/simple/demo-package/" in address or address.endswith(("/{filename}", ".metadata"))
    ]
    assert len(addresses) >= 12
    tags = [world.app.get(address, headers=headers).headers["ETag"] for address in addresses]
    turn(world, where, on=False)
    for address, tag in zip(addresses, tags, strict=True):
        for known in (tag, "*"):
            sent = {**headers, "If-None-Match": known}
            response = world.app.get(address, headers=sent, expect_errors=True)
            assert response.status_int in (401, 404), address


@pytest.mark.parametrize("caller", ["nobody", "owner", "administrator"])
def test_a_project_vanishes_from_every_index(world: World, caller: str) -> None:
    parts = registry_of(world, "public")
    world.project("acme/other", "public")
    world.upload("acme/other", wheel("other", "1.0"))
    headers = credentials(world, caller, parts["project"])
    indexes = ("/acme/-/simple/", "/-/simple/", "/api/v4/groups/acme/-/packages/pypi/simple/")
    for index in indexes:
        assert names_in(world, index, headers) == ["demo-package", "other"]
    turn(world, PROJECT, on=False)
    for index in indexes:
        assert names_in(world, index, headers) == ["other"]
    turn(world, "acme", on=False)
    if caller == "nobody":
        world.app.get("/-/simple/", status=401)
    else:
        assert names_in(world, "/-/simple/", headers) == []


@WHERE
@pytest.mark.parametrize("kind", ["new file", "the same file", "other bytes"])
def test_an_upload_that_it_is_turned_off_under(world: World, where: str, kind: str) -> None:
    parts = registry_of(world, "private")
    headers = credentials(world, "developer", parts["project"])
    distribution = {
        "new file": sdist(),
        "the same file": WHEEL,
        "other bytes": wheel(files={"demo_package/more.py": b"more = 1\n"}),
    }[kind]
    assert (distribution.filename == WHEEL.filename) is (kind != "new file")
    before = contents(world)
    response = upload_with(world, distribution, headers, lambda: turn(world, where, on=False))
    never = ask(world, "POST", f"/{PROJECT}/-/nowhere/", headers)
    assert (response.status, sorted(lasting_headers(response).items()), response.body) == never
    assert {**before, "events": before["events"] + 1} == contents(world)


@WHERE
def test_what_is_not_of_packages_goes_on(world: World, where: str) -> None:
    parts = registry_of(world, "private")
    world.member("acme", "olga", Role.OWNER)
    headers = world.as_("olga")
    turn(world, where, on=False)
    for address in (
        f"/{PROJECT}/",
        "/acme/",
        "/",
        f"/api/v4/projects/{parts['project']}",
        f"/api/v4/projects/{parts['project']}/members",
        f"/api/v4/groups/{parts['group']}",
        f"/api/v4/groups/{parts['group']}/members/all",
    ):
        world.app.get(address, headers=headers, status=200)
    world.user("ann")
    parameters = {"username": "ann", "access_level": "30"}
    address = f"/api/v4/projects/{parts['project']}/members"
    world.app.post(address, parameters, headers=headers, status=201)


@WHERE
@pytest.mark.parametrize("kind", ScopeKind)
def test_no_query_finds_a_file(world: World, where: str, kind: ScopeKind) -> None:
    """Not even where nobody has asked before whether the package registry is there."""
    parts = registry_of(world, "public")
    scope = FileScope(kind, {ScopeKind.PROJECT: parts["project"]}.get(kind, parts["group"]))
    viewer = Viewer(None, is_admin=True, is_internal=True, now=world.clock())

    def found() -> bool:
        with world.components.database.reading() as session:
            file = find_stored_file(session, scope, parts["sha256"], parts["filename"], viewer)
            return file is not None

    assert found()
    turn(world, where, on=False)
    assert not found()


def test_nothing_is_deleted(world: World) -> None:
    registry_of(world, "private")
    counted = [world.count(model) for model in (Package, File, User)]
    stored = world.stored_objects()
    turn(world, INSTANCE, on=False)
    assert [world.count(model) for model in (Package, File, User)] == counted
    assert world.stored_objects() == stored
    with world.components.database.reading() as session:
        assert session.scalars(select(Event.namespace_id).order_by(Event.id.desc())).first() is None
