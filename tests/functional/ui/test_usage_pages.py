"""The pages of usage: charts with their numbers, the packages used most, and CSV."""

import csv
from io import StringIO

import pytest

from pyregistry.authnz.roles import Role
from pyregistry.events.counted import CountedAction
from pyregistry.usage.services.copies import Copy, count_copies
from tests.factories.distributions import Distribution, sdist
from tests.factories.world import PASSWORD, World
from tests.functional.support import project_row, statements
from tests.functional.ui.browsing import hrefs, main_text, signed_in, visit

PROJECT = "/acme/core/-/usage"
GROUP = "/acme/-/usage"
ALL = "/-/admin/usage"


@pytest.fixture(autouse=True)
def _tree(world: World) -> None:
    """A private group with two projects, an administrator, and a Reporter of one project."""
    world.group("acme")
    world.project("acme/core")
    world.project("acme/more")
    world.user("ada", is_admin=True, password=PASSWORD)
    world.user("rob", password=PASSWORD)
    world.member("acme/core", "rob", Role.REPORTER)


def use(world: World, path: str, distribution: Distribution, pulls: int) -> None:
    """Publish a file and pull it so often."""
    headers = world.as_("ada")
    world.upload(path, distribution, headers)
    file = f"{distribution.sha256}/{distribution.filename}"
    for _ in range(pulls):
        world.app.get(f"/{path}/-/files/{file}", headers=headers)
    world.components.recorder.flush()


def rows(world: World, address: str) -> list[list[str]]:
    """A table of CSV."""
    response = world.app.get(address)
    assert response.content_type == "text/csv"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert 'attachment; filename="usage-' in response.headers["Content-Disposition"]
    return list(csv.reader(StringIO(response.text)))


def test_a_project_shows_charts_with_their_numbers(world: World) -> None:
    use(world, "acme/core", sdist("demo"), 3)
    project = project_row(world, "acme/core").id
    with world.components.database.writing() as session:
        today = world.clock().date()
        count_copies(session, [Copy(project, "", today, CountedAction.SETUP_COPIED)])
    signed_in(world, "rob")
    page = visit(world, PROJECT)
    charts = page.html.find_all("svg", class_="chart-plot")
    assert [chart.find("title").get_text() for chart in charts] == [
        "Files pulled",
        "Files pushed",
        "Files deleted",
        "Setup commands copied",
        "Install commands copied",
    ]
    assert charts[0].find("desc").get_text() == (
        "pulls: 3 from 25 Oct 2026 to 23 Nov 2026. The most, 3, on 23 Nov 2026."
    )
    numbers = page.html.find("details", class_="chart-numbers").find_all("tr")
    assert len(numbers) == 31
    assert numbers[1].get_text(" ", strip=True) == "23 Nov 2026 3"
    assert numbers[2].get_text(" ", strip=True) == "22 Nov 2026 0"
    totals = page.html.find_all("span", class_="chart-total")
    assert [total.get_text() for total in totals] == ["3", "1", "0", "1", "0"]
    assert "style=" not in page.text


def test_the_tab_leads_there(world: World) -> None:
    signed_in(world, "rob")
    assert {PROJECT} <= hrefs(visit(world, "/acme/core/"))
    assert {GROUP} <= hrefs(visit(world, "/acme/"))


def test_a_period_is_chosen_in_the_address(world: World) -> None:
    use(world, "acme/core", sdist("demo"), 2)
    world.clock.advance(days=10)
    use(world, "acme/core", sdist("other"), 1)
    signed_in(world, "rob")
    week = visit(world, PROJECT).click("^7 days$")
    assert week.html.find("span", class_="chart-total").get_text() == "1"
    assert week.html.find("a", attrs={"aria-current": "true"}).get_text() == "7 days"
    form = week.forms["usage-period"]
    form["from"], form["to"] = "2026-11-23", "2026-11-23"
    day = form.submit()
    assert "from=2026-11-23" in day.request.url
    assert day.html.find("span", class_="chart-total").get_text() == "2"
    # A year is drawn by week.
    year = visit(world, f"{PROJECT}?days=365")
    assert "by week" in main_text(year)
    assert len(year.body) < 100_000


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_the_first_and_the_last_of_all_years(world: World, year: str) -> None:
    signed_in(world, "rob")
    visit(world, f"{PROJECT}?from={year}-01-01&to={year}-12-31")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("days=12", "days must be one of"),
        ("days=%C2%B2", "days must be one of"),
        ("from=nonsense", "from"),
        ("from=2026-02-30", "from"),
        ("from=2026-05-02&to=2026-05-01", "before the first one (from)"),
        ("from=2020-01-01&to=2026-01-01", "366 days apart"),
    ],
)
def test_a_period_that_is_none(world: World, query: str, sentence: str) -> None:
    """The form again, with what was typed, and why."""
    signed_in(world, "rob")
    page = visit(world, f"{PROJECT}?{query}&package=demo", status=400)
    assert sentence in page.html.find(role="alert").get_text()
    assert page.forms["usage-period"]["package"].value == "demo"
    assert not page.html.find_all("svg", class_="chart-plot")
    assert world.app.get(f"{PROJECT}/csv?{query}", status=400)


