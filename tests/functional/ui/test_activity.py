"""The pages of what was done, by whom."""

from typing import Any

import pytest

from pyregistry.authnz.identity import Actor
from pyregistry.authnz.roles import Role
from pyregistry.events.actions import Action
from tests.factories.audit import happened
from tests.factories.world import PASSWORD, World
from tests.functional.support import statements
from tests.functional.ui.browsing import hrefs, main_text, signed_in, visit

PROJECT = "/acme/core/-/activity"
GROUP = "/acme/-/activity"
ALL = "/-/admin/activity"


@pytest.fixture(autouse=True)
def _tree(world: World) -> None:
    """A group with two projects, its Owner, and an administrator."""
    world.project("acme/core")
    world.project("acme/more")
    world.user("root", is_admin=True, password=PASSWORD)
    world.user("ada", password=PASSWORD)
    world.member("acme", "ada", Role.OWNER)


def member_added(world: World, path: str, by: str = "ada", whom: str = "bert") -> int:
    """Record that somebody was made a Developer."""
    return happened(
        world,
        Action.MEMBER_ADDED,
        path,
        actor=Actor(user_id=world.users[by], username=by),
        details={
            "user_id": 99,
            "username": whom,
            "before": None,
            "after": {"access_level": 30, "expires_at": None},
        },
    )


def sentences(page: Any) -> list[str]:
    """The events of a page in words, newest first."""
    found = page.html.find_all("p", class_="event-sentence")
    return [" ".join(sentence.get_text().split()) for sentence in found]


def test_events_are_told_in_sentences(world: World) -> None:
    member_added(world, "acme/core")
    happened(world, Action.FILE_PULLED, "acme/core", package="demo")
    happened(
        world,
        Action.FILE_PUSHED,
        "acme/core",
        package="demo",
        version="1.0",
        filename="demo-1.0.tar.gz",
        actor=Actor(username="robot", credential_kind="deploy_token", credential_name="release"),
    )
    signed_in(world, "ada")
    page = visit(world, PROJECT)
    assert sentences(page)[:2] == [
        "The deploy token robot published demo-1.0.tar.gz of demo 1.0",
        "ada added bert as Developer",
    ]
    assert "with deploy token release" in main_text(page)
    assert "Role Developer" in main_text(page)
    assert page.html.find("time")["datetime"] == "2026-11-23T12:00:00+00:00"
    # What the test began with was done in no browser.
    assert sentences(page)[-1].endswith("created the project acme/core")


def test_a_group_tells_of_everything_in_it(world: World) -> None:
    member_added(world, "acme/core", whom="bert")
    member_added(world, "acme/more", whom="carl")
    signed_in(world, "ada")
    page = visit(world, GROUP)
    assert sentences(page)[:2] == ["ada added carl as Developer", "ada added bert as Developer"]
    assert "in acme/more" in main_text(page)
    assert {PROJECT} <= hrefs(visit(world, "/acme/core/"))


def test_the_instance_tells_of_users(world: World) -> None:
    signed_in(world, "root")
    page = visit(world, ALL)
    assert sentences(page)[0] == "root signed in"
    page = visit(world, f"{ALL}?action=user.created")
    assert sentences(page)[0].endswith("created the user ada")


def test_filters_stand_in_the_address(world: World) -> None:
    member_added(world, "acme/core", by="ada", whom="bert")
    member_added(world, "acme/core", by="root", whom="carl")
    world.clock.advance(days=2)
    happened(world, Action.RELEASE_YANKED, "acme/core", package="demo", version="1.0")
    signed_in(world, "ada")
    form = visit(world, PROJECT).forms["activity-filter"]
    form["action"], form["author"] = "member.added", "ROOT"
    page = form.submit()
    assert "action=member.added&author=ROOT" in page.request.url
    assert sentences(page) == ["root added carl as Developer"]
    assert page.forms["activity-filter"]["author"].value == "ROOT"
    assert sentences(visit(world, f"{PROJECT}?package=Demo"))[0].endswith("yanked demo 1.0")
    assert len(sentences(visit(world, f"{PROJECT}?from=2026-11-24"))) == 1
    first_day = sentences(visit(world, f"{PROJECT}?from=2026-11-23&to=2026-11-23"))
    assert "root added carl as Developer" in first_day
    assert not any("yanked" in sentence for sentence in first_day)
    assert "No event is like that." in main_text(visit(world, f"{PROJECT}?author=nobody"))


