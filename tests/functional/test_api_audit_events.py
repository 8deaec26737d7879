"""The audit log in the JSON API: who reads it, what it says, paging, and JSON Lines."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from webtest import TestResponse

from pyregistry.authnz.identity import Actor
from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.events.actions import Action
from pyregistry.events.models import Event
from tests.factories.audit import happened, happened_often
from tests.factories.distributions import sdist
from tests.factories.world import World
from tests.functional.support import browser, sentence_of, signed_in_app, statements

pytestmark = pytest.mark.thorough

INSTANCE = "/api/v4/audit_events"
GROUP = "/api/v4/groups/acme/audit_events"
TEAM = "/api/v4/groups/acme%2Fteam/audit_events"
PROJECT = "/api/v4/projects/acme%2Fteam%2Fcore/audit_events"
PLACES = {"group": GROUP, "subgroup": TEAM, "project": PROJECT}
EVERYWHERE = {"instance": INSTANCE, **PLACES}


@pytest.fixture(autouse=True)
def _tree(world: World) -> None:
    """A private group with a subgroup, and an Owner of each namespace."""
    world.group("acme")
    world.group("acme/team")
    world.project("acme/team/core")
    world.member("acme", "olga", Role.OWNER)
    world.member("acme/team", "teo", Role.OWNER)
    world.member("acme/team/core", "pia", Role.OWNER)
    world.user("root", is_admin=True, is_external=True)


def read(world: World, address: str, who: str = "root", status: int = 200) -> Any:
    """The body of an answer, or the sentence of a refusal."""
    response = world.app.get(address, headers=world.as_(who), status=status)
    return sentence_of(response) if status >= 400 else response.json


def ids(events: list[dict[str, Any]]) -> list[int]:
    return [event["id"] for event in events]


def next_page(response: TestResponse) -> str | None:
    """The address that the Link header leads to."""
    link = response.headers.get("Link")
    if link is None:
        return None
    assert link.startswith("<http://localhost/")
    assert link.endswith('>; rel="next"')
    return link[1:].partition(">")[0].removeprefix("http://localhost")


def test_an_event_as_gitlab_has_it(world: World) -> None:
    olga, teo = world.users["olga"], world.users["teo"]
    headers = {**world.as_("olga"), "User-Agent": "curl/8"}
    address = f"/api/v4/groups/acme%2Fteam/members/{teo}"
    world.app.put(address, {"access_level": "40"}, headers=headers, status=200)
    [event] = read(world, f"{TEAM}?action=member.changed", "olga")
    assert event == {
        "id": event["id"],
        "author_id": olga,
        "entity_id": event["entity_id"],
        "entity_type": "Group",
        "event_name": "member_changed",
        "details": {
            "user_id": teo,
            "username": "teo",
            "author_name": "olga",
            "ip_address": "192.0.2.7",
            "entity_path": "acme/team",
        },
        "created_at": "2026-11-23T12:00:00.000Z",
        "action": "member.changed",
        "author_name": "olga",
        "credential_kind": "personal_access_token",
        "credential_name": "token of olga",
        "address": "192.0.2.7",
        "user_agent": "curl/8",
        "namespace_path": "acme/team",
        "package": None,
        "version": None,
        "filename": None,
        "before": {"access_level": 50, "expires_at": None},
        "after": {"access_level": 40, "expires_at": None},
    }
    assert read(world, f"{TEAM}/{event['id']}", "olga") == event
    assert read(world, f"{INSTANCE}/{event['id']}") == event
    assert read(world, f"{PROJECT}/{event['id']}", "pia", 404).startswith("Not found")


def test_a_push_and_a_delete(world: World) -> None:
    world.upload("acme/team/core", sdist())
    [release] = world.app.get(
        "/api/v4/projects/acme%2Fteam%2Fcore/packages", headers=world.as_("pia")
    ).json
    world.app.delete(
        f"/api/v4/projects/acme%2Fteam%2Fcore/packages/{release['id']}", headers=world.as_("pia")
    )
    deleted, file_deleted, pushed = read(world, f"{GROUP}?package=Demo_Package", "olga")
    assert [event["action"] for event in (pushed, file_deleted, deleted)] == [
        "file.pushed",
        "file.deleted",
        "release.deleted",
    ]
    assert (pushed["entity_type"], pushed["package"], pushed["version"]) == (
        "Project",
        "demo-package",
        "1.0",
    )
    assert pushed["details"]["sha256"] == file_deleted["details"]["sha256"] == sdist().sha256


def test_what_has_no_namespace(world: World) -> None:
    happened(world, Action.USER_CHANGED, details={"user_id": 7, "username": "x"})
    happened(world, Action.SETTINGS_CHANGED)
    instance, user, *_ = read(world, INSTANCE)
    assert (instance["entity_type"], instance["entity_id"]) == ("Instance", None)
    assert (user["entity_type"], user["entity_id"]) == ("User", 7)
    for place in PLACES.values():
        assert read(world, f"{place}?action=user.,settings.", "olga") == []


@pytest.mark.parametrize("place", EVERYWHERE)
def test_who_reads_it(world: World, place: str) -> None:
    address = EVERYWHERE[place]
    owners = {
        "instance": {"root"},
        "group": {"root", "olga"},
        "subgroup": {"root", "olga", "teo"},
        "project": {"root", "olga", "teo", "pia"},
    }[place]
    event = happened(world, path=None if place == "instance" else "acme/team/core")
    world.member("acme", "mia", Role.MAINTAINER)
    world.user("stranger")
    for who in ("root", "olga", "teo", "pia", "mia", "stranger"):
        for end in ("", f"/{event}", "?format=jsonl"):
            response = world.app.get(
                address + end, headers=world.as_(who), status="*", expect_errors=True
            )
            if who in owners:
                assert response.status_int == 200
            else:
                sees = place == "instance" or who != "stranger"
                assert response.status_int == (403 if sees else 404), (who, end)
        if who in owners:
            world.app.get(address, headers=world.as_(who, Scope.READ_API), status=200)
    for end in ("", f"/{event}", "/999", "/x"):
        world.app.get(address + end, status=401)


@pytest.mark.parametrize("place", PLACES)
def test_who_may_not_learns_of_no_event(world: World, place: str) -> None:
    event = happened(world, path="acme/team/core")
    world.member("acme", "mia", Role.MAINTAINER)
    address = PLACES[place]
    for who in ("mia", world.user("stranger") and "stranger"):
        answers = {
            world.app.get(f"{address}/{end}", headers=world.as_(who), expect_errors=True).body
            for end in (event, 999, "x")
        }
        assert len(answers) == 1


def test_a_subtree_and_no_more(world: World) -> None:
    top = happened(world, path="acme")
    team = happened(world, path="acme/team")
    core = happened(world, path="acme/team/core")
    asked = "?action=file.pushed"
    assert ids(read(world, GROUP + asked, "olga")) == [core, team, top]
    assert ids(read(world, TEAM + asked, "teo")) == [core, team]
    assert ids(read(world, PROJECT + asked, "pia")) == [core]
    assert ids(read(world, f"{TEAM}{asked}&namespace_path=acme", "teo")) == [core, team]
    for hidden in (top, team):
        read(world, f"{PROJECT}/{hidden}", "pia", 404)


@pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 30, "999999", "%D9%A3"])
def test_no_such_event(world: World, number: str) -> None:
    for address in (INSTANCE, GROUP, PROJECT):
        said = read(world, f"{address}/{number}", status=404)
        assert said == "Not found: there is no event with this id here."


def test_events_cannot_be_changed(world: World) -> None:
    event = happened(world, path="acme")
    for address in (INSTANCE, GROUP, f"{INSTANCE}/{event}", f"{GROUP}/{event}"):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            world.app.request(address, method=method, headers=world.as_("root"), status=405)


def test_following_the_links(world: World) -> None:
    known = [happened(world, path="acme/team/core") for _ in range(5)][::-1]
    headers = world.as_("olga")
    address: str | None = (
        f"{PROJECT}?per_page=2&pagination=keyset&order_by=id&sort=desc&action=file.pushed"
        "&namespace_path=acme%2Fteam&private_token=secret"
    )
    pages = []
    while address is not None:
        response = world.app.get(address, headers=headers, status=200)
        pages.append(ids(response.json))
        address = next_page(response)
        assert "secret" not in (address or "")
        happened(world, path="acme/team/core")
    assert [event for page in pages for event in page] == known
    assert [len(page) for page in pages] == [2, 2, 1]


def test_the_link_keeps_what_was_asked(world: World) -> None:
    for _ in range(3):
        happened(world, path="acme", actor=Actor(username="a&b é"))
    response = world.app.get(
        f"{GROUP}?per_page=1&author_name=a%26b+%C3%A9&action=file.pushed&action[]=member.",
        headers=world.as_("olga"),
    )
    address = next_page(response)
    assert address is not None
    assert parse_qs(urlsplit(address).query) == {
        "per_page": ["1"],
        "author_name": ["a&b é"],
        "action": ["file.pushed"],
        "action[]": ["member."],
        "cursor": [str(response.json[0]["id"])],
    }
    assert len(world.app.get(address, headers=world.as_("olga")).json) == 1


def test_after_an_event_by_its_id(world: World) -> None:
    first, second, third = (happened(world, path="acme") for _ in range(3))
    for name in ("before_id", "cursor"):
        events = read(world, f"{GROUP}?action=file.pushed&{name}={third}", "olga")
        assert ids(events) == [second, first]
    assert read(world, f"{GROUP}?before_id=0", "olga") == []
    assert ids(read(world, f"{GROUP}?action=file.pushed&per_page=3", "olga")) == [
        third,
        second,
        first,
    ]


def test_filters(world: World) -> None:
    pull = happened(world, Action.FILE_PULLED, "acme/team/core", package="demo")
    push = happened(
        world, path="acme", actor=Actor(world.users["teo"], "teo", "deploy_token"), package="other"
    )
    assert pull not in ids(read(world, GROUP, "olga"))
    for query, expected in {
        "action=file.": [push, pull],
        "action=file.pulled": [pull],
        "action=file.pulled,file.pushed": [push, pull],
        "action[]=file.pulled&action[]=file.pushed": [push, pull],
        f"author_id={world.users['teo']}": [push],
        "author_name=TEO": [push],
        "credential_kind=deploy_token": [push],
        "package=Demo&action=file.": [pull],
        "namespace_path=acme%2Fteam&action=file.": [pull],
        "action=file.&created_after=2026-11-23T12:00:00Z": [push, pull],
        "action=file.&created_before=2026-11-23T12:00:00Z": [],
        "action=file.&created_after=2026-11-23&created_before=2026-11-24": [push, pull],
        "action=file.&created_after=2026-11-24": [],
    }.items():
        assert ids(read(world, f"{GROUP}?{query}", "olga")) == expected, query


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("action=member", "action"),
        ("action=", "action"),
        ("action[]=nothing", "action"),
        ("author_id=olga", "author_id"),
        ("author_id=-1", "author_id"),
        ("author_id=" + "9" * 30, "author_id"),
        ("credential_kind=token", "credential_kind"),
        ("created_after=today", "created_after"),
        ("created_before=2026-02-31", "created_before"),
        ("created_before=0001-01-01T00:00%2B23:00", "created_before"),
        ("before_id=x", "before_id"),
        ("cursor=eyJpZCI6NX0", "cursor"),
        ("cursor=5&before_id=5", "before_id"),
        ("per_page=0", "per_page"),
        ("page=2", "page"),
        ("sort=asc", "sort"),
        ("order_by=created_at", "order_by"),
        ("pagination=offset", "pagination"),
        ("format=csv", "format"),
        ("author_name=%00", "NUL"),
        ("author_name=%FF", "UTF-8"),
    ],
)
@pytest.mark.parametrize("end", ["", "&format=jsonl"])
def test_wrong_parameters_are_named(world: World, query: str, named: str, end: str) -> None:
    if end and query.startswith(("per_page", "format")):
        return  # An export has no pages.
    assert named in read(world, f"{GROUP}?{query}{end}", "olga", 400)


def test_texts_that_no_event_has(world: World) -> None:
    for query in ("package=%E2%98%83", "namespace_path=%25", "namespace_path=", "author_name=%27"):
        assert read(world, f"{GROUP}?{query}", "olga") == []


def test_json_lines(world: World) -> None:
    world.clock.advance(days=1)
    happened(world, path="acme", actor=Actor(username="é\u2028\n"))
    listed = read(world, f"{GROUP}?per_page=100", "olga")
    for headers, query, content_type in (
        ({}, "?format=jsonl", "application/jsonl"),
        ({}, "?format=ndjson", "application/x-ndjson"),
        ({"Accept": "application/jsonl"}, "", "application/jsonl"),
        ({"Accept": "application/json;q=0.5, application/x-ndjson"}, "", "application/x-ndjson"),
    ):
        response = world.app.get(GROUP + query, headers={**world.as_("olga"), **headers})
        assert response.headers["Content-Type"] == content_type
        assert response.headers["Content-Disposition"] == (
            'attachment; filename="audit-events.jsonl"'
        )
        assert response.headers["Cache-Control"] == "private, no-cache"
        assert response.headers["Vary"].startswith("Accept, Authorization")
        assert "Link" not in response.headers
        lines = response.body.split(b"\n")
        assert lines.pop() == b""
        assert [json.loads(line) for line in lines] == listed


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", "text/html", "application/jsonl;q=0", "nonsense", ""]
)
def test_json_where_nothing_else_is_wanted(world: World, accept: str) -> None:
    response = world.app.get(GROUP, headers={**world.as_("olga"), "Accept": accept}, status=200)
    assert response.content_type == "application/json"
    assert response.headers["Vary"].startswith("Accept, ")


def test_an_export_has_what_the_filters_choose(world: World) -> None:
    happened_often(world, "acme/team/core", 2500)
    happened(world, path="acme")
    response = world.app.get(
        f"{GROUP}?action=file.&namespace_path=acme/team&format=jsonl", headers=world.as_("olga")
    )
    found = [json.loads(line) for line in response.text.splitlines()]
    assert len(found) == 2500
    assert ids(found) == sorted(ids(found), reverse=True)
    last = found[-2]["id"]
    rest = world.app.get(
        f"{GROUP}?action=file.&format=jsonl&before_id={last}", headers=world.as_("olga")
    )
    assert ids([json.loads(line) for line in rest.text.splitlines()]) == [found[-1]["id"]]


def test_an_export_of_nothing(world: World) -> None:
    response = world.app.get(
        f"{GROUP}?format=jsonl&package=nothing", headers=world.as_("olga"), status=200
    )
    assert response.body == b""


def test_head(world: World) -> None:
    headers = world.as_("olga")
    for query in ("", "?format=jsonl"):
        with statements(world) as executed:
            response = world.app.head(GROUP + query, headers=headers, status=200)
        assert response.body == b""
        assert len(executed) <= 4


@pytest.mark.parametrize("place", EVERYWHERE)
def test_queries(world: World, place: str) -> None:
    """The same for a few events and for many."""
    costs = []
    headers = world.as_("root")
    for count in (3, 500):
        happened_often(world, "acme/team/core", count)
        with statements(world) as executed:
            world.app.get(f"{EVERYWHERE[place]}?action=file.&per_page=100", headers=headers)
        costs.append(len(executed))
    assert costs[0] == costs[1] <= 3


def test_a_browser_session_reads_it(world: World) -> None:
    app = signed_in_app(world, "ada")
    world.member("acme", "ada", Role.OWNER)
    assert app.get(GROUP, status=200).json
    app.get(INSTANCE, status=403)


def test_a_sign_in_is_told(world: World) -> None:
    world.user("ada", password="correct horse battery staple")
    browser(world, "ada")
    event, *_ = read(world, INSTANCE)
    assert (event["action"], event["author_name"]) == ("user.signed_in", "ada")
    assert (event["entity_type"], event["credential_kind"]) == ("Instance", "password")


def test_a_header_that_no_column_takes(world: World) -> None:
    dora = world.user("dora")
    headers = {**world.as_("olga"), "User-Agent": "a\x00b" + "c" * 999}
    form = {"user_id": str(dora), "access_level": "10"}
    world.app.post("/api/v4/groups/acme/members", form, headers=headers, status=201)
    [event] = (event for event in world.events() if event.action == "member.added")
    assert event.user_agent == ("ab" + "c" * 999)[: Event.user_agent.type.length]
