"""What every page says to browsers, and the files that pages are made of."""

import itertools
import re
from pathlib import Path

import pytest

from pyregistry import ui
from pyregistry.ui.headers import CONTENT_SECURITY_POLICY
from tests.factories.distributions import wheel
from tests.factories.world import World
from tests.functional.ui.browsing import BROWSER, signed_in, visit

STATIC = Path(ui.__file__).parent / "static"
PAGES = ("/", "/acme/", "/acme/core/", "/acme/core/demo/", "/-/login", "/acme/core/none/", "/none/")


@pytest.fixture
def furnished(world: World) -> World:
    """A registry with something on every page."""
    world.project("acme/core", "public")
    world.upload("acme/core", wheel("demo"))
    return world


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_protected(furnished: World, address: str) -> None:
    response = furnished.app.get(address, headers=BROWSER, expect_errors=True)
    assert response.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert {"Accept", "Cookie", "Authorization"} <= set(re.split(r",\s*", response.headers["Vary"]))
    assert response.headers["Cache-Control"] in ("private, no-cache", "no-store")


def test_nobody_keeps_a_page_for_somebody(furnished: World) -> None:
    """Going back after signing out must not show it again."""
    assert visit(furnished, "/acme/core/").headers["Cache-Control"] == "private, no-cache"
    signed_in(furnished, "ada")
    assert visit(furnished, "/acme/core/").headers["Cache-Control"] == "no-store"


def test_the_policy_lets_nothing_inline_run() -> None:
    directives = dict(part.split(" ", 1) for part in CONTENT_SECURITY_POLICY.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == "'self'"
    assert "unsafe" not in CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("address", PAGES)
def test_no_page_needs_anything_inline_or_from_elsewhere(furnished: World, address: str) -> None:
    html = furnished.app.get(address, headers=BROWSER, expect_errors=True).html
    for element in html.find_all(True):
        assert element.name != "style"
        assert "style" not in element.attrs
        assert not [name for name in element.attrs if name.startswith("on")]
        if element.name == "script":
            assert element["src"].startswith("/static/")
            assert not element.get_text()


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_well_made(furnished: World, address: str) -> None:
    if address != "/-/login":  # who is signed in is led on from there
        signed_in(furnished, "ada")
    response = furnished.app.get(address, headers=BROWSER, expect_errors=True)
    assert response.status_int in (200, 404)
    html = response.html
    assert html.html["lang"] == "en"
    assert html.title.get_text().strip()
    assert len(html.find_all("h1")) == 1
    assert len(html.find_all("main")) == 1
    assert html.find("a", class_="skip-link")["href"] == f"#{html.main['id']}"
    identifiers = [element["id"] for element in html.find_all(id=True)]
    assert len(identifiers) == len(set(identifiers))
    levels = [int(heading.name[1]) for heading in html.find_all(re.compile(r"^h[1-6]$"))]
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))
    for field in html.find_all("input", type=lambda kind: kind != "hidden"):
        assert html.find("label", attrs={"for": field["id"]})


def test_pages_for_tools_keep_their_own_caching(furnished: World) -> None:
    response = furnished.app.get("/acme/core/-/simple/", headers={"Accept": "text/html"})
    assert response.headers["Cache-Control"] == "public, no-cache"


def test_static_files_are_kept_for_long_and_change_their_address(furnished: World) -> None:
    html = visit(furnished, "/").html
    addresses = [
        html.find("link", rel="stylesheet")["href"],
        html.find("link", rel="icon")["href"],
        html.find("script")["src"],
    ]
    for address in addresses:
        assert re.fullmatch(r"/static/[a-z.]+\?v=[0-9a-f]{16}", address)
        response = furnished.app.get(address)
        assert "max-age=31536000" in response.headers["Cache-Control"]
        assert response.content_length < 40_000
    furnished.app.head(addresses[0])


@pytest.mark.parametrize(
    "path", ["..%2Fviews%2Fhome.py", "../views/home.py", "none.css", "%00", "", "@@x"]
)
def test_only_static_files_are_static_files(furnished: World, path: str) -> None:
    response = furnished.app.get(f"/static/{path}", expect_errors=True)
    assert response.status_int in (400, 401, 404)


def test_stylesheets_and_scripts_load_nothing(furnished: World) -> None:
    names = {path.name for path in STATIC.iterdir()} - {"favicon.svg"}
    assert {"pyregistry.css", "copy.js", "forms.js"} <= names
    for name in names:
        text = furnished.app.get(f"/static/{name}").text
        assert "url(" not in text
        assert "http" not in text
        assert "@import" not in text


def test_a_refusal_of_wrong_credentials_is_a_page_too(furnished: World) -> None:
    """The page must not ask who the caller is a second time, and fail again."""
    headers = {**BROWSER, "Authorization": "Bearer nonsense"}
    page = furnished.app.get("/", headers=headers, status=401)
    assert page.html.h1.get_text() == "Please sign in"


def test_nothing_is_painted_before_all_of_it_is_there(furnished: World) -> None:
    """Where a browser paints half of a table, what follows would move its columns."""
    page = visit(furnished, "/acme/core/").html
    (link,) = page.head.find_all("link", rel="expect")
    assert link["blocking"] == "render"
    end = page.find(id=link["href"].removeprefix("#"))
    # Browsers take it for come with its first tag: so it is empty, and the last of all.
    assert not end.contents
    assert end.find_next() is None
    assert end.find_previous_sibling() is page.footer
