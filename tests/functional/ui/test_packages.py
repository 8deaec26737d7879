"""The pages of packages and releases."""

from typing import Any

import pytest
from webtest import TestResponse

from pyregistry.authnz.identity import Actor
from pyregistry.authnz.roles import Role
from pyregistry.packaging.models import PackageStatus
from pyregistry.packaging.services.change import set_status, set_yanked
from pyregistry.ui.views.paging import PAGE_LENGTH
from tests.factories.distributions import sdist, wheel
from tests.factories.world import PASSWORD, World
from tests.functional.support import statements
from tests.functional.ui.browsing import hrefs, main_text, signed_in, visit

METADATA = {
    "Summary": "A summary",
    "Keywords": "one,two",
    "Home-page": "https://home.example.org/",
    "Download-URL": "https://download.example.org/",
    "Author": "Ann Author",
    "Author-email": "ann@example.org",
    "Maintainer-email": "Max Maintainer <max@example.org>",
    "License-Expression": "MIT OR Apache-2.0",
    "Requires-Python": ">=3.9",
    "Platform": "any",
    "Project-URL": ["Source, https://source.example.org/"],
    "Classifier": ["Topic :: System", "Typing :: Typed"],
    "Requires-Dist": ["attrs>=23", 'tomli; python_version < "3.11"'],
    "Provides-Extra": ["fast"],
}


def publish(world: World, *distributions: Any, visibility: str = "public") -> int:
    """Publish distributions into `acme/core`, a minute apart, and return the project's id."""
    project = world.project("acme/core", visibility)
    world.member("acme/core", "mira", Role.DEVELOPER)
    for distribution in distributions:
        world.upload("acme/core", distribution, world.as_("mira"))
        world.clock.advance(minutes=1)
    return project


def publish_more(world: World, *distributions: Any) -> None:
    """Publish more of them, in one go; the project is created where there is none."""
    if "mira" not in world.users:
        publish(world)
    headers = world.as_("mira")
    for distribution in distributions:
        world.upload("acme/core", distribution, headers)


def marks(page: TestResponse) -> dict[str, list[str]]:
    """The marks of each version in the list."""
    rows = page.html.find("table", class_="versions").find("tbody").find_all("tr")
    return {
        row.find("a").get_text(): [mark.get_text() for mark in row.find_all(class_="badge")]
        for row in rows
    }


def test_everything_about_a_release(world: World) -> None:
    description = "# Read me\n\nSome *text*."
    content = {"description": description, "description_content_type": "text/markdown"}
    binary = wheel("Demo.Package", "1.0", metadata=METADATA, **content)
    source = sdist("Demo.Package", "1.0", metadata=METADATA, **content)
    publish(world, binary, source)
    page = visit(world, "/acme/core/demo-package/")
    text = main_text(page)
    for shown in (
        "Demo.Package 1.0",
        "A summary",
        "one two",
        "Ann Author",
        "Max Maintainer",
        "MIT OR Apache-2.0",
        ">=3.9",
        "Platform any",
        "attrs>=23",
        'tomli if python_version < "3.11"',
        "fast",
        "Topic System",
        "Wheel for Python 3, any system",
        binary.blake2b_256,
        "Source distribution",
        "uploaded 2 minutes ago by mira",
        binary.sha256,
        source.sha256,
    ):
        assert shown in text, shown
    assert page.html.find(class_="readme").find("em").get_text() == "text"
    assert {
        "https://home.example.org/",
        "https://download.example.org/",
        "https://source.example.org/",
        "mailto:ann@example.org",
        "mailto:max@example.org",
    } <= hrefs(page)


def test_the_files_can_be_had(world: World) -> None:
    distribution = wheel("demo", "1.0")
    publish(world, distribution)
    page = visit(world, "/acme/core/demo/")
    assert page.click(distribution.filename).body == distribution.content


def test_links_that_lead_away_give_nothing_away(world: World) -> None:
    publish(world, wheel("demo", "1.0", metadata=METADATA))
    page = visit(world, "/acme/core/demo/")
    for link in page.html.aside.find_all("a"):
        assert link["rel"] == ["nofollow", "noopener"]


def test_versions_and_their_marks(world: World) -> None:
    project = publish(
        world, *(wheel("demo", version) for version in ("1.0", "1.10", "1.9", "2.0a1"))
    )
    with world.components.database.writing() as session:
        file = world.file_named("demo-1.9-py3-none-any.whl")
        assert file is not None
        set_yanked(session, file.release_id, True, "It <b>breaks</b>.", Actor(), world.clock())
    assert project
    page = visit(world, "/acme/core/demo/")
    assert marks(page) == {
        "2.0a1": ["Pre-release"],
        "1.10": ["Latest"],
        "1.9": ["Yanked"],
        "1.0": [],
    }
    assert list(marks(page)) == ["2.0a1", "1.10", "1.9", "1.0"]
    assert "It <b>breaks</b>." in main_text(page)
    yanked = visit(world, "/acme/core/demo/1.9/")
    notices = " ".join(note.get_text() for note in yanked.html.find_all(role="note"))
    assert "This release was yanked" in notices
    assert "It <b>breaks</b>." in notices
    assert "The latest version is 1.10" in " ".join(notices.split())


