"""How often packages were pushed, pulled and deleted, by day, by package, and added up."""

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.events.counted import CountedAction
from pyregistry.events.models import UsageCount, UsageTotal
from pyregistry.usage.services.copies import Copy, count_copies
from tests.factories.distributions import Distribution, sdist
from tests.factories.switches import turn
from tests.factories.world import World
from tests.functional.support import (
    browser,
    contents,
    project_row,
    send_json,
    sentence_of,
    signed_in_app,
    statements,
)

OF_PROJECT = "/api/v4/projects/acme%2Fcore/usage"
OF_GROUP = "/api/v4/groups/acme/usage"
OF_ALL = "/api/v4/usage"
TODAY = "2026-11-23"
Rows = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def _tree(world: World) -> None:
    """A private group with two projects, an administrator, and a Reporter of one project."""
    world.group("acme")
    world.project("acme/core")
    world.project("acme/more")
    world.user("ada", is_admin=True)
    world.member("acme/core", "rob", Role.REPORTER)


def publish(world: World, path: str, *distributions: Distribution) -> None:
    headers = world.as_("ada")
    for distribution in distributions:
        world.upload(path, distribution, headers)


def pull(world: World, path: str, distribution: Distribution, times: int = 1) -> None:
    headers = world.as_("ada")
    for _ in range(times):
        file = f"{distribution.sha256}/{distribution.filename}"
        world.app.get(f"/{path}/-/files/{file}", headers=headers)
    world.components.recorder.flush()


def usage(world: World, address: str, who: str = "ada", **query: object) -> Rows:
    rows: Rows = world.app.get(address, query, headers=world.as_(who)).json
    return rows


def test_counts_of_a_project(world: World) -> None:
    demo, other = sdist("Demo_Package"), sdist("other")
    publish(world, "acme/core", demo, other)
    pull(world, "acme/core", demo, 3)
    world.clock.advance(days=1)
    pull(world, "acme/core", demo)
    pull(world, "acme/core", other)
    assert usage(world, OF_PROJECT, "rob") == [
        {"day": TODAY, "action": "file.pulled", "count": 3},
        {"day": TODAY, "action": "file.pushed", "count": 2},
        {"day": "2026-11-24", "action": "file.pulled", "count": 2},
    ]
    project_id = usage(world, OF_PROJECT, by="package")[0]["project_id"]
    assert usage(world, OF_PROJECT, "rob", by="package") == [
        {
            "package": package,
            "project_id": project_id,
            "group_id": None,
            "action": action,
            "count": count,
        }
        for package, action, count in (
            ("demo-package", "file.pulled", 4),
            ("demo-package", "file.pushed", 1),
            ("other", "file.pulled", 1),
            ("other", "file.pushed", 1),
        )
    ]
    assert usage(world, OF_PROJECT, by="action") == [
        {"action": "file.pulled", "count": 5},
        {"action": "file.pushed", "count": 2},
    ]
    assert usage(world, OF_PROJECT, by="action", package="DEMO.package", action="file.pulled") == [
        {"action": "file.pulled", "count": 4}
    ]
    assert usage(world, OF_PROJECT, package="other", to=TODAY) == [
        {"day": TODAY, "action": "file.pushed", "count": 1}
    ]
    assert usage(world, OF_PROJECT, by="action", **{"from": "2026-11-24"}) == [
        {"action": "file.pulled", "count": 2}
    ]
    assert usage(world, OF_PROJECT, package="no-such-package") == []


def test_the_last_thirty_days_by_default(world: World) -> None:
    publish(world, "acme/core", sdist())
    world.clock.advance(days=29)
    assert usage(world, OF_PROJECT) == [{"day": TODAY, "action": "file.pushed", "count": 1}]
    world.clock.advance(days=1)
    assert usage(world, OF_PROJECT) == []
    assert usage(world, OF_PROJECT, **{"from": TODAY}) != []
    world.clock.advance(days=1000)
    assert usage(world, OF_PROJECT, **{"from": TODAY}) != []


