"""The checks find what they are there to find."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.checks import check_accessible, check_layout
from tests.browser.chromium import running_chromium
from tests.browser.visits import Visits
from tests.clients.server import Server
from tests.factories.world import World

pytestmark = pytest.mark.browser

GOOD = """<!doctype html><html lang="en"><head><title>Good</title></head>
<body><main><h1>Good</h1><p>All is well.</p></main></body></html>"""


@pytest.fixture
def watched(chromium: Browser, server: Server, world: World) -> Iterator[Visits]:
    """Visits whose troubles fail no test."""
    visits = Visits(chromium, server, world)
    yield visits
    visits.end()


def test_a_good_page_passes(watched: Visits) -> None:
    page = watched.begin()
    page.set_content(GOOD)
    check_accessible(page)
    check_layout(page)
    page.goto("/")
    assert watched.end() == []


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("<p>", '<p style="color: #ccc">', "color-contrast"),
        ("<p>", "<p><input>", "label"),
        ("<p>", "<p><img src='data:,'>", "image-alt"),
        ('lang="en"', "", "html-has-lang"),
        ("<p>", "<h3>A heading</h3><p>", "heading-order"),
        ("</main>", "</main><p>outside</p>", "region"),
    ],
)
def test_axe_finds_it(watched: Visits, good: str, bad: str, said: str) -> None:
    page = watched.begin()
    page.set_content(GOOD.replace(good, bad))
    with pytest.raises(AssertionError, match=said):
        check_accessible(page)


def test_axe_finds_wrong_colours_alone(watched: Visits) -> None:
    page = watched.begin()
    page.set_content(GOOD.replace("<p>", '<p style="color: #ccc"><input>'))
    with pytest.raises(AssertionError, match="color-contrast") as found:
        check_accessible(page, colours_only=True)
    assert "label" not in str(found.value)


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("<title>Good</title>", "", "no title"),
        ("<h1>", "<h1>Another</h1><h1>", "the headings"),
        ("h1>", "h2>", "the headings"),
        ("<p>", '<p style="width: 3000px">', "sideways"),
        (
            "<p>",
            '<nav style="overflow: auto; width: 9rem; white-space: nowrap">'
            "One and another and a third</nav><p>",
            "hides a part",
        ),
    ],
)
def test_the_layout_is_found_wrong(watched: Visits, good: str, bad: str, said: str) -> None:
    page = watched.begin()
    page.set_content(GOOD.replace(good, bad))
    with pytest.raises(AssertionError, match=said):
        check_layout(page)


def test_what_moves_is_found(watched: Visits) -> None:
    page = watched.begin()
    page.goto("/")
    page.evaluate("""() => new Promise((resolve) => {
        document.querySelector("main").prepend(Object.assign(
            document.createElement("p"), {textContent: "an advertisement"}));
        requestAnimationFrame(() => requestAnimationFrame(resolve));
    })""")
    with pytest.raises(AssertionError, match="moved"):
        check_layout(page)


@pytest.mark.parametrize(
    ("does", "said"),
    [
        (lambda page: page.evaluate("console.error('broken')"), "broken"),
        (lambda page: page.evaluate("console.warn('careful')"), "careful"),
        (lambda page: page.evaluate("setTimeout(() => { throw Error('lost') })"), "lost"),
        (lambda page: page.evaluate("alert('hello')"), "dialogue"),
        (lambda page: page.evaluate("document.body.innerHTML = '<p style=top:0>'"), "inline style"),
        (
            lambda page: page.evaluate(
                "document.body.append(Object.assign(document.createElement('script'),"
                " {textContent: 'window.ran = 1'}))"
            ),
            "inline script",
        ),
        (lambda page: page.evaluate("new Image().src = 'https://a.example/'"), "a.example"),
    ],
    ids=range(7),
)
def test_troubles_are_noted(watched: Visits, does: Callable[[Page], object], said: str) -> None:
    page = watched.begin()
    page.goto("/")
    does(page)
    for _ in range(100):
        if watched.watch_of(page).troubles:
            break
        page.wait_for_timeout(100)
    assert said in watched.end()[0]


@pytest.mark.parametrize(("path", "status"), [("/acme/", 500), ("/static/pyregistry.css", 404)])
def test_refusals_are_noted(watched: Visits, path: str, status: int) -> None:
    page = watched.begin()
    page.route(f"**{path}*", lambda route: route.fulfill(status=status, body="broken"))
    page.goto("/acme/")
    assert f"{status} {watched.server.address}{path}" in " ".join(watched.end())


def test_without_chromium_it_is_skipped_or_with_ci_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no Chromium"), running_chromium():
        pass
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no Chromium"), running_chromium():
        pass