def test_the_packages_that_are_pulled_most(world: World) -> None:
    use(world, "acme/core", sdist("demo"), 1)
    use(world, "acme/core", sdist("other"), 3)
    use(world, "acme/more", sdist("demo"), 2)
    signed_in(world, "ada")
    table = visit(world, GROUP).html.find("table", class_="numbers")
    lines = [row.get_text(" ", strip=True) for row in table.tbody.find_all("tr")]
    assert lines == [
        "other acme/core 3 1 0",
        "demo acme/more 2 1 0",
        "demo acme/core 1 1 0",
    ]
    one = visit(world, ALL).click("^other$")
    assert one.html.find("span", class_="chart-total").get_text() == "3"
    assert main_text(one).count("acme/core") == 1


def test_a_group_counts_what_its_visitor_may_see(world: World) -> None:
    use(world, "acme/core", sdist("demo"), 1)
    use(world, "acme/more", sdist("hidden"), 5)
    signed_in(world, "rob")
    page = visit(world, GROUP)
    assert page.html.find("span", class_="chart-total").get_text() == "1"
    assert "hidden" not in main_text(page)
    assert rows(world, f"{GROUP}/csv?by=package")[1:] == [["acme/core", "", "demo", *"11000"]]


def test_a_group_counts_what_is_copied_from_its_own_page(world: World) -> None:
    use(world, "acme/core", sdist("demo"), 1)
    group = project_row(world, "acme").id
    with world.components.database.writing() as session:
        today = world.clock().date()
        count_copies(session, [Copy(group, "", today, CountedAction.SETUP_COPIED)] * 2)
    signed_in(world, "rob")
    totals = visit(world, GROUP).html.find_all("span", class_="chart-total")
    assert [total.get_text() for total in totals] == ["1", "1", "0", "2", "0"]
    assert rows(world, f"{GROUP}/csv?by=package")[1:] == [
        ["", "acme", "", *"00020"],
        ["acme/core", "", "demo", *"11000"],
    ]
    assert rows(world, f"{GROUP}/csv?days=7")[-1] == ["2026-11-23", *"11020"]
    assert rows(world, f"{PROJECT}/csv?days=7")[-1] == ["2026-11-23", *"11000"]
    world.app.reset()
    signed_in(world, "ada")
    assert rows(world, f"{ALL}/csv?days=7")[-1] == ["2026-11-23", *"11020"]


def test_as_csv(world: World) -> None:
    use(world, "acme/core", sdist("demo"), 2)
    world.clock.advance(days=1)
    use(world, "acme/core", sdist("other"), 1)
    signed_in(world, "rob")
    heading = [
        "file.pulled",
        "file.pushed",
        "file.deleted",
        "command.setup_copied",
        "command.install_copied",
    ]
    assert rows(world, f"{PROJECT}/csv?from=2026-11-22&to=2026-11-24") == [
        ["day", *heading],
        ["2026-11-22", *"00000"],
        ["2026-11-23", *"21000"],
        ["2026-11-24", *"11000"],
    ]
    assert rows(world, f"{PROJECT}/csv?by=package&days=7") == [
        ["project", "group", "package", *heading],
        ["acme/core", "", "demo", *"21000"],
        ["acme/core", "", "other", *"11000"],
    ]
    assert rows(world, f"{PROJECT}/csv?by=package&package=Other")[1:] == [
        ["acme/core", "", "other", *"11000"]
    ]
    world.app.reset()
    signed_in(world, "ada")
    assert rows(world, f"{ALL}/csv?days=7")[-1] == ["2026-11-24", *"11000"]


def test_a_table_by_what_there_is_not(world: World) -> None:
    signed_in(world, "rob")
    page = visit(world, f"{PROJECT}/csv?by=packages", status=400)
    assert "by must be one of: day, package" in main_text(page)


def test_links_to_csv_keep_the_period(world: World) -> None:
    signed_in(world, "rob")
    page = visit(world, f"{PROJECT}?from=2026-11-01&to=2026-11-05&package=demo")
    query = "from=2026-11-01&to=2026-11-05&package=demo"
    assert f"{PROJECT}/csv?{query}" in hrefs(page)
    assert f"{PROJECT}/csv?by=package&{query}" in hrefs(page)


def test_who_may_not(world: World) -> None:
    """Hidden projects are not there; the instance's is for administrators."""
    world.app.get(PROJECT, headers={"Accept": "text/html"}, status=303)
    world.user("eve", password=PASSWORD)
    signed_in(world, "eve")
    hidden = visit(world, PROJECT, status=404)
    nothing = visit(world, "/acme/nothing/-/usage", status=404)
    assert hidden.body == nothing.body.replace(b"/acme/nothing/", b"/acme/core/")
    visit(world, ALL, status=403)
    world.app.get(f"{ALL}/csv", status=403)
    world.app.get(f"{PROJECT}/csv", status=404)


def test_the_number_of_queries_does_not_grow(world: World) -> None:
    use(world, "acme/core", sdist("demo"), 1)
    signed_in(world, "ada")
    visit(world, GROUP)
    with statements(world) as few:
        visit(world, GROUP)
    for number in range(5):
        use(world, "acme/more", sdist(f"package-{number}"), 1)
    with statements(world) as many:
        visit(world, GROUP)
    assert len(many) == len(few)
