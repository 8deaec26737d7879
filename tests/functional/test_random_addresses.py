"""Whatever is asked, the answer is never a mistake of the registry's own."""

from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from webob import Request

from pyregistry.authnz.roles import Role
from tests.factories.distributions import sdist
from tests.factories.world import World
from tests.functional.support import PROJECT

SDIST = sdist()
WORDS = (
    "acme",
    "core",
    "secret",
    "-",
    "_",
    "simple",
    "files",
    "legacy",
    "pypi",
    "login",
    "api",
    "v4",
    "projects",
    "groups",
    "packages",
    "package_files",
    "status",
    "members",
    "all",
    "protection",
    "rules",
    "static",
    "demo-package",
    "Demo_Package",
    "1.0",
    "1.0.0",
    "v1",
    "1",
    "2",
    "999999999999999999999",
    "٣",
    "acme/core",
    SDIST.sha256,
    SDIST.filename,
    f"{SDIST.filename}.metadata",
    "",
    ".",
    "..",
    "@@",
    "@@view",
    "*",
    "\x00",
    "\x7f",
    "\r\n",
    "\\",
    "%2e",
    "é",
    "\udcff",
    "\U0001f600",
    "a" * 300,
)
SEGMENTS = st.sampled_from(WORDS) | st.text(max_size=8)
PATHS = st.lists(SEGMENTS, max_size=9)
PREFIXES = st.sampled_from(
    [
        [],
        ["acme", "core"],
        ["acme", "core", "-"],
        ["acme", "-"],
        ["-"],
        ["packages"],
        ["api", "v4", "projects"],
        ["api", "v4", "projects", "acme", "core", "packages"],
        ["api", "v4", "groups", "acme", "-", "packages", "pypi"],
        ["api", "v4", "groups", "acme", "members"],
        ["api", "v4", "groups", "acme", "reserved_prefixes"],
        ["api", "v4", "projects", "acme", "core", "packages", "protection", "rules"],
    ]
)
QUERIES = st.sampled_from(["", "?format=x", "?format=%FF", "?page=0", "?after=%00", "?a=%ED%A0%80"])
METHODS = st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
ACCEPTS = st.sampled_from(["*/*", "text/html", "application/json", "x"]) | st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=30
)


def test_random_addresses(world: World) -> None:
    world.project(PROJECT, "public")
    world.project("acme/secret")
    world.upload(PROJECT, SDIST)
    world.upload("acme/secret", SDIST)
    world.member("acme/secret", "guest", Role.GUEST)
    callers = ({}, world.as_("stranger"), world.as_("guest"), {"Authorization": "Basic x"})

    @settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
    @given(PREFIXES, PATHS, QUERIES, METHODS, ACCEPTS, st.sampled_from(callers))
    def ask(
        prefix: list[str],
        path: list[str],
        query: str,
        method: str,
        accept: str,
        caller: dict[str, str],
    ) -> None:
        address = "/".join(["", *prefix, *path]).encode("utf-8", "surrogatepass")
        request = Request.blank(
            (quote(address) or "/") + query, method=method, headers={"Accept": accept, **caller}
        )
        response = request.get_response(world.app.app)
        assert response.status_int < 500

    ask()
