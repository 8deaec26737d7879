"""A registry with something of everything in it, and what its clients see of it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.trusted_publishing.models import TrustedPublisher
from tests.factories.distributions import sdist, wheel
from tests.factories.world import PASSWORD, World, basic
from tests.functional.support import JSON, send_json

Callers = Mapping[str, Mapping[str, str]]
"""Headers by who sends them; the credentials are in the database."""

PROJECTS = ("acme/core", "acme/renamed", "acme/tools/app", "public/lib")
GROUPS = ("acme", "acme/tools", "public")
NAMES = {
    "acme/core": ("alpha", "beta", "gone", "shut"),
    "acme/renamed": ("gamma",),
    "acme/tools/app": ("alpha",),
    "public/lib": ("delta",),
}
ALPHA = wheel(
    "Alpha",
    "1.0",
    metadata={
        "Summary": "Größe \U0001f4e6",
        "Requires-Dist": "beta>=1",
        "Requires-Python": ">=3.9",
    },
    description="# Alpha\n\n*text*",
    description_content_type="text/markdown",
)


SAMPLE = (
    "/-/simple/",
    "/acme/-/simple/alpha/",
    "/acme/core/-/simple/",
    "/acme/tools/app/-/simple/alpha/",
    "/public/lib/-/simple/delta/",
    "/api/v4/projects",
    f"/acme/core/-/files/{ALPHA.sha256}/{ALPHA.filename}",
)
"""What callers ask for who are not shown everything."""


def fill(world: World) -> Callers:
    """Fill an empty registry through its services and its API."""
    world.user("root", is_admin=True, password=PASSWORD)
    world.user("blocked")
    world.group("acme", "internal")
    world.group("acme/tools", "private")
    world.project("acme/core", "internal")
    world.project("acme/old-name")
    world.project("acme/tools/app", anyone_can_pull=True)
    world.project("public/lib", "public")
    world.member("acme", "olga", Role.OWNER)
    world.member("acme/tools/app", "dev", Role.DEVELOPER, expires_at=world.clock() + timedelta(99))
    callers = {
        "nobody": {},
        "root": world.as_("root"),
        "olga": world.as_("olga"),
        "dev": world.as_("dev"),
        "bot": basic(world.access_token("acme/core", Role.MAINTAINER)),
        "deployer": basic(world.deploy_token("acme", Scope.READ_PACKAGE_REGISTRY), "deployer"),
    }
    _publish(world, callers)
    _change(world, callers)
    _pull(world, callers["olga"])
    return callers


def seen(world: World, callers: Callers) -> dict[tuple[str, str], Any]:
    """Status, type, entity-tag and body of every answer, by caller and address."""
    answers = {}
    for who, headers in callers.items():
        asked = addresses() if who == "root" else SAMPLE
        for address in asked:
            # Nobody has a browser.
            accept = "text/html" if who == "nobody" else f"{JSON}, */*;q=0.1"
            answer = world.app.get(
                address, headers={**headers, "Accept": accept}, expect_errors=True
            )
            shown = (answer.status, answer.content_type, answer.headers.get("ETag"))
            answers[who, address] = (*shown, answer.body)
    return answers


def addresses() -> list[str]:
    """What clients ask for: indexes, files, metadata, and what the API tells."""
    found = ["/-/simple/", "/api/v4/groups?per_page=100", "/api/v4/projects?per_page=100"]
    found += ["/api/v4/users?per_page=100", "/api/v4/audit_events?per_page=100"]
    found += ["/api/v4/personal_access_tokens", "/acme/old-name/-/simple/gamma/"]
    for path in GROUPS:
        api = f"/api/v4/groups/{quote(path, safe='')}"
        found += [f"/{path}/-/simple/", f"/{path}/-/simple/alpha/", api, f"{api}/members/all"]
        found += [f"{api}/reserved_prefixes", f"{api}/audit_events", f"{api}/deploy_tokens"]
        found += [f"{api}/packages?per_page=100&order_by=version"]
    for path in PROJECTS:
        api = f"/api/v4/projects/{quote(path, safe='')}"
        found += [f"/{path}/-/simple/", api, f"{api}/members", f"{api}/trusted_publishers"]
        found += [f"{api}/packages?per_page=100", f"{api}/packages/protection/rules"]
        found += [f"{api}/access_tokens", f"{api}/audit_events", f"{api}/usage"]
        for name in NAMES[path]:
            found += [f"/{path}/-/simple/{name}/", f"/{path}/-/pypi/{name}/json"]
            found += [f"{api}/packages/pypi/status/{name}"]
    where = f"/acme/core/-/files/{ALPHA.sha256}/{ALPHA.filename}"
    return [*found, f"{where}.metadata", where]


def _publish(world: World, callers: Callers) -> None:
    owner, dev = dict(callers["olga"]), dict(callers["dev"])
    job = basic(world.job_token("acme/core", pipeline_id="7", sha="ab" * 20, ref="main"))
    world.upload("acme/core", ALPHA, owner)
    world.clock.advance(minutes=1)
    world.upload("acme/core", sdist("alpha", "1.0"), owner)
    world.upload("acme/core", wheel("Alpha", "2.0rc1"), job)
    world.upload("acme/tools/app", ALPHA, dev)
    world.upload("acme/old-name", wheel("gamma", "3.1.0"), owner)
    world.upload("public/lib", wheel("delta", "1.0"))
    for name in ("beta", "gone", "shut"):
        world.clock.advance(minutes=1)
        world.upload("acme/core", wheel(name, "0.1"), owner)


def _change(world: World, callers: Callers) -> None:
    owner = dict(callers["olga"])
    core = "/api/v4/projects/acme%2Fcore"
    releases = world.app.get(f"{core}/packages?per_page=100", headers=owner).json
    ids = {row["name"]: row["id"] for row in releases}
    yank = {"yanked": True, "yanked_reason": "broken: é"}
    send_json(world, "PUT", f"{core}/packages/{ids['beta']}", owner, 200, **yank)
    world.app.delete(f"{core}/packages/{ids['gone']}", headers=owner)
    status = {"status": "archived", "reason": "old"}
    world.app.put_json(f"{core}/packages/pypi/status/shut", status, headers=owner)
    rule = {"package_name_pattern": "al*", "minimum_access_level_for_push": "maintainer"}
    send_json(world, "POST", f"{core}/packages/protection/rules", owner, 201, **rule)
    prefix = {"prefix": "alpha", "project_paths": ["acme/core", "acme/tools/app"]}
    send_json(world, "POST", "/api/v4/groups/acme/reserved_prefixes", owner, 201, **prefix)
    renamed = {"path": "renamed"}
    send_json(world, "PUT", "/api/v4/projects/acme%2Fold-name", owner, 200, **renamed)
    root = dict(callers["root"])
    send_json(world, "POST", f"/api/v4/users/{world.users['blocked']}/block", root, 201)
    with world.components.database.writing() as session:
        # No issuer is trusted here: as if one had been.
        project_id = world.app.get(core, headers=owner).json["id"]
        session.add(
            TrustedPublisher(
                project_id=project_id,
                name="ci",
                issuer="https://ci.example.org",
                claims={"project_path": "acme/core"},
                creator_id=world.users["olga"],
                created_at=world.clock(),
            )
        )


def _pull(world: World, headers: Mapping[str, str]) -> None:
    world.clock.advance(hours=2)
    where = f"/acme/core/-/files/{ALPHA.sha256}/{ALPHA.filename}"
    for _ in range(3):
        world.app.get(where, headers=dict(headers))
    world.components.recorder.flush()
