"""401, 403, 404 and 405: nobody learns from an answer what they may not see."""

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from webtest import TestResponse

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from tests.factories.distributions import sdist
from tests.factories.world import PASSWORD, World, basic
from tests.functional.support import browser, sentence_of

pytestmark = pytest.mark.thorough

SDIST = sdist()
FILE = f"{SDIST.sha256}/{SDIST.filename}"
OTHER_FILE = f"{'0' * 64}/{SDIST.filename}"
API = "/api/v4"

# What is hidden, and something like it that does not exist.
PAIRS: dict[str, tuple[str, str]] = {
    "group": ("/hidden/", "/nothing/"),
    "group without a slash": ("/hidden", "/nothing"),
    "subgroup": ("/acme/vault/", "/acme/nothing/"),
    "project": ("/acme/secret/", "/acme/nothing/"),
    "project in a hidden group": ("/hidden/inner/", "/nothing/inner/"),
    "package": ("/acme/secret/demo-package/", "/acme/nothing/demo-package/"),
    "missing package": ("/acme/secret/no-package/", "/acme/nothing/no-package/"),
    "release": ("/acme/secret/demo-package/1.0/", "/acme/nothing/demo-package/1.0/"),
    "index": ("/acme/secret/-/simple/", "/acme/nothing/-/simple/"),
    "index without a slash": ("/acme/secret/-/simple", "/acme/nothing/-/simple"),
    "page of the index": (
        "/acme/secret/-/simple/demo-package/",
        "/acme/nothing/-/simple/demo-package/",
    ),
    "two names in an index": (
        "/acme/secret/-/simple/demo-package/",
        "/acme/secret/-/simple/no-package/",
    ),
    "index of a group": ("/hidden/-/simple/", "/nothing/-/simple/"),
    "page of a group's index": (
        "/acme/-/simple/demo-package/",
        "/acme/-/simple/no-package/",
    ),
    "page of a hidden group's index": (
        "/hidden/-/simple/demo-package/",
        "/nothing/-/simple/demo-package/",
    ),
    "page of the instance's index": ("/-/simple/demo-package/", "/-/simple/no-package/"),
    "file": (f"/acme/secret/-/files/{FILE}", f"/acme/nothing/-/files/{FILE}"),
    "two files": (f"/acme/secret/-/files/{FILE}", f"/acme/secret/-/files/{OTHER_FILE}"),
    "metadata": (
        f"/acme/secret/-/files/{FILE}.metadata",
        f"/acme/nothing/-/files/{FILE}.metadata",
    ),
    "file through the group": (f"/acme/-/files/{FILE}", f"/acme/-/files/{OTHER_FILE}"),
    "file through the instance": (f"/packages/{FILE}", f"/packages/{OTHER_FILE}"),
    "upload": ("/acme/secret/-/legacy/", "/acme/nothing/-/legacy/"),
    "no endpoint": ("/acme/secret/-/nothing", "/acme/nothing/-/nothing"),
    "subpath": ("/acme/secret/demo-package/1.0/x/y", "/acme/nothing/demo-package/1.0/x/y"),
    "API project": (f"{API}/projects/{{secret}}", f"{API}/projects/999999"),
    "API packages": (
        f"{API}/projects/{{secret}}/packages",
        f"{API}/projects/999999/packages",
    ),
    "API packages by path": (
        f"{API}/projects/acme%2Fsecret/packages",
        f"{API}/projects/acme%2Fnothing/packages",
    ),
    "API release": (
        f"{API}/projects/{{secret}}/packages/{{release}}",
        f"{API}/projects/999999/packages/{{release}}",
    ),
    "two API releases": (
        f"{API}/projects/{{secret}}/packages/{{release}}",
        f"{API}/projects/{{secret}}/packages/999999",
    ),
    "API files": (
        f"{API}/projects/{{secret}}/packages/{{release}}/package_files",
        f"{API}/projects/acme%2Fnothing/packages/{{release}}/package_files",
    ),
    "API file": (
        f"{API}/projects/{{secret}}/packages/{{release}}/package_files/{{file}}",
        f"{API}/projects/{{secret}}/packages/{{release}}/package_files/999999",
    ),
    "API status": (
        f"{API}/projects/{{secret}}/packages/pypi/status/demo-package",
        f"{API}/projects/999999/packages/pypi/status/demo-package",
    ),
    "API upload": (
        f"{API}/projects/{{secret}}/packages/pypi",
        f"{API}/projects/999999/packages/pypi",
    ),
    "API index": (
        f"{API}/projects/{{secret}}/packages/pypi/simple/",
        f"{API}/projects/999999/packages/pypi/simple/",
    ),
    "API index page": (
        f"{API}/projects/acme/secret/packages/pypi/simple/demo-package/",
        f"{API}/projects/acme/nothing/packages/pypi/simple/demo-package/",
    ),
    "API download": (
        f"{API}/projects/{{secret}}/packages/pypi/files/{FILE}",
        f"{API}/projects/999999/packages/pypi/files/{FILE}",
    ),
    "API group index": (
        f"{API}/groups/{{hidden}}/-/packages/pypi/simple/",
        f"{API}/groups/999999/-/packages/pypi/simple/",
    ),
    "API group index by path": (
        f"{API}/groups/hidden/-/packages/pypi/simple/demo-package/",
        f"{API}/groups/nothing/-/packages/pypi/simple/demo-package/",
    ),
}
ACCEPTS = (None, "text/html", "application/json")
METHODS = ("GET", "POST", "DELETE")