def test_counts_of_a_group_are_of_what_one_may_read(world: World) -> None:
    here, there = sdist("here"), sdist("there")
    publish(world, "acme/core", here)
    publish(world, "acme/more", there)
    world.group("acme/team", "private")
    world.project("acme/team/open", anyone_can_pull=True)
    publish(world, "acme/team/open", sdist("open"))
    world.group("other")
    world.project("other/lib")
    publish(world, "other/lib", sdist("elsewhere"))

    def seen_by(who: str, address: str = OF_GROUP) -> list[str]:
        return [row["package"] for row in usage(world, address, who, by="package")]

    assert seen_by("ada") == ["here", "there", "open"]
    assert seen_by("rob") == ["here"]
    world.member("acme", "gus", Role.GUEST)
    assert seen_by("gus") == []
    world.member("acme", "olga", Role.OWNER)
    assert seen_by("olga") == ["here", "there", "open"]
    assert seen_by("ada", OF_ALL) == ["here", "there", "open", "elsewhere"]
    assert usage(world, OF_GROUP, "rob", by="action") == [{"action": "file.pushed", "count": 1}]
    assert usage(world, OF_ALL, by="action") == [{"action": "file.pushed", "count": 4}]
    assert usage(world, OF_GROUP, package="there", by="action") != []
    assert usage(world, OF_GROUP, "rob", package="there", by="action") == []
    turn(world, "acme/more", on=False)
    assert seen_by("ada") == ["here", "open"]
    assert usage(world, OF_GROUP, by="action") == [{"action": "file.pushed", "count": 2}]


def copied_in(world: World, *paths: str) -> dict[str, int]:
    """A copy from the page of each group; the ids of the groups."""
    day, groups = world.clock().date(), {path: project_row(world, path).id for path in paths}
    with world.components.database.writing() as session:
        for group in groups.values():
            count_copies(session, [Copy(group, "", day, CountedAction.SETUP_COPIED)])
    return groups


def test_a_group_counts_for_whoever_sees_it(world: World) -> None:
    world.group("acme/team")
    world.project("acme/team/lib")
    world.group("acme/beside")
    world.group("open", "public")
    ids = copied_in(world, "acme", "acme/team", "acme/beside", "open")
    world.member("acme", "gus", Role.GUEST)
    world.member("acme/team/lib", "lea", Role.GUEST)

    def seen_by(who: str, address: str = OF_GROUP) -> list[str]:
        rows = usage(world, address, who, by="package")
        assert {(row["package"], row["project_id"], row["count"]) for row in rows} <= {
            (None, None, 1)
        }
        return [path for path, number in ids.items() if number in {r["group_id"] for r in rows}]

    assert seen_by("gus") == ["acme", "acme/team", "acme/beside"]
    # Who is a member of something in a group sees the way there.
    assert seen_by("lea") == ["acme", "acme/team"]
    assert seen_by("rob") == ["acme"]
    assert seen_by("ada", OF_ALL) == list(ids)
    assert usage(world, OF_GROUP, "gus") == [
        {"day": TODAY, "action": "command.setup_copied", "count": 3}
    ]
    assert usage(world, OF_GROUP, "rob", by="action", action="command.setup_copied") == [
        {"action": "command.setup_copied", "count": 1}
    ]
    assert usage(world, OF_GROUP, "gus", package="demo", by="action") == []
    turn(world, "acme/team", on=False)
    assert seen_by("gus") == ["acme", "acme/beside"]


def test_a_project_counts_nothing_of_its_group(world: World) -> None:
    copied_in(world, "acme")
    assert usage(world, OF_PROJECT) == []


def test_the_counts_of_a_group_move_and_go_with_it(world: World) -> None:
    world.group("acme/team")
    world.group("other")
    copied_in(world, "acme/team", "other")
    ada = world.as_("ada")
    world.app.post_json(
        f"/api/v4/groups/{project_row(world, 'acme/team').id}/transfer",
        {"group_id": project_row(world, "other").id},
        headers=ada,
    )
    assert usage(world, OF_GROUP) == []
    total = [{"action": "command.setup_copied", "count": 2}]
    assert usage(world, "/api/v4/groups/other/usage", by="action") == total
    world.app.delete("/api/v4/groups/other%2Fteam", headers=ada)
    assert usage(world, "/api/v4/groups/other/usage", by="action")[0]["count"] == 1
    world.app.delete("/api/v4/groups/other", headers=ada)
    assert world.count(UsageCount) == world.count(UsageTotal) == 0


