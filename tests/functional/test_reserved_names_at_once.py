"""First pushes of a name beside the reservation of its prefix, through the whole registry."""

from functools import partial

from webtest import TestApp

from pyregistry.authnz.roles import Role
from pyregistry.packaging.models import Package
from pyregistry.protection.models import ReservedPrefix
from tests.factories import uploads
from tests.factories.distributions import sdist
from tests.factories.world import World, fields_of
from tests.functional.test_concurrency import at_once


def test_a_prefix_is_never_reserved_beside_a_package_elsewhere(world: World) -> None:
    for path in ("acme/home", "acme/other"):
        world.project(path)
    world.member("acme", "olga", Role.OWNER)
    headers = world.as_("olga")

    def client() -> TestApp:
        return TestApp(world.app.app, extra_environ={"REMOTE_ADDR": "192.0.2.7"})

    def push(name: str) -> int:
        each = sdist(name)
        content_type, body = uploads.twine(fields_of(each), each.filename, each.content)
        sent = {**headers, "Content-Type": content_type}
        return client().post("/acme/other/-/legacy/", body, headers=sent, status="*").status_int

    def reserve(prefix: str) -> int:
        wanted = {"prefix": prefix, "project_paths": ["acme/home"]}
        address = "/api/v4/groups/acme/reserved_prefixes"
        return client().post_json(address, wanted, headers=headers, status="*").status_int

    for number in range(6):
        prefix = f"demo{number}"
        outcome = at_once([partial(push, f"{prefix}-x"), partial(reserve, prefix)])
        assert outcome in ([200, 409], [403, 201])
    assert world.count(Package) + world.count(ReservedPrefix) == 6
