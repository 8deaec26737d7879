"""Creating groups and projects by the JSON API: who may, where, and what is refused."""

from itertools import product
from typing import Any

import pytest
from sqlalchemy import select

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.models import InstanceSettings, Namespace, NamespaceRedirect
from tests.factories.members import changes, roles_in
from tests.factories.switches import allow_anyone_to_pull, turn
from tests.factories.world import World, basic
from tests.functional.support import project_row, send_json, statements, without_limits

GROUPS = "/api/v4/groups"
PROJECTS = "/api/v4/projects"
ROLES = {role.label: role for role in Role}
LEVEL = "package_registry_access_level"
ROLE_TOO_LOW = "Your role here does not permit this: ask an owner or an administrator."
AT_THE_TOP = "You cannot have groups at the top: ask an administrator, or name a group of yours."


def post(
    world: World, address: str, headers: dict[str, str], status: int = 201, **parameters: Any
) -> Any:
    """Send what is to be created; what was, or the sentence of a refusal."""
    return send_json(world, "POST", address, headers, status, **parameters)


def no_group(identifier: int | str) -> str:
    """What is said of a group that is not there, or hidden."""
    return f"There is no group '{identifier}', or you may not see it."


def let_people_create_groups(world: World, *, allowed: bool = True) -> None:
    """Decide it for the instance."""
    with world.components.database.writing() as session:
        session.scalars(select(InstanceSettings)).one().users_create_groups = allowed


@pytest.fixture
def root(world: World) -> dict[str, str]:
    """Headers of an administrator."""
    world.user("root", is_admin=True)
    return world.as_("root")


@pytest.fixture
def acme(world: World) -> int:
    """The id of an internal group with a Maintainer, mia, and an Owner, olga."""
    acme = world.group("acme", "internal")
    world.member("acme", "mia", Role.MAINTAINER)
    world.member("acme", "olga", Role.OWNER)
    return acme


def paths(world: World) -> set[str]:
    """The full paths of everything there is."""
    with world.components.database.reading() as session:
        return set(session.scalars(select(Namespace.full_path)))


# At the top


def test_an_administrator_creates_a_group_and_owns_it(world: World, root: dict[str, str]) -> None:
    created = post(
        world,
        GROUPS,
        root,
        name="Acme Inc.",
        path="acme",
        description="All of it",
        visibility="public",
        request_access_enabled=True,  # GitLab's, which means nothing here
    )
    assert created == world.app.get(f"{GROUPS}/acme").json
    assert created["name"] == created["full_name"] == "Acme Inc."
    assert (created["path"], created["full_path"], created["parent_id"]) == ("acme", "acme", None)
    assert (created["description"], created["visibility"]) == ("All of it", "public")
    assert roles_in(world, "acme") == {"root": 50}
    after = {"access_level": 50, "expires_at": None}
    whom = {"user_id": world.users["root"], "username": "root"}
    assert changes(world) == [
        ("group.created", "root", "acme", {"before": None, "after": {"visibility": "public"}}),
        ("member.added", "root", "acme", {**whom, "before": None, "after": after}),
    ]
    assert project_row(world, "acme").creator_id == world.users["root"]


def test_what_is_not_said_is_private(world: World, root: dict[str, str]) -> None:
    created = world.app.post(GROUPS, {"name": "acme", "path": "Acme"}, headers=root, status=201)
    assert created.json["visibility"] == "private"
    assert (created.json["name"], created.json["path"]) == ("acme", "Acme")
    assert (created.json["description"], created.json["packages_enabled"]) == ("", True)


def test_people_create_groups_where_the_instance_lets_them(world: World) -> None:
    headers = world.as_("paula")
    assert post(world, GROUPS, headers, 403, name="a", path="a") == AT_THE_TOP
    assert changes(world) == []
    let_people_create_groups(world)
    post(world, GROUPS, headers, name="a", path="a")
    assert roles_in(world, "a") == {"paula": 50}
    # Hers: she goes on as its Owner.
    world.app.put(f"{GROUPS}/a", {"visibility": "public"}, headers=headers)
    let_people_create_groups(world, allowed=False)
    assert post(world, GROUPS, headers, 403, name="b", path="b") == AT_THE_TOP
    assert paths(world) == {"a"}


