"""Whatever parameters are sent, the answer is JSON, and never a mistake of the registry's own."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from webob import Request, Response

from pyregistry.authnz.roles import Role
from tests.factories.distributions import sdist
from tests.factories.world import World
from tests.functional.support import PROJECT

pytestmark = pytest.mark.thorough

PROJECT_API = "/api/v4/projects/acme%2Fcore"
TAKING_PARAMETERS = [
    ("PUT", PROJECT_API),
    ("POST", f"{PROJECT_API}/members"),
    ("PUT", f"{PROJECT_API}/members/1"),
    ("POST", f"{PROJECT_API}/access_tokens"),
    ("POST", f"{PROJECT_API}/deploy_tokens"),
    ("POST", f"{PROJECT_API}/packages/protection/rules"),
    ("PUT", f"{PROJECT_API}/packages/pypi/status/demo-package"),
    ("POST", "/api/v4/groups/acme/reserved_prefixes"),
    ("PUT", "/api/v4/application/settings"),
]
LISTS = [
    f"{PROJECT_API}/packages",
    f"{PROJECT_API}/members",
    f"{PROJECT_API}/members/all",
    f"{PROJECT_API}/audit_events",
    f"{PROJECT_API}/deploy_tokens",
    "/api/v4/personal_access_tokens",
    "/api/v4/audit_events",
]
NAMES = st.sampled_from(
    [
        "access_level",
        "expires_at",
        "minimum_access_level_for_push",
        "name",
        "package_name_pattern",
        "package_registry_access_level",
        "packages_enabled",
        "prefix",
        "project_ids",
        "project_paths",
        "reason",
        "scopes",
        "status",
        "user_id",
        "username",
        "visibility",
    ]
)
TEXTS = st.sampled_from(
    ["api", "private", "active", "maintainer", "2030-01-01", "30", "true", "*", "\x00", "\ud800"]
) | st.text(max_size=20)
SCALARS = (
    st.none()
    | st.booleans()
    | st.sampled_from([0, 1, 10, 30, 50, 2**31, 2**63, 2**64, -1])
    | st.integers()
    | st.floats(allow_nan=True, allow_infinity=True)
    | TEXTS
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS | NAMES, inner, max_size=4),
    max_leaves=8,
)
BODIES = st.dictionaries(NAMES | TEXTS, VALUES, max_size=6)
QUERY_NAMES = st.sampled_from(
    [
        "action",
        "active",
        "author_id",
        "created_after",
        "cursor",
        "format",
        "order_by",
        "package_name",
        "package_version",
        "page",
        "pagination",
        "per_page",
        "query",
        "sort",
        "state",
        "user_id",
    ]
)
QUERY_VALUES = st.sampled_from(
    ["1", "0", "keyset", "asc", "jsonl", "member.", "2030-01-01", "W10", "%", "%FF", "%ED%A0%80"]
) | st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=12)
QUERIES = st.lists(
    st.tuples(QUERY_NAMES | QUERY_VALUES, QUERY_VALUES).map("=".join), max_size=5
).map("&".join)


@pytest.fixture
def headers(world: World) -> dict[str, str]:
    """Headers of an administrator of a registry with a project and a release."""
    world.project(PROJECT)
    world.user("root", is_admin=True)
    world.member(PROJECT, "root", Role.OWNER)
    found = world.as_("root")
    world.upload(PROJECT, sdist(), found)
    return found


def check(response: Response) -> None:
    assert response.status_int < 500, response.text
    if response.status_int >= 400:
        assert list(response.json) == ["message"]
        assert response.json["message"]


def test_random_bodies(world: World, headers: dict[str, str]) -> None:
    @settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
    @given(st.sampled_from(TAKING_PARAMETERS), BODIES)
    def ask(endpoint: tuple[str, str], body: dict[str, Any]) -> None:
        method, address = endpoint
        request = Request.blank(
            address,
            method=method,
            headers={**headers, "Content-Type": "application/json"},
            body=json.dumps(body).encode(),
        )
        check(request.get_response(world.app.app))

    ask()


def test_random_queries(world: World, headers: dict[str, str]) -> None:
    @settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
    @given(st.sampled_from(LISTS), QUERIES)
    def ask(address: str, query: str) -> None:
        request = Request.blank(address, headers=headers)
        request.environ["QUERY_STRING"] = query
        check(request.get_response(world.app.app))

    ask()
