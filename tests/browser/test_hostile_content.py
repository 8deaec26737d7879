"""What strangers write is shown, in a real browser, and does nothing."""

import pytest
from playwright.sync_api import Page

from pyregistry.authnz.identity import Actor
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.services.create import find
from pyregistry.packaging.models import PackageStatus
from pyregistry.packaging.services.change import set_status
from tests.browser.checks import check_layout, open_details
from tests.browser.content import describe, yank
from tests.browser.visits import PHONE, SIZES, Size, Visits
from tests.factories.distributions import sdist, wheel
from tests.factories.world import PASSWORD, World, basic

pytestmark = pytest.mark.browser

PROJECT = "hostile/project"
SCRIPT = "<script>window.ran = 1; alert(1)</script>"
HANDLER = "<img src=x onerror='window.ran = 1; alert(1)'>"
BACKWARDS = "\u202egnp.exe\u2066\u200f"
LONG = "W" * 400
NAME = "h" * 100
VERSION = "1.0+" + "8" * 60
HOSTILE = f"{SCRIPT}{HANDLER} {BACKWARDS} {LONG}"
PIXEL = "https://pictures.example/pixel.png"

MARKDOWN = f"""# {BACKWARDS} {LONG}

{SCRIPT} {HANDLER} <svg onload="window.ran = 1"></svg> <a id="content" name="body">x</a>
[link](javascript:window.ran=1) <a href="JaVaScRiPt:window.ran=1">link</a> [data](data:text/html,x)
![badge]({PIXEL}) <iframe src="https://frames.example/"></iframe>
<form action="https://forms.example/"><input name=password><button>Sign in</button></form>
<link rel=stylesheet href="https://styles.example/"> <base href="https://base.example/">
<meta http-equiv=refresh content="0;url=https://elsewhere.example/">
<style>body {{ display: none }}</style> <video src="https://videos.example/" autoplay></video>
<div style="position:fixed;inset:0;background:red" class="site-header copyable">cover</div>

| a | b |
|---|---|
| {LONG} | {LONG} |

```
{LONG * 3}
```
"""
RST = f"""\
{LONG}

.. image:: {PIXEL}
   :width: 9999px

`link <javascript:window.ran=1>`_

==========  ==========
{LONG[:10]}  {LONG[:10]}
==========  ==========

::

    {LONG * 3}
"""
METADATA = {
    "Summary": HOSTILE,
    "Keywords": f"{HOSTILE},{SCRIPT}",
    "Author": HOSTILE,
    "Author-email": f'"{SCRIPT}{BACKWARDS}" <evil@example.org>',
    "Maintainer": HOSTILE,
    "License": f"{HOSTILE} " * 5,
    "Platform": HOSTILE,
    "Home-page": "javascript:window.ran=1",
    "Download-URL": "data:text/html,<script>window.ran=1</script>",
    "Project-URL": [
        "Click, javascript:window.ran=1",
        "Data, data:text/html;base64,PHNjcmlwdD4=",
        "Account, https://registry.example@evil.example/",
        f"{SCRIPT[:20]}, https://evil.example/",
        f"{LONG[:30]}, https://evil.example/{LONG}",
        f"{BACKWARDS}, https://evil.example/",
    ],
    "Classifier": [f"Topic :: {SCRIPT}", f"{LONG} :: {LONG}"],
    "Requires-Dist": [f"{'d' * 200}>=1"],
}
JOB = {
    "pipeline_id": SCRIPT,
    "job_id": LONG[:200],
    "ref": f"{SCRIPT}{LONG[:100]}",
    "started_by": SCRIPT,
    "source_repository": f"https://evil.example/{LONG}",
}
PAGES = [
    "/",
    "/hostile/",
    f"/{PROJECT}/",
    f"/{PROJECT}/{NAME}/",
    f"/{PROJECT}/{NAME}/{VERSION}/",
    f"/{PROJECT}/in-rst/",
]
_LINKS = "() => [...document.links].map((link) => link.protocol)"


