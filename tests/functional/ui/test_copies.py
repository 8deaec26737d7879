"""Pages tell that a command was copied: it is counted, and nothing else can be told."""

import pytest

from pyregistry.authnz.roles import Role
from pyregistry.events.models import UsageCount
from tests.factories.distributions import wheel
from tests.factories.switches import turn
from tests.factories.world import PASSWORD, World
from tests.functional.support import Limited, database_dump, from_address
from tests.functional.ui.browsing import signed_in, visit
from tests.functional.ui.test_packages import publish

COPIED = "/acme/core/-/copied"
SETUP = {"action": "command.setup_copied"}
INSTALL = {"action": "command.install_copied", "package": "Demo"}


def counts(world: World) -> dict[tuple[str, str], int]:
    """How often what was counted, by action and package."""
    world.components.recorder.flush()
    with world.components.database.reading() as session:
        return {
            (row.action, row.package): row.count
            for row in session.query(UsageCount)
            if row.action.startswith("command.")
        }


def test_whoever_reads_a_page_is_counted_without_signing_in(world: World) -> None:
    publish(world, wheel("demo"))
    answer = world.app.post(COPIED, SETUP, status=204)
    assert not answer.body
    assert "Set-Cookie" not in answer.headers
    world.app.post(COPIED, INSTALL, status=204)
    world.app.post(COPIED, {**SETUP, "package": "demo"}, status=204)
    assert counts(world) == {
        ("command.setup_copied", ""): 1,
        ("command.install_copied", "demo"): 1,
        ("command.setup_copied", "demo"): 1,
    }
    world.app.get(COPIED, status=405)


def test_the_page_says_where_and_what(world: World) -> None:
    publish(world, wheel("Demo"))
    groups = visit(world, "/acme/core/demo/").html.find_all(attrs={"data-copied": True})
    assert [
        (group["data-copied"], group["data-copied-at"], group["data-copied-package"])
        for group in groups
    ] == [
        ("command.install_copied", COPIED, "demo"),
        ("command.setup_copied", COPIED, "demo"),
    ]
    for group in groups:
        told = {"action": group["data-copied"], "package": group["data-copied-package"]}
        world.app.post(group["data-copied-at"], told, status=204)


@pytest.mark.parametrize("published", [False, True])
def test_the_page_of_a_project_tells_of_setups(world: World, published: bool) -> None:
    publish(world, *([wheel("demo")] if published else []))
    groups = visit(world, "/acme/core/").html.find_all(attrs={"data-copied": True})
    assert len(groups) == 1 + published
    for group in groups:
        assert group["data-copied-at"] == COPIED
        world.app.post(COPIED, {"action": group["data-copied"]}, status=204)
    assert counts(world) == {("command.setup_copied", ""): 1 + published}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 400),
        ({"action": "file.pulled", "package": "demo"}, 400),
        ({"action": "command.install_copied"}, 400),
        ({"action": "command.install_copied", "package": "made-up"}, 404),
        ({"action": "command.setup_copied", "package": "made-up"}, 404),
        ({"action": "command.setup_copied", "package": "a\x00"}, 400),
        ({**SETUP, "x": "y" * 70_000}, 413),
    ],
)
def test_nothing_else_can_be_told(world: World, sent: dict[str, str], status: int) -> None:
    publish(world, wheel("demo"))
    before = database_dump(world)
    world.app.post(COPIED, sent, status=status)
    assert counts(world) == {}
    assert database_dump(world) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_no_other_site_counts(world: World, headers: dict[str, str]) -> None:
    publish(world, wheel("demo"))
    world.app.post(COPIED, SETUP, headers=headers, status=400)
    assert counts(world) == {}
    world.app.post(
        COPIED,
        SETUP,
        headers={"Origin": "http://localhost:80", "Sec-Fetch-Site": "same-origin"},
        status=204,
    )


def test_who_may_not_read_the_packages_is_not_counted(world: World) -> None:
    publish(world, wheel("demo"), visibility="private")
    world.app.post(COPIED, SETUP, status=401)
    for username, role, status in (("gus", Role.GUEST, 403), ("sam", None, 404)):
        world.user(username, password=PASSWORD)
        if role is not None:
            world.member("acme/core", username, role)
        signed_in(world, username)
        world.app.post(COPIED, SETUP, status=status)
        world.app.reset()
    assert counts(world) == {}
    world.user("rob", password=PASSWORD)
    world.member("acme/core", "rob", Role.REPORTER)
    signed_in(world, "rob")
    world.app.post(COPIED, INSTALL, status=204)
    assert counts(world) == {("command.install_copied", "demo"): 1}