def test_a_release_that_is_not_the_latest_is_shown_by_its_own_metadata(world: World) -> None:
    publish(
        world,
        wheel("demo", "1.0", metadata={"Summary": "The first"}),
        wheel("demo", "2.0", metadata={"Summary": "The second"}),
    )
    assert "The second" in main_text(visit(world, "/acme/core/demo/"))
    text = main_text(visit(world, "/acme/core/demo/1.0/"))
    assert "The first" in text
    assert "demo==1.0" in text


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("/acme/core/Demo.Package", "/acme/core/demo-package/"),
        ("/ACME/core/demo_package/?x=y", "/acme/core/demo-package/?x=y"),
        ("/acme/core/demo-package/1/", "/acme/core/demo-package/1.0/"),
        ("/acme/core/demo-package/v1.0.0", "/acme/core/demo-package/1.0/"),
        ("/acme/core/Demo.Package/1.0/", "/acme/core/demo-package/1.0/"),
        ("/acme/core/demo-package/1!2+LOCAL.1", "/acme/core/demo-package/1!2.0+local.1/"),
    ],
)
def test_other_spellings_redirect(world: World, asked: str, answered: str) -> None:
    publish(world, wheel("demo-package", "1.0"), wheel("demo-package", "1!2.0+local.1"))
    response = visit(world, asked, status=301)
    assert response.location == f"http://localhost{answered}"
    assert response.headers["Cache-Control"] == "private, no-cache"
    visit(world, answered)


def test_every_version_links_to_a_page_that_is_there(world: World) -> None:
    publish(world, *(wheel("demo", version) for version in ("1!1.0+a.b", "1.0.post1", "0.1.dev0")))
    page = visit(world, "/acme/core/demo/")
    links = page.html.find("table", class_="versions").find_all("a")
    assert len(links) == 3
    for link in links:
        visit(world, link["href"])


@pytest.mark.parametrize("status", [PackageStatus.ARCHIVED, PackageStatus.DEPRECATED])
def test_a_status_is_told_with_its_reason(world: World, status: PackageStatus) -> None:
    project = publish(world, wheel("demo"))
    with world.components.database.writing() as session:
        set_status(session, project, "demo", status, "<i>Because</i>", Actor(), world.clock())
    page = visit(world, "/acme/core/demo/")
    notice = page.html.find(role="note").get_text()
    assert f"This package is {status}" in notice
    assert "<i>Because</i>" in notice
    assert "pip install" in main_text(page)


def test_a_quarantined_package_offers_nothing(world: World) -> None:
    project = publish(world, wheel("demo"))
    with world.components.database.writing() as session:
        status = PackageStatus.QUARANTINED
        set_status(session, project, "demo", status, "Malware", Actor(), world.clock())
    page = visit(world, "/acme/core/demo/")
    assert "Malware" in page.html.find(role="note").get_text()
    assert "pip install" not in main_text(page)
    assert not any("/-/files/" in href for href in hrefs(page))


def test_a_package_without_releases(world: World) -> None:
    project = publish(world, wheel("demo"))
    with world.components.database.writing() as session:
        set_status(
            session, project, "demo", PackageStatus.QUARANTINED, None, Actor(), world.clock()
        )
    file = world.file_named("demo-1.0-py3-none-any.whl")
    assert file is not None
    world.user("root", is_admin=True)
    address = f"/api/v4/projects/{project}/packages/{file.release_id}"
    world.app.delete(address, headers=world.as_("root"), status=204)
    assert "no releases" in main_text(visit(world, "/acme/core/demo/"))


def test_a_long_licence_is_folded(world: World) -> None:
    publish(world, wheel("demo", metadata={"License": "All of it. " * 40}))
    page = visit(world, "/acme/core/demo/")
    assert page.html.aside.find("details").find("pre").get_text() == ("All of it. " * 40).strip()


def test_a_guest_sees_no_page_of_a_package(world: World) -> None:
    publish(world, wheel("demo"), visibility="private")
    world.user("gus", password=PASSWORD)
    world.member("acme/core", "gus", Role.GUEST)
    visit(world, "/acme/core/demo/", status=303)
    signed_in(world, "gus")
    assert visit(world, "/acme/core/demo/", status="4*").status_int in (403, 404)


def test_long_lists_page_by_key(world: World) -> None:
    names = []
    for number in range(PAGE_LENGTH + 2):
        distribution = wheel("demo", "1.0", build=str(number + 1))
        names.append(distribution.filename)
        publish_more(world, distribution, wheel("demo", f"0.{number}"))
    first = visit(world, "/acme/core/demo/1.0/")
    assert len(first.html.find("ul", class_="files").find_all("li")) == 20
    assert len(marks(first)) == PAGE_LENGTH
    shown, page = [], first
    for _ in range(3):
        shown += [link.get_text() for link in page.html.select("ul.files > li > a")]
        second, page = page, page.click("Next page", index=0)
    assert sorted(shown) == sorted(names)
    assert {*marks(first)} == {*marks(second)}
    more = first.click("Next page", index=1)
    assert not {*marks(first)} & {*marks(more)}
    assert len(marks(first)) + len(marks(more)) == PAGE_LENGTH + 3
    assert len(more.html.find("ul", class_="files").find_all("li")) == 20
    back = more.click("First page")
    assert marks(back) == marks(first)