def test_who_creates_no_group_at_the_top(world: World) -> None:
    world.project("acme/core")
    let_people_create_groups(world)
    world.user("external", is_external=True)
    said = "A group access token cannot do this."
    refused: list[tuple[dict[str, str], str]] = [
        (world.as_("external"), AT_THE_TOP),
        (basic(world.access_token("acme", Role.OWNER)), said),
        (
            basic(world.access_token("acme/core", Role.OWNER)),
            "A project access token cannot do this.",
        ),
        (basic(world.deploy_token("acme")), "A deploy token cannot do this."),
        (basic(world.job_token("acme/core")), "A job token cannot do this."),
        (
            world.as_("paula", Scope.READ_API),
            "The token has only the scope read_api: this needs one with the scope api.",
        ),
    ]
    for headers, sentence in refused:
        assert post(world, GROUPS, headers, 403, name="b", path="b") == sentence
    post(world, GROUPS, {}, 401, name="b", path="b")
    assert paths(world) == {"acme", "acme/core"}


def test_a_group_that_is_created_while_the_instance_is_off_is_off(
    world: World, root: dict[str, str]
) -> None:
    turn(world, "", on=False)
    created = post(world, GROUPS, root, name="acme", path="acme")
    assert created["packages_enabled"] is True
    assert project_row(world, "acme").packages_available is False


# In a group


@pytest.mark.parametrize(
    ("who", "visibility"),
    list(product(["nobody", "stranger", *ROLES, "root"], ["private", "internal"])),
)
def test_who_creates_in_a_group(world: World, who: str, visibility: str) -> None:
    group = world.group("acme", visibility)
    if who in ROLES:
        world.member("acme", who, ROLES[who])
    else:
        world.user(who, is_admin=who == "root")
    headers = {} if who == "nobody" else world.as_(who)
    allowed = who in ("Maintainer", "Owner", "root")
    hidden = who == "stranger" and visibility == "private"
    status = 201 if allowed else 401 if who == "nobody" else 404 if hidden else 403
    made = post(world, GROUPS, headers, status, name="team", path="team", parent_id=group)
    project = post(world, PROJECTS, headers, status, name="core", namespace_id=group)
    if allowed:
        assert (made["full_path"], made["parent_id"]) == ("acme/team", group)
        assert project["path_with_namespace"] == "acme/core"
        assert paths(world) == {"acme", "acme/core", "acme/team"}
        # They keep the role that they have by the group above.
        assert roles_in(world, "acme/team") == roles_in(world, "acme/core") == {}
        assert [action for action, *_ in changes(world)] == ["group.created", "project.created"]
    else:
        assert paths(world) == {"acme"}
        assert changes(world) == []
    if status in (403, 404):
        assert made == project == {403: ROLE_TOO_LOW, 404: no_group(group)}[status]


def test_what_cannot_be_seen_and_what_is_not_there_are_answered_alike(
    world: World, acme: int
) -> None:
    hidden = world.group("hidden")
    project = world.project("acme/core")
    headers = world.as_("mia")
    costs = set()
    for missing in (hidden, project, 999_999, 999_999_999_999_999_999):
        said = no_group(missing)
        assert post(world, GROUPS, headers, 404, name="x", path="x", parent_id=missing) == said
        assert post(world, PROJECTS, headers, 404, name="x", namespace_id=missing) == said
        with statements(world) as executed:
            post(world, PROJECTS, headers, 404, name="x", namespace_id=missing)
        costs.add(tuple(executed))
    assert len(costs) == 1
    # As well where the name is taken there.
    world.group("hidden/x")
    said = post(world, PROJECTS, headers, 404, name="x", namespace_id=hidden)
    assert said == no_group(hidden)
    for path in ("hidden", "hidden/x", "nowhere", "acme/core"):
        said = post(world, PROJECTS, headers, 404, name="x", namespace_id=path)
        assert said == no_group(path)


def test_a_visitor_sees_the_group_and_creates_nothing_in_it(world: World) -> None:
    group = world.group("acme")
    world.project("acme/core")
    world.member("acme/core", "olga", Role.OWNER)
    said = post(world, PROJECTS, world.as_("olga"), 403, name="x", namespace_id=group)
    assert said == ROLE_TOO_LOW


def test_bots_create_in_their_group(world: World, acme: int) -> None:
    world.project("acme/core")
    maintainer = basic(world.access_token("acme", Role.MAINTAINER))
    post(world, PROJECTS, maintainer, name="lib", namespace_id=acme)
    post(world, GROUPS, maintainer, name="team", path="team", parent_id=acme)
    low = basic(world.access_token("acme", Role.DEVELOPER))
    assert post(world, PROJECTS, low, 403, name="x", namespace_id=acme) == ROLE_TOO_LOW
    of_project = basic(world.access_token("acme/core", Role.OWNER))
    assert post(world, PROJECTS, of_project, 403, name="x", namespace_id=acme) == ROLE_TOO_LOW