def test_where_it_is_turned_off_there_are_no_counts(world: World) -> None:
    world.member("acme", "olga", Role.OWNER)
    turn(world, "acme", on=False)
    for address in (OF_PROJECT, OF_GROUP):
        world.app.get(address, headers=world.as_("olga"), status=404)


def test_who_may_not(world: World) -> None:
    world.member("acme/more", "gus", Role.GUEST)
    world.app.get(OF_PROJECT, status=401)
    world.app.get(OF_PROJECT, headers=world.as_("gus"), status=404)
    world.app.get("/api/v4/projects/acme%2Fmore/usage", headers=world.as_("gus"), status=403)
    world.app.get(OF_ALL, headers=world.as_("rob"), status=403)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("from=yesterday", "from"),
        ("to=2026-02-30", "to"),
        ("from=2026-11-02&to=2026-11-01", "to"),
        ("from=2025-01-01&to=2026-01-02", "from and to"),
        ("by=week", "by"),
        ("action=file.eaten", "action"),
        ("action=member.added", "action"),
        ("package=a%ED%A0%80b", "UTF-8"),
        ("per_page=0", "per_page"),
        ("pagination=keyset&cursor=nonsense", "cursor"),
        ("pagination=keyset&cursor=WyJub25lIiwgIngiXQ", "cursor"),
    ],
)
def test_nonsense_is_named(world: World, query: str, named: str) -> None:
    for address in (OF_PROJECT, OF_GROUP, OF_ALL):
        headers = world.as_("ada")
        refused = world.app.get(f"{address}?{query}", headers=headers, status=400)
        assert named in sentence_of(refused)


@pytest.mark.parametrize("by", ["day", "package", "action"])
@pytest.mark.parametrize("address", [OF_PROJECT, OF_GROUP, OF_ALL])
def test_every_way_to_page_gives_the_same(world: World, by: str, address: str) -> None:
    for number in range(3):
        publish(world, "acme/core", sdist(f"demo-{number}"))
        publish(world, "acme/more", sdist(f"demo-{number}"))
        world.clock.advance(days=1)
    pull(world, "acme/core", sdist("demo-0"))
    headers = world.as_("ada")
    everything = usage(world, address, by=by)
    whole = world.app.get(f"{address}?by={by}", headers=headers)
    assert whole.headers["X-Total"] == str(len(everything))
    for pagination in ("offset", "keyset"):
        found: Rows = []
        following = f"{address}?by={by}&per_page=1&pagination={pagination}"
        while following:
            response = world.app.get(following, headers=headers)
            found += response.json
            links = {
                link.split('rel="')[1].rstrip('"'): link.split(">")[0].lstrip("<")
                for link in response.headers.get("Link", "").split(", ")
                if link
            }
            following = links.get("next", "")
        assert found == everything


def test_a_read_costs_the_same_however_much_there_is(world: World) -> None:
    def cost(query: str) -> int:
        headers = world.as_("ada")
        with statements(world) as executed:
            world.app.get(f"{OF_GROUP}?{query}", headers=headers)
        return len(executed)

    queries = [f"by={by}&per_page=1" for by in ("day", "package", "action")]
    for path in ("acme/core", "acme/more"):
        publish(world, path, sdist("first"))
        pull(world, path, sdist("first"))
    before = [cost(query) for query in queries]
    for number in range(4):
        world.project(f"acme/p{number}")
        publish(world, f"acme/p{number}", sdist(f"demo-{number}"))
    assert [cost(query) for query in queries] == before