@pytest.mark.parametrize("query", ["files=nonsense", "versions=nonsense", "files=%00"])
def test_a_part_of_a_list_that_there_is_not(world: World, query: str) -> None:
    publish(world, wheel("demo"))
    visit(world, f"/acme/core/demo/?{query}", status=400)


def test_dependencies_that_live_here_are_linked(world: World) -> None:
    needs = {"Requires-Dist": ["Helper>1", "secret", 'attrs; python_version > "3"']}
    publish(world, wheel("helper", "2.0"), wheel("demo", metadata=needs))
    world.project("acme/hidden")
    world.upload("acme/hidden", wheel("secret"))
    page = visit(world, "/acme/core/demo/")
    assert "/acme/core/helper/" in hrefs(page)
    assert not any("secret" in href for href in hrefs(page))
    for text in ("Helper>1", "secret", "attrs", 'if python_version > "3"'):
        assert text in page.html.aside.get_text()
    used = visit(world, "/acme/core/helper/")
    assert "Used by" in used.html.aside.get_text()
    assert "/acme/core/demo/" in hrefs(used)


def test_pulls_by_day_are_drawn(world: World) -> None:
    distribution = wheel("demo")
    publish(world, distribution)
    for _ in range(3):
        world.app.get(f"/acme/core/-/files/{distribution.sha256}/{distribution.filename}")
    world.components.recorder.flush()
    page = visit(world, "/acme/core/demo/")
    assert page.html.find("figure", class_="chart").find(class_="chart-total").get_text() == "3"


def test_requirements_that_are_too_many_are_counted(world: World) -> None:
    publish(world, wheel("demo", metadata={"Requires-Dist": [f"p{n}" for n in range(503)]}))
    text = main_text(visit(world, "/acme/core/demo/"))
    assert "And 3 others, which are too long or too many to show here." in text
    assert "p499" in text
    assert "p500" not in text


def test_pulls_are_of_all_versions(world: World) -> None:
    publish(world, wheel("demo", "1.0"), wheel("demo", "2.0"))
    page = visit(world, "/acme/core/demo/1.0/")
    title = page.html.find("figure", class_="chart").find(class_="chart-title").span.get_text()
    assert title == "Pulls of all versions in the last 30 days"


@pytest.mark.parametrize(("role", "leads"), [(Role.MAINTAINER, False), (Role.OWNER, True)])
def test_who_reads_the_audit_log_is_led_to_who_pulled(
    world: World, role: Role, leads: bool
) -> None:
    distribution = wheel("de-mo")
    publish(world, distribution)
    file = f"/acme/core/-/files/{distribution.sha256}/{distribution.filename}"
    world.app.get(file, headers=world.as_("mira"))
    world.components.recorder.flush()
    address = "/acme/core/-/activity?action=file.pulled&package=de-mo"
    world.user("olga", password=PASSWORD)
    world.member("acme/core", "olga", role)
    signed_in(world, "olga")
    assert (address in hrefs(visit(world, "/acme/core/de-mo/"))) is leads
    shown = visit(world, address, status=200 if leads else 403)
    assert ("mira pulled" in main_text(shown)) is leads


def test_the_sections_are_named_in_their_order(world: World) -> None:
    publish(world, wheel("demo"))
    page = visit(world, "/acme/core/demo/")
    named = [link["href"][1:] for link in page.html.select("nav.sections a")]
    assert named == [part["id"] for part in page.html.find_all(id=named)]


def test_what_stands_for_the_token_is_told_where_it_stands(world: World) -> None:
    publish(world, wheel("demo"), visibility="private")
    world.user("olga", password=PASSWORD)
    world.member("acme/core", "olga", Role.REPORTER)
    signed_in(world, "olga")
    panel = visit(world, "/acme/core/demo/").html.find("section", class_="panel")
    assert "in the place of YOUR_TOKEN" in " ".join(panel.details.get_text().split())
    panel.details.decompose()
    assert "YOUR_TOKEN" not in panel.get_text()


def test_a_page_costs_the_same_queries_for_few_and_for_many(world: World) -> None:
    publish(world, wheel("demo", "1.0"))
    with statements(world) as few:
        visit(world, "/acme/core/demo/")
    for number in range(10):
        world.upload("acme/core", wheel("demo", "1.0", build=str(number + 1)), world.as_("mira"))
        world.upload("acme/core", wheel("demo", f"0.{number}"), world.as_("mira"))
    with statements(world) as many:
        visit(world, "/acme/core/demo/")
    assert len(many) == len(few) <= 9