def test_a_project_in_full(world: World, acme: int) -> None:
    created = post(
        world,
        PROJECTS,
        world.as_("olga"),
        name="Core Library",
        path="core",
        namespace_id=str(acme),
        visibility="internal",
        description="What all share",
        package_registry_access_level="public",
        initialize_with_readme=True,
    )
    assert created["name_with_namespace"] == "acme / Core Library"
    assert created["path_with_namespace"] == "acme/core"
    assert (created["visibility"], created["description"]) == ("internal", "What all share")
    assert (created["packages_enabled"], created[LEVEL]) == (True, "public")
    assert created["creator_id"] == world.users["olga"]
    assert created["permissions"] == {
        "project_access": None,
        "group_access": {"access_level": 50},
    }
    shown = world.app.get(f"{PROJECTS}/acme%2Fcore", headers=world.as_("olga")).json
    assert created == without_limits(shown)
    world.app.get("/acme/core/-/simple/")


@pytest.mark.parametrize(
    ("sent", "path", "name"),
    [
        ({"path": "core"}, "core", "core"),
        ({"name": "core.lib"}, "core-lib", "core.lib"),
        ({"name": "  Ünder_score & Söhne 2  "}, "under_score-sohne-2", "Ünder_score & Söhne 2"),
        ({"name": "Core", "path": "c.ore"}, "c.ore", "Core"),
    ],
)
def test_the_name_gives_the_path_of_a_project_and_the_path_the_name(
    world: World, acme: int, sent: dict[str, str], path: str, name: str
) -> None:
    created = post(world, PROJECTS, world.as_("mia"), namespace_id=acme, **sent)
    assert (created["path"], created["name"]) == (path, name)


def test_with_the_package_registry_turned_off(world: World, acme: int) -> None:
    headers = world.as_("olga")
    project = post(world, PROJECTS, headers, name="a", namespace_id=acme, packages_enabled=False)
    assert (project["packages_enabled"], project[LEVEL]) == (False, "disabled")
    world.app.get("/acme/a/-/simple/", headers=headers, status=404)
    group = post(
        world, GROUPS, headers, name="b", path="b", parent_id=acme, packages_enabled="false"
    )
    assert group["packages_enabled"] is False
    inside = post(world, PROJECTS, headers, name="c", namespace_id=group["id"])
    assert inside["packages_enabled"] is True
    assert project_row(world, "acme/b/c").packages_available is False


def test_only_an_owner_creates_what_anyone_can_pull_from(world: World, acme: int) -> None:
    parameters = {"name": "a", "namespace_id": acme, LEVEL: "public"}
    said = post(world, PROJECTS, world.as_("mia"), 403, **parameters)
    assert said == "Only an Owner lets anyone pull."
    allow_anyone_to_pull(world, allowed=False)
    said = post(world, PROJECTS, world.as_("olga"), 403, **parameters)
    assert said.startswith("Projects of this registry cannot let anyone pull")
    assert paths(world) == {"acme"}
    assert [action for action, *_ in changes(world) if action.endswith("created")] == []


# What is refused


def test_a_project_without_a_group(world: World, root: dict[str, str]) -> None:
    for parameters in ({}, {"namespace_id": None}):
        said = post(world, PROJECTS, root, 400, name="core", **parameters)
        assert said == (
            "The parameter namespace_id is missing: send the id of a group. There are no personal "
            "namespaces."
        )