def test_totals_are_the_sums_of_counts(world: World) -> None:
    demo = sdist()
    publish(world, "acme/core", demo, sdist("other"))
    pull(world, "acme/core", demo, 2)
    world.clock.advance(days=1)
    pull(world, "acme/core", demo)
    copy(world, 204, action="command.install_copied", package="other")
    with world.components.database.reading() as session:
        counts: Counter[tuple[object, ...]] = Counter()
        for row in session.scalars(select(UsageCount)):
            counts[row.namespace_id, row.day, row.action] += row.count
        totals = {
            (row.namespace_id, row.day, row.action): row.count
            for row in session.scalars(select(UsageTotal))
        }
    assert totals == counts
    assert len(totals) == 4


def copy(world: World, status: int, who: str = "rob", **parameters: object) -> Any:
    """Tell that a command was copied; the sentence of a refusal."""
    found = send_json(world, "POST", OF_PROJECT, world.as_(who), status, **parameters)
    world.components.recorder.flush()
    return found


def test_copies_of_commands_are_counted(world: World) -> None:
    publish(world, "acme/core", sdist("demo"))
    events = len(world.events())
    copy(world, 204, action="command.setup_copied")
    copy(world, 204, action="command.setup_copied", package="demo")
    copy(world, 204, action="command.install_copied", package="DEMO")
    copy(world, 204, action="command.install_copied", package="demo")
    rows = usage(world, OF_PROJECT, by="package")
    assert [(row["package"], row["action"], row["count"]) for row in rows] == [
        (None, "command.setup_copied", 1),
        ("demo", "command.install_copied", 2),
        ("demo", "command.setup_copied", 1),
        ("demo", "file.pushed", 1),
    ]
    # They are counted, and no event: nothing has changed.
    assert len(world.events()) == events


@pytest.mark.parametrize(
    ("parameters", "status", "sentence"),
    [
        ({}, 400, "action"),
        ({"action": "file.pulled", "package": "demo"}, 400, "action"),
        ({"action": "command.install_copied"}, 400, "package"),
        ({"action": "command.install_copied", "package": "made-up"}, 404, "no such package"),
        ({"action": "command.setup_copied", "package": "made-up"}, 404, "no such package"),
        ({"action": "command.setup_copied", "package": 17}, 400, "package"),
        ({"action": "command.setup_copied", "package": "a\x00"}, 400, "package"),
    ],
)
def test_copies_that_are_refused(
    world: World, parameters: dict[str, Any], status: int, sentence: str
) -> None:
    publish(world, "acme/core", sdist("demo"))
    before = contents(world)
    assert sentence in copy(world, status, **parameters)
    assert contents(world) == before


def test_who_may_not_tell_of_copies(world: World) -> None:
    world.member("acme/core", "gus", Role.GUEST)
    world.user("stranger")
    copied = {"action": "command.setup_copied"}
    send_json(world, "POST", OF_PROJECT, {}, 401, **copied)
    copy(world, 404, "stranger", **copied)
    copy(world, 403, "gus", **copied)
    reading = world.as_("rob", Scope.READ_API)
    send_json(world, "POST", OF_PROJECT, reading, 403, **copied)
    assert world.count(UsageCount) == 0


def test_no_other_site_can_count(world: World) -> None:
    signed_in_app(world, "bea")
    world.member("acme/core", "bea", Role.REPORTER)
    form = {"action": "command.setup_copied"}
    app = browser(world, "bea")
    app.post(OF_PROJECT, form, status=400)
    world.components.recorder.flush()
    assert world.count(UsageCount) == 0
    app = browser(world, "bea")
    app.set_cookie("pyregistry_csrf", "c" * 64)
    app.post(OF_PROJECT, form, headers={"X-CSRF-Token": "c" * 64}, status=204)
    world.components.recorder.flush()
    assert world.count(UsageCount) == 1


def test_copies_in_a_project_that_is_gone_are_dropped(world: World) -> None:
    core = project_row(world, "acme/core").id
    day, action = world.clock().date(), CountedAction.SETUP_COPIED
    with world.components.database.writing() as session:
        count_copies(session, [Copy(core, "", day, action), Copy(core + 1000, "", day, action)])
    with world.components.database.reading() as session:
        assert session.scalars(select(func.sum(UsageTotal.count))).one() == 1