@pytest.fixture(scope="module")
def reader(world: World) -> str:
    """Who sees what somebody hostile has published."""
    world.group("hostile")
    world.project(PROJECT)
    world.user("reader", password=PASSWORD)
    world.member("hostile", "reader", Role.REPORTER)
    for path in ("hostile", PROJECT):
        describe(world, path, f"{SCRIPT}{HANDLER} {BACKWARDS} {LONG}"[:500])
    markdown = {"description": MARKDOWN, "description_content_type": "text/markdown"}
    named = wheel(NAME, VERSION, metadata=METADATA, **markdown)
    world.upload(PROJECT, named, basic(world.job_token(PROJECT, **JOB)))
    rst = {"description": RST, "description_content_type": "text/x-rst"}
    world.upload(PROJECT, sdist("in-rst", metadata=METADATA, **rst))
    yank(world, named.filename, HOSTILE)
    with world.components.database.writing() as session:
        place = find(session, PROJECT).id
        status = PackageStatus.DEPRECATED
        set_status(session, place, NAME, status, HOSTILE, Actor(), world.clock())
    return "reader"


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
@pytest.mark.parametrize("address", PAGES, ids=range(len(PAGES)))
def test_nothing_runs_and_nothing_breaks(
    visits: Visits, reader: str, address: str, size: Size
) -> None:
    page = visits.begin(user=reader, size=size, strangers_images=True)
    page.goto(address)
    open_details(page)
    check_layout(page)
    check_harmless(page)


def test_long_versions_fit_into_the_buttons_of_those_who_may_delete_them(
    visits: Visits, world: World, reader: str
) -> None:
    world.user("keeper", password=PASSWORD)
    world.member("hostile", "keeper", Role.MAINTAINER)
    page = visits.begin(user="keeper", size=PHONE, strangers_images=True)
    page.goto(f"/{PROJECT}/{NAME}/{VERSION}/")
    page.get_by_role("link", name=f"Delete {VERSION}").click(trial=True)
    check_layout(page)


def test_pictures_are_all_that_is_asked_for_elsewhere(visits: Visits, reader: str) -> None:
    page = visits.begin(user=reader, strangers_images=True)
    for name in (NAME, "in-rst"):
        page.goto(f"/{PROJECT}/{name}/")
    assert set(visits.watch_of(page).asked_elsewhere) == {PIXEL}


def test_nothing_covers_the_page(visits: Visits, reader: str) -> None:
    page = visits.begin(user=reader, size=PHONE, strangers_images=True)
    page.goto(f"/{PROJECT}/{NAME}/")
    readme = page.locator(".readme")
    assert readme.locator("form, iframe, style, link, base, video, .copy-button").count() == 0
    # Playwright clicks only what nothing else lies over.
    page.get_by_role("link", name="Skip to the content").press("Enter")
    page.get_by_role("button", name="Sign out").click(trial=True)
    page.get_by_role("link", name="Home", exact=True).click()
    assert page.url == f"{visits.server.address}/"


def test_an_address_full_of_markup_is_harmless(visits: Visits, reader: str) -> None:
    page = visits.begin(user=reader)
    for address in (f"/{PROJECT}/{SCRIPT}/", f"/{SCRIPT}/", f"/?after={SCRIPT}", f"/-/{HANDLER}"):
        page.goto(address)
        check_harmless(page)
    anonymous = visits.begin()
    for query in (f"javascript:{SCRIPT}", "//evil.example/", "https://evil.example/"):
        anonymous.goto(f"/-/login?return_to={query}")
        check_harmless(anonymous)


def check_harmless(page: Page) -> None:
    """Fail where a script of strangers ran, or a link would run one."""
    assert page.evaluate("window.ran ?? null") is None
    assert set(page.evaluate(_LINKS)) <= {"http:", "https:", "mailto:"}