def test_pulls_are_shown_to_who_asks_for_them(world: World) -> None:
    happened(world, Action.FILE_PULLED, "acme/core", package="demo", version="1.0")
    signed_in(world, "ada")
    assert not any("pulled" in sentence for sentence in sentences(visit(world, PROJECT)))
    assert len(sentences(visit(world, f"{PROJECT}?action=file.pulled"))) == 1


def test_pages_go_by_key(world: World) -> None:
    for number in range(55):
        member_added(world, "acme/core", whom=f"user-{number}")
    signed_in(world, "ada")
    first = visit(world, f"{PROJECT}?action=member.added&author=ada")
    assert len(sentences(first)) == 50
    member_added(world, "acme/core", whom="meanwhile")
    with statements(world) as made:
        second = first.click("Next page")
    assert sentences(second) == [
        f"ada added user-{number} as Developer" for number in (4, 3, 2, 1, 0)
    ]
    assert "action=member.added" in second.request.url
    assert sentences(second.click("First page"))[0] == "ada added meanwhile as Developer"
    with statements(world) as few:
        visit(world, f"{PROJECT}?package=none")
    assert len(made) == len(few)


@pytest.mark.parametrize(
    "query",
    [
        "action=nonsense",
        "action=%3Cscript%3E",
        "from=nonsense",
        "to=2026-02-30",
        "from=2026-05-02&to=2026-05-01",
    ],
)
def test_what_cannot_be_asked_for(world: World, query: str) -> None:
    signed_in(world, "ada")
    page = visit(world, f"{PROJECT}?{query}&author=bert", status=400)
    assert page.html.find(role="alert")
    assert page.forms["activity-filter"]["author"].value == "bert"
    assert "<script>" not in page.text
    assert not sentences(page)


@pytest.mark.parametrize("before", ["x", "-1", "99999999999999999999"])
def test_a_part_that_is_not_there_leads_to_the_beginning(world: World, before: str) -> None:
    member_added(world, "acme/core")
    signed_in(world, "ada")
    page = visit(world, f"{PROJECT}?author=ada&before={before}", status=400)
    assert "This part of the list is not there" in main_text(page)
    assert sentences(page.click("Go to the first page of the list")) == [
        "ada added bert as Developer"
    ]


def test_the_end_of_days(world: World) -> None:
    signed_in(world, "ada")
    assert sentences(visit(world, f"{PROJECT}?from=0001-01-01&to=9999-12-31"))


def test_the_export_has_the_same_events(world: World) -> None:
    member_added(world, "acme/core")
    happened(world, Action.RELEASE_YANKED, "acme/core", package="demo")
    signed_in(world, "ada")
    page = visit(world, f"{PROJECT}?action=member.added&from=2026-11-23&to=2026-11-23&author=ada")
    (link,) = (href for href in hrefs(page) if "audit_events" in href)
    lines = world.app.get(link).text.splitlines()
    assert len(lines) == 1
    assert "member.added" in lines[0]


def test_hostile_text_is_text(world: World) -> None:
    details = {"name": "<img src=x onerror=alert(1)>", "kind": "\u202egpj.exe", "<b>": "<b>"}
    happened(world, Action.TOKEN_CREATED, "acme/core", details=details)
    signed_in(world, "ada")
    page = visit(world, PROJECT)
    assert not page.html.main.find_all(["img", "b", "script"])
    assert "<img src=x onerror=alert(1)>" in sentences(page)[0]


def test_who_may_not(world: World) -> None:
    """Below Owner one sees the project, and not what is done there."""
    world.app.get(PROJECT, headers={"Accept": "text/html"}, status=303)
    world.user("max", password=PASSWORD)
    world.member("acme/core", "max", Role.MAINTAINER)
    signed_in(world, "max")
    visit(world, PROJECT, status=403)
    visit(world, "/acme/more/-/activity", status=404)
    visit(world, ALL, status=403)