@pytest.mark.parametrize(
    ("address", "parameters", "said"),
    [
        (GROUPS, {}, "name"),
        (GROUPS, {"name": "x"}, "path"),
        (GROUPS, {"path": "x"}, "name"),
        (GROUPS, {"name": "", "path": "x"}, "name"),
        (GROUPS, {"name": ["x"], "path": "x"}, "name"),
        (GROUPS, {"name": "x", "path": 5}, "path"),
        (GROUPS, {"name": "x", "path": "a/b"}, "valid path"),
        (GROUPS, {"name": "x", "path": "members"}, "reserved"),
        (GROUPS, {"name": "x", "path": "x.git"}, ".git"),
        (GROUPS, {"name": "x", "path": "ä"}, "valid path"),
        (GROUPS, {"name": "x", "path": "x" * 256}, "valid path"),
        (GROUPS, {"name": "x", "path": "x", "visibility": "secret"}, "visibility"),
        (GROUPS, {"name": "x", "path": "x", "visibility": "public"}, "internal"),
        (GROUPS, {"name": "x", "path": "x", "parent_id": ""}, "parent_id"),
        (GROUPS, {"name": "x", "path": "x", "parent_id": True}, "parent_id"),
        (GROUPS, {"name": "x", "path": "x", "packages_enabled": "maybe"}, "packages_enabled"),
        (GROUPS, {"name": "x", "path": "x", "description": "x" * 2001}, "2001"),
        (GROUPS, {"name": "\x00", "path": "x"}, "name"),
        (GROUPS, {"name": "\ud800", "path": "x"}, "name"),
        (GROUPS, {"name": "x\u2028y", "path": "x"}, "one line"),
        (PROJECTS, {}, "name and path"),
        (PROJECTS, {"name": "日本"}, "path"),
        (PROJECTS, {"name": "..."}, "path"),
        (PROJECTS, {"name": "members"}, "reserved"),
        (PROJECTS, {"path": ""}, "valid path"),
        (PROJECTS, {"path": "a/b"}, "valid path"),
        (PROJECTS, {"path": "x", "namespace_id": 1.5}, "namespace_id"),
        (PROJECTS, {"path": "x", "namespace_id": ["acme"]}, "namespace_id"),
        (PROJECTS, {"path": "x", "namespace_id": -1}, "namespace_id"),
        (PROJECTS, {"path": "x", LEVEL: "all"}, LEVEL),
        (PROJECTS, {"path": "x", LEVEL: "disabled", "packages_enabled": True}, "contradict"),
        (PROJECTS, {"path": "x", "visibility": "public"}, "internal"),
    ],
)
def test_nonsense(
    world: World, acme: int, address: str, parameters: dict[str, Any], said: str
) -> None:
    where = {"parent_id": acme} if address == GROUPS else {"namespace_id": acme}
    sentence = post(world, address, world.as_("mia"), 400, **{**where, **parameters})
    assert said in sentence
    assert paths(world) == {"acme"}
    assert changes(world) == []


def test_a_path_is_taken_once_whatever_its_case(
    world: World, acme: int, root: dict[str, str]
) -> None:
    headers = world.as_("mia")
    post(world, PROJECTS, headers, path="Core", namespace_id=acme)
    for address, where in ((PROJECTS, "namespace_id"), (GROUPS, "parent_id")):
        said = post(world, address, headers, 409, name="x", path="cORE", **{where: acme})
        assert said == "The path 'acme/cORE' is taken: choose another."
    said = post(world, GROUPS, root, 409, name="x", path="ACME")
    assert said == "The path 'ACME' is taken: choose another."
    assert paths(world) == {"acme", "acme/Core"}


def test_a_top_path_needs_a_letter(world: World, acme: int, root: dict[str, str]) -> None:
    assert "all digits" in post(world, GROUPS, root, 400, name="x", path="2026")
    post(world, PROJECTS, root, path="2026", namespace_id=acme)


def test_groups_go_twenty_levels_deep(world: World, root: dict[str, str]) -> None:
    group: int | None = None
    for level in range(20):
        name = f"g{level}"
        group = post(world, GROUPS, root, name=name, path=name, parent_id=group)["id"]
    said = post(world, GROUPS, root, 400, name="x", path="x", parent_id=group)
    assert said == "Groups go 20 levels deep: only a project fits here."
    post(world, PROJECTS, root, path="x", namespace_id=group)


def test_what_takes_an_old_path_ends_its_leading_on(
    world: World, acme: int, root: dict[str, str]
) -> None:
    with world.components.database.writing() as session:
        for key in ("acme/old", "older", "acme/oldest"):
            session.add(
                NamespaceRedirect(path_key=key, namespace_id=acme, created_at=world.clock())
            )
    post(world, PROJECTS, root, path="Old", namespace_id=acme)
    post(world, GROUPS, root, name="x", path="older")
    with world.components.database.reading() as session:
        assert list(session.scalars(select(NamespaceRedirect.path_key))) == ["acme/oldest"]


def test_creating_costs_the_same_in_a_large_group(world: World, acme: int) -> None:
    headers = world.as_("mia")
    counts = []
    for each in range(3):
        with statements(world) as executed:
            post(world, PROJECTS, headers, path=f"p{each}", namespace_id=acme)
        counts.append(len(executed))
    assert len(set(counts)) == 1