def hide(world: World) -> dict[str, int]:
    """A public group with a private project and group, and a private group; their ids."""
    world.project("acme/open", "public")
    world.upload("acme/open", sdist("open"))
    secret = world.project("acme/secret")
    world.upload("acme/secret", SDIST)
    world.group("acme/vault")
    hidden = world.group("hidden")
    world.project("hidden/inner")
    world.upload("hidden/inner", SDIST)
    file = world.file_named(SDIST.filename)
    assert file is not None
    return {"secret": secret, "hidden": hidden, "release": file.release_id, "file": file.id}


def seen(response: TestResponse, path: str) -> tuple[object, ...]:
    """All that a client sees, with its own question left out."""
    asked = {path, quote(path), quote(path, safe="")}

    def plain(text: str) -> str:
        for spelling in sorted(asked, key=len, reverse=True):
            text = text.replace(spelling, "ASKED")
        return text

    headers = sorted(
        (name, plain(value))
        for name, value in response.headers.items()
        if name not in ("Set-Cookie", "Content-Length", "X-Request-Id")
    )
    return response.status, headers, plain(response.text)


@pytest.mark.parametrize("caller", ["nobody", "stranger", "browser"])
def test_hidden_and_missing_are_answered_alike(world: World, caller: str) -> None:
    ids = hide(world)
    world.user("ann", password=PASSWORD)
    app = browser(world, "ann") if caller == "browser" else world.app
    headers = world.as_("ann") if caller == "stranger" else {}
    differing = []
    for name, pair in PAIRS.items():
        for accept in ACCEPTS:
            for method in METHODS:
                sent = {**headers, **({"Accept": accept} if accept else {})}
                answers = [
                    seen(
                        app.request(
                            path.format(**ids), method=method, headers=sent, expect_errors=True
                        ),
                        path.format(**ids),
                    )
                    for path in pair
                ]
                if answers[0] != answers[1]:
                    differing.append((name, accept, method, answers))
    assert differing == []


def test_nobody_is_asked_for_credentials(world: World) -> None:
    ids = hide(world)
    # In the indexes of a public group what is hidden is not found, like what is missing.
    in_open_indexes = {"page of a group's index", "file through the group"}
    for name in PAIRS.keys() - in_open_indexes:
        response = world.app.get(PAIRS[name][0].format(**ids), status="*")
        assert response.status_int == 401, name
        assert response.headers["WWW-Authenticate"] == 'Basic realm="pypi"', name
    for name in in_open_indexes:
        world.app.get(PAIRS[name][0], status=404)


def test_wrong_credentials_are_called_wrong(world: World) -> None:
    world.project("acme/open", "public")
    for address in ("/acme/open/-/simple/", "/nothing/-/simple/", f"{API}/projects/1"):
        refused = world.app.get(address, headers=basic("pyrpat_wrong"), status=401)
        sentence = "Send another token: the credentials are wrong, expired or revoked."
        assert sentence_of(refused) == sentence
    nobody = world.app.get("/nothing/-/simple/", status=401)
    assert sentence_of(nobody) == "Sign in, or send a token: this is not public."


def test_a_role_that_is_too_low_is_sent_to_who_can_help(world: World) -> None:
    world.project("acme/core")
    world.member("acme/core", "mia", Role.MAINTAINER)
    for address in (f"{API}/projects/acme%2Fcore/audit_events", f"{API}/application/settings"):
        refused = world.app.get(address, headers=world.as_("mia"), status=403)
        assert sentence_of(refused).endswith("ask an owner or an administrator.")


