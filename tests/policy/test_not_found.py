"""What is hidden costs what is missing costs: the same statements, as a measure of time.

That both are answered with the same bytes, tests/functional/test_answers.py tests.
"""

from collections.abc import Callable, Collection

import pytest

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from tests.factories.world import World, basic
from tests.functional.support import statements
from tests.functional.test_answers import FILE, PAIRS, hide
from tests.policy.conftest import NewWorld

pytestmark = pytest.mark.thorough

FILE_OF_NOBODY = f"{'0' * 64}/nothing.tar.gz"
ALL = (
    {name: pair for name, pair in PAIRS.items() if name != "API files"}
    | {
        # By an id in both, or by a path in both: each is looked up in a way of its own.
        "API files": tuple(
            f"/api/v4/projects/acme%2F{name}/packages/{{release}}/package_files"
            for name in ("secret", "nothing")
        ),
    }
    | {
        f"{what} of a {place}": (there.format(name=hidden), there.format(name=missing))
        for place, hidden, missing in (
            ("group", "hidden", "nothing"),
            ("group in a group", "acme/vault", "acme/nothing"),
            ("project", "acme/secret", "acme/nothing"),
        )
        for what, there in (
            ("file", f"/{{name}}/-/files/{FILE}"),
            ("metadata", f"/{{name}}/-/files/{FILE}.metadata"),
            ("missing file", f"/{{name}}/-/files/{FILE_OF_NOBODY}"),
            ("API file", f"/api/v4/groups/{{name}}/-/packages/pypi/files/{FILE}"),
            ("API file of a project", f"/api/v4/projects/{{name}}/packages/pypi/files/{FILE}"),
            ("members", "/api/v4/groups/{name}/members"),
            ("member", "/api/v4/groups/{name}/members/1"),
            ("members of a project", "/api/v4/projects/{name}/members/1"),
            ("page of members", "/{name}/-/members"),
            ("page of a member", "/{name}/-/members/1"),
            ("page that removes a member", "/{name}/-/members/1/remove"),
            ("page of tokens", "/{name}/-/tokens"),
            ("page that revokes a token", "/{name}/-/tokens/access/1/revoke"),
            ("page that removes a trusted publisher", "/{name}/-/tokens/publishers/1/remove"),
            ("tokens", "/api/v4/groups/{name}/access_tokens"),
            ("token", "/api/v4/groups/{name}/access_tokens/1"),
            ("token of a project", "/api/v4/projects/{name}/access_tokens/1"),
            ("rotation of a token", "/api/v4/projects/{name}/access_tokens/1/rotate"),
            ("deploy token", "/api/v4/groups/{name}/deploy_tokens/1"),
            ("deploy token of a project", "/api/v4/projects/{name}/deploy_tokens/1"),
            ("trusted publishers", "/api/v4/projects/{name}/trusted_publishers"),
            ("trusted publisher", "/api/v4/projects/{name}/trusted_publishers/1"),
            ("namespace", "/api/v4/groups/{name}"),
            ("subgroups", "/api/v4/groups/{name}/subgroups"),
            ("projects", "/api/v4/groups/{name}/projects"),
            ("project by the API", "/api/v4/projects/{name}"),
            ("event", "/api/v4/groups/{name}/audit_events/1"),
            ("event of a project", "/api/v4/projects/{name}/audit_events/1"),
            ("prefix", "/api/v4/groups/{name}/reserved_prefixes/1"),
            ("rule", "/api/v4/projects/{name}/packages/protection/rules/1"),
            ("builds", "/api/v4/projects/{name}/packages/{{release}}/pipelines"),
            ("job tokens", "/api/v4/projects/{name}/job_tokens"),
            ("index", "/{name}/-/simple/demo-package/"),
        )
    }
)
"""Something hidden, and something like it that does not exist."""
METHODS = ("GET", "POST", "DELETE")
Headers = dict[str, str]


def nobody(world: World) -> Headers:
    return {}


def stranger(world: World) -> Headers:
    return world.as_("ann")


def deployment_beside(world: World) -> Headers:
    return basic(world.deploy_token("acme/open", Scope.READ_PACKAGE_REGISTRY))


def job_beside(world: World) -> Headers:
    return basic(world.job_token("acme/open"))


def bot_beside(world: World) -> Headers:
    return basic(world.access_token("acme/open", Role.MAINTAINER))


def guest(world: World) -> Headers:
    """Sees the hidden project, and no packages in it."""
    world.member("acme/secret", "gus", Role.GUEST)
    world.member("hidden", "gus", Role.GUEST)
    return world.as_("gus")


WITHIN = [
    name
    for name, (one, other) in ALL.items()
    if "nothing" not in other + one and name not in ("API project", "API group index")
]
"""Pairs whose places are both in the same project or group; a Guest sees these themselves."""


def costs(world: World, method: str, address: str, headers: Headers) -> list[str]:
    """The statements that a request costs."""
    with statements(world) as executed:
        world.app.request(address, method=method, headers=headers, expect_errors=True)
    return executed


def differing(
    world: World, ids: dict[str, int], headers: Headers, names: Collection[str]
) -> list[str]:
    """The pairs whose two addresses cost different statements."""
    found = []
    for name in names:
        for method in METHODS:
            hidden, missing = (
                costs(world, method, address.format(**ids), headers) for address in ALL[name]
            )
            if hidden != missing:
                found.append(f"{method} {name}: {len(hidden)} statements, {len(missing)}")
    return found


@pytest.mark.parametrize(
    "caller",
    [nobody, stranger, deployment_beside, job_beside, bot_beside],
    ids=lambda c: c.__name__,
)
def test_hidden_and_missing_cost_the_same(
    new_world: NewWorld, caller: Callable[[World], Headers]
) -> None:
    world = new_world()
    ids = hide(world)
    assert differing(world, ids, caller(world), ALL) == []


def test_a_guest_cannot_time_which_packages_there_are(new_world: NewWorld) -> None:
    world = new_world()
    ids = hide(world)
    assert differing(world, ids, guest(world), WITHIN) == []