def test_who_may_pull_without_seeing_the_pages_is_not_counted(world: World) -> None:
    world.project("acme/open", anyone_can_pull=True)
    world.app.post("/acme/open/-/copied", SETUP, status=401)


def test_what_is_turned_off_counts_nothing(world: World) -> None:
    project = publish(world, wheel("demo"))
    world.user("ada", is_admin=True)
    world.app.put(
        f"/api/v4/projects/{project}", {"packages_enabled": "false"}, headers=world.as_("ada")
    )
    signed_in(world, "rob")
    world.app.post(COPIED, SETUP, status=404)
    assert counts(world) == {}


def test_nobody_counts_without_end(limited: Limited) -> None:
    world = limited(copies="2 per minute")
    publish(world, wheel("demo"))
    for _ in range(2):
        world.app.post(COPIED, SETUP, status=204)
    refused = world.app.post(COPIED, SETUP, status=429)
    assert int(refused.headers["Retry-After"]) <= 60
    from_address(world, "10.1.1.1").post(COPIED, SETUP, status=204)
    world.clock.advance(minutes=1)
    world.app.post(COPIED, SETUP, status=204)
    assert counts(world) == {("command.setup_copied", ""): 4}
    # Nothing else is limited by it.
    for _ in range(4):
        visit(world, "/acme/core/demo/")


def test_it_is_limited_unless_somebody_wants_otherwise(world: World) -> None:
    publish(world, wheel("demo"))
    codes = [world.app.post(COPIED, SETUP, expect_errors=True).status_int for _ in range(61)]
    assert codes == [204] * 60 + [429]


class TestOfAGroup:
    ADDRESS = "/acme/-/copied"

    @pytest.fixture(autouse=True)
    def group(self, world: World) -> int:
        """A public group, in which a package is private."""
        group = world.group("acme", "public")
        publish(world, wheel("demo"), visibility="private")
        return group

    def test_whoever_sees_it_is_counted_without_signing_in(self, world: World, group: int) -> None:
        (tools,) = visit(world, "/acme/").html.find_all(attrs={"data-copied": True})
        answer = world.app.post(
            tools["data-copied-at"], {"action": tools["data-copied"]}, status=204
        )
        assert "Set-Cookie" not in answer.headers
        world.components.recorder.flush()
        with world.components.database.reading() as session:
            (row,) = session.query(UsageCount).where(UsageCount.namespace_id == group)
            assert (row.action, row.package, row.count) == ("command.setup_copied", "", 1)
        world.app.get(self.ADDRESS, status=405)

    @pytest.mark.parametrize(
        ("sent", "named"),
        [
            ({}, "action"),
            ({"action": "file.pulled"}, "action"),
            ({"action": "command.install_copied"}, "no packages of its own"),
            (INSTALL, "no packages of its own"),
            ({**SETUP, "package": "demo"}, "no packages of its own"),
            ({**SETUP, "package": "a\x00"}, "package"),
        ],
    )
    def test_nothing_else_can_be_told(self, world: World, sent: dict[str, str], named: str) -> None:
        before = database_dump(world)
        assert named in world.app.post(self.ADDRESS, sent, status=400).text
        assert counts(world) == {}
        assert database_dump(world) == before

    def test_no_other_site_counts(self, world: World) -> None:
        headers = {"Origin": "https://evil.example"}
        world.app.post(self.ADDRESS, SETUP, headers=headers, status=400)
        assert counts(world) == {}

    def test_who_does_not_see_it_is_not_counted(self, world: World) -> None:
        world.group("hidden")
        world.project("hidden/core")
        for username, role, path in (
            ("sam", None, "hidden"),
            ("gus", Role.GUEST, "hidden"),
            ("vic", Role.GUEST, "hidden/core"),
        ):
            world.user(username, password=PASSWORD)
            if role is not None:
                world.member(path, username, role)
        world.app.post("/hidden/-/copied", SETUP, status=401)
        for username, status in (("sam", 404), ("gus", 204), ("vic", 204)):
            signed_in(world, username)
            world.app.post("/hidden/-/copied", SETUP, status=status)
            world.app.reset()
        assert counts(world) == {("command.setup_copied", ""): 2}

    def test_what_is_turned_off_counts_nothing(self, world: World) -> None:
        turn(world, "acme", on=False)
        signed_in(world, "rob")
        world.app.post(self.ADDRESS, SETUP, status=404)
        assert counts(world) == {}


def test_nobody_counts_without_end_in_a_group(limited: Limited) -> None:
    world = limited(copies="1 per minute")
    world.group("acme", "public")
    world.app.post("/acme/-/copied", SETUP, status=204)
    world.app.post("/acme/-/copied", SETUP, status=429)