def test_a_stranger_finds_nothing(world: World) -> None:
    ids = hide(world)
    headers = world.as_("ann")
    for hidden, _ in PAIRS.values():
        world.app.get(hidden.format(**ids), headers=headers, status=404)


def test_a_guest_sees_the_project_and_no_packages(world: World) -> None:
    hide(world)
    world.member("acme/secret", "ann", Role.GUEST)
    headers = world.as_("ann")
    world.app.get("/acme/secret/", headers=headers, status=200)
    for there, missing in (
        ("/acme/secret/demo-package/", "/acme/secret/no-package/"),
        ("/acme/secret/demo-package/1.0/", "/acme/secret/demo-package/2.0/"),
        ("/acme/secret/-/simple/demo-package/", "/acme/secret/-/simple/no-package/"),
        (f"/acme/secret/-/files/{FILE}", f"/acme/secret/-/files/{OTHER_FILE}"),
        (
            "/api/v4/projects/acme%2Fsecret/packages/1",
            "/api/v4/projects/acme%2Fsecret/packages/999999",
        ),
    ):
        answers = [
            seen(world.app.get(path, headers=headers, expect_errors=True), path)
            for path in (there, missing)
        ]
        assert answers[0][0] == answers[1][0], there
        assert answers[0] == answers[1], there


@pytest.mark.parametrize(
    ("address", "method"),
    [
        ("/acme/core/-/legacy/", "POST"),
        ("/api/v4/projects/acme%2Fcore/packages/{release}", "DELETE"),
        ("/api/v4/projects/acme%2Fcore/packages/{release}", "PUT"),
        ("/api/v4/projects/acme%2Fcore/packages/pypi/status/demo-package", "PUT"),
    ],
)
def test_who_sees_it_but_may_not_is_told_why(world: World, address: str, method: str) -> None:
    world.project("acme/core", "public")
    world.upload("acme/core", SDIST)
    file = world.file_named(SDIST.filename)
    assert file is not None
    response = world.app.request(
        address.format(release=file.release_id),
        method=method,
        headers=world.as_("ann"),
        status=403,
    )
    assert "role" in response.text


@pytest.mark.parametrize("address", ["/hidden/", "/nothing/", "/acme/secret/", "/acme/secret/a/"])
def test_a_browser_is_sent_to_the_sign_in_page(world: World, address: str) -> None:
    hide(world)
    response = world.app.get(
        f"{address}?a=1&b=2", headers={"Accept": "text/html,application/xhtml+xml"}, status=303
    )
    location = urlsplit(response.headers["Location"])
    assert location.path == "/-/login"
    assert parse_qs(location.query) == {"return_to": [f"{address}?a=1&b=2"]}


@pytest.mark.parametrize(
    "address", ["/acme/secret/-/simple/", "/acme/nothing/-/simple/", "/api/v4/projects/1/packages"]
)
def test_tools_are_never_sent_to_the_sign_in_page(world: World, address: str) -> None:
    hide(world)
    world.app.get(address, headers={"Accept": "text/html"}, status=401)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("/acme/core/-/simple/", "GET, HEAD"),
        ("/acme/core/-/legacy/", "POST"),
        ("/api/v4/projects/acme%2Fcore/packages/pypi/simple/", "GET, HEAD"),
        (f"/acme/core/-/files/{FILE}", "GET, HEAD"),
        (f"/acme/-/files/{FILE}", "GET, HEAD"),
        ("/acme/-/simple/", "GET, HEAD"),
    ],
)
def test_a_method_that_is_not_possible(world: World, address: str, allowed: str) -> None:
    world.project("acme/core", "public")
    world.upload("acme/core", SDIST)
    response = world.app.request(address, method="PATCH", headers=world.as_("ann"), status=405)
    assert response.headers["Allow"] == allowed


def test_the_upload_address_in_the_api_says_what_it_takes(world: World) -> None:
    world.project("acme/core", "public")
    response = world.app.get(
        "/api/v4/projects/acme%2Fcore/packages/pypi", headers=world.as_("ann"), status=405
    )
    assert response.headers["Allow"] == "POST"


def test_a_token_that_only_reads_is_named_in_the_answer(world: World) -> None:
    world.project("acme/core", "public")
    world.upload("acme/core", SDIST)
    world.member("acme/core", "ann", Role.OWNER)
    headers = world.as_("ann", Scope.READ_API)
    file = world.file_named(SDIST.filename)
    assert file is not None
    address = f"/api/v4/projects/acme%2Fcore/packages/{file.release_id}"
    assert "read_api" in world.app.delete(address, headers=headers, status=403).text
