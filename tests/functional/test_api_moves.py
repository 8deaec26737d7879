"""Renaming, moving and deleting groups and projects by the JSON API."""

from typing import Any

import pytest
from sqlalchemy import select, update

from pyregistry.accounts.models import User
from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.models import metadata
from pyregistry.namespaces.models import InstanceSettings, Namespace, NamespaceAncestor
from pyregistry.namespaces.services.create import find
from pyregistry.packaging.models import File, FileMetadata, Package, Release
from pyregistry.protection.models import ReservedPrefixProject
from pyregistry.tokens.models import Token
from pyregistry.trusted_publishing.models import TrustedPublisher
from tests.factories.distributions import sdist, wheel
from tests.factories.members import roles_in
from tests.factories.protection import reserve
from tests.factories.tokens import token_row
from tests.factories.world import World, basic
from tests.functional.support import (
    filenames_in,
    names_in,
    project_row,
    read_json,
    send_json,
    sentence_of,
)

API = "/api/v4"
NOTHING_HERE = "There is nothing here, or you may not see it."


@pytest.fixture(autouse=True)
def ids(world: World) -> dict[str, int]:
    """Ids by path: olga is Owner of two top-level groups, with a project with a file in one."""
    found = {"acme": world.group("acme", "public"), "zeta": world.group("zeta", "public")}
    found["acme/team"] = world.group("acme/team", "public")
    found["acme/team/core"] = world.project("acme/team/core", "public")
    found["acme/side"] = world.project("acme/side", "public")
    world.member("acme", "olga", Role.OWNER)
    world.member("zeta", "olga", Role.OWNER)
    world.upload("acme/team/core", wheel())
    return found


def act(world: World, method: str, address: str, status: int, **parameters: Any) -> Any:
    return send_json(world, method, API + address, world.as_("olga"), status, **parameters)


def tree(world: World) -> list[str]:
    """Every full path."""
    with world.components.database.reading() as session:
        return list(session.scalars(select(Namespace.full_path).order_by(Namespace.full_path_key)))


def happened(world: World, *actions: str) -> list[tuple[str, str | None, Any, Any]]:
    """Events of some actions: action, path, before and after."""
    return [
        (event.action, event.namespace_path, event.details["before"], event.details["after"])
        for event in world.events()
        if event.action in actions
    ]


class TestRename:
    def test_a_project(self, world: World, ids: dict[str, int]) -> None:
        project = ids["acme/team/core"]
        shown = act(world, "PUT", f"/projects/{project}", 200, path="Kernel")
        assert (shown["id"], shown["path"]) == (project, "Kernel")
        assert shown["path_with_namespace"] == "acme/team/Kernel"
        assert filenames_in(world, "/acme/team/Kernel/-/simple/demo-package/")

    def test_a_group_with_what_is_in_it(self, world: World, ids: dict[str, int]) -> None:
        shown = act(world, "PUT", f"/groups/{ids['acme']}", 200, path="omega", visibility="public")
        assert shown["full_path"] == "omega"
        assert tree(world) == ["omega", "omega/side", "omega/team", "omega/team/core", "zeta"]

    def test_refusals(self, world: World, ids: dict[str, int]) -> None:
        address = f"/projects/{ids['acme/side']}"
        assert "is taken" in act(world, "PUT", address, 409, path="team")
        assert "reserved word" in act(world, "PUT", address, 400, path="members")
        assert "must be a text" in act(world, "PUT", address, 400, path=5)
        assert "acme/side" in tree(world)
        world.member("acme", "mia", Role.MAINTAINER)
        headers = world.as_("mia")
        send_json(world, "PUT", API + address, headers, 403, path="other")

    def test_all_or_nothing(self, world: World, ids: dict[str, int]) -> None:
        world.group("hidden")
        world.project("hidden/core")
        world.member("hidden", "olga", Role.OWNER)
        address = "/projects/hidden%2Fcore"
        act(world, "PUT", address, 400, path="other", visibility="public")
        assert "hidden/core" in tree(world)


class TestTransferOfAProject:
    @pytest.mark.parametrize("named", ["id", "path", "number as text"])
    def test_to_another_group(self, world: World, ids: dict[str, int], named: str) -> None:
        to = {"id": ids["zeta"], "path": "ZETA", "number as text": str(ids["zeta"])}[named]
        address = f"/projects/{ids['acme/team/core']}/transfer"
        shown = act(world, "PUT", address, 200, namespace=to)
        assert shown["path_with_namespace"] == "zeta/core"
        change = ({"full_path": "acme/team/core"}, {"full_path": "zeta/core"})
        assert happened(world, "project.transferred") == [
            ("project.transferred", "zeta/core", *change),
            ("project.transferred", "acme/team", *change),
        ]

    def test_the_indexes_show_it_where_it_is(self, world: World, ids: dict[str, int]) -> None:
        simple = "{}/-/simple/"
        before = read_json(world, simple.format("/acme"))
        serial = read_json(world, simple.format(""))["projects"][0]["_last-serial"]
        assert names_in(world, simple.format("/zeta")) == []
        act(world, "PUT", f"/projects/{ids['acme/team/core']}/transfer", 200, namespace="zeta")
        assert before["projects"]
        assert names_in(world, simple.format("/acme")) == []
        assert names_in(world, simple.format("/zeta")) == ["demo-package"]
        world.app.get("/acme/-/simple/demo-package/", status=404)
        # Who mirrors the group sees that something is new.
        assert read_json(world, simple.format(""))["projects"][0]["_last-serial"] > serial

    def test_own_members_stay_and_others_go(self, world: World, ids: dict[str, int]) -> None:
        world.member("acme", "dora", Role.DEVELOPER)
        world.member("acme/team/core", "mia", Role.MAINTAINER)
        act(world, "PUT", f"/projects/{ids['acme/team/core']}/transfer", 200, namespace="zeta")
        roles = roles_in(world, "zeta/core", inherited=True)
        assert (roles["mia"], roles["olga"]) == (Role.MAINTAINER, Role.OWNER)
        assert "dora" not in roles

    def test_where_it_cannot_be(self, world: World, ids: dict[str, int]) -> None:
        address = f"/projects/{ids['acme/team/core']}/transfer"
        missing = act(world, "PUT", address, 400)
        assert "namespace is missing" in missing
        assert "there already" in act(world, "PUT", address, 400, namespace="acme/team")
        project = act(world, "PUT", address, 404, namespace="acme/side")
        nothing = act(world, "PUT", address, 404, namespace="acme/nope")
        assert project.replace("side", "nope") == nothing
        world.group("hidden")
        hidden = act(world, "PUT", address, 404, namespace="hidden")
        assert hidden.replace("hidden", "acme/nope") == nothing
        for wrong in ([], True, {"id": 1}, 1.5, ""):
            act(world, "PUT", address, 400, namespace=wrong)
        act(world, "PUT", address, 404, namespace="9" * 40)
        assert "acme/team/core" in tree(world)

    def test_a_place_that_shows_less(self, world: World, ids: dict[str, int]) -> None:
        world.group("hidden")
        world.member("hidden", "olga", Role.OWNER)
        address = f"/projects/{ids['acme/team/core']}/transfer"
        assert "is private" in act(world, "PUT", address, 400, namespace="hidden")
        act(world, "PUT", f"/projects/{ids['acme/team/core']}", 200, visibility="private")
        act(world, "PUT", address, 200, namespace="hidden")

    def test_a_path_that_is_taken(self, world: World, ids: dict[str, int]) -> None:
        world.project("zeta/Core")
        address = f"/projects/{ids['acme/team/core']}/transfer"
        assert "is taken" in act(world, "PUT", address, 409, namespace="zeta")

    @pytest.mark.parametrize("role", [None, Role.GUEST, Role.DEVELOPER, Role.MAINTAINER])
    def test_the_role_in_the_other_group(
        self, world: World, ids: dict[str, int], role: Role | None
    ) -> None:
        world.member("acme/team/core", "pia", Role.OWNER)
        if role is not None:
            world.member("zeta", "pia", role)
        address = f"{API}/projects/{ids['acme/team/core']}/transfer"
        status = 200 if role is Role.MAINTAINER else 403
        send_json(world, "PUT", address, world.as_("pia"), status, namespace="zeta")

    def test_the_role_in_the_project(self, world: World, ids: dict[str, int]) -> None:
        world.member("acme", "mia", Role.MAINTAINER)
        world.member("zeta", "mia", Role.OWNER)
        address = f"{API}/projects/{ids['acme/team/core']}/transfer"
        send_json(world, "PUT", address, world.as_("mia"), 403, namespace="zeta")

    def test_names_that_are_reserved_there(self, world: World, ids: dict[str, int]) -> None:
        world.project("zeta/home", "public")
        reserve(world, "zeta", "demo", "zeta/home")
        address = f"/projects/{ids['acme/team/core']}/transfer"
        sentence = act(world, "PUT", address, 409, namespace="zeta")
        assert "demo-package" in sentence
        assert "acme/team/core" in tree(world)

    def test_prefixes_that_it_leaves(self, world: World, ids: dict[str, int]) -> None:
        reserve(world, "acme", "demo", "acme/team/core")
        act(world, "PUT", f"/projects/{ids['acme/team/core']}/transfer", 200, namespace="zeta")
        assert world.count(ReservedPrefixProject) == 0
        # It stays reserved: nobody else takes its place.
        world.upload("acme/side", sdist(), status=403)

    def test_prefixes_of_a_group_that_stays_above(self, world: World, ids: dict[str, int]) -> None:
        reserve(world, "acme", "demo", "acme/team/core")
        act(world, "PUT", f"/projects/{ids['acme/team/core']}/transfer", 200, namespace="acme")
        assert world.count(ReservedPrefixProject) == 1
        world.upload("acme/core", sdist())

    def test_whether_it_has_a_package_registry(self, world: World, ids: dict[str, int]) -> None:
        act(world, "PUT", f"/groups/{ids['zeta']}", 200, packages_enabled=False)
        address = f"/projects/{ids['acme/team/core']}/transfer"
        act(world, "PUT", address, 200, namespace="zeta")
        assert not project_row(world, "zeta/core").packages_available
        act(world, "PUT", address, 200, namespace="acme")
        assert project_row(world, "acme/core").packages_available

    def test_jobs_that_bots_of_the_group_let_in(self, world: World, ids: dict[str, int]) -> None:
        stranger = world.access_token("acme", Role.MAINTAINER)
        own = world.access_token("acme/team/core", Role.MAINTAINER)
        address = f"{API}/projects/{ids['acme/team/core']}"
        jobs = [
            send_json(world, "POST", f"{address}/job_tokens", basic(token), 201)["token"]
            for token in (stranger, own)
        ]
        act(world, "PUT", f"/projects/{ids['acme/team/core']}/transfer", 200, namespace="zeta")
        assert token_row(world, jobs[0]).revoked_at == world.clock()
        assert token_row(world, jobs[1]).revoked_at is None
        assert world.events()[-1].details["job_tokens_revoked"] == 1


class TestTransferOfAGroup:
    def test_below_another_group(self, world: World, ids: dict[str, int]) -> None:
        shown = act(
            world, "POST", f"/groups/{ids['acme/team']}/transfer", 201, group_id=ids["zeta"]
        )
        assert (shown["full_path"], shown["parent_id"]) == ("zeta/team", ids["zeta"])
        assert tree(world) == ["acme", "acme/side", "zeta", "zeta/team", "zeta/team/core"]
        assert happened(world, "group.transferred")[0][1] == "zeta/team"

    def test_not_into_itself(self, world: World, ids: dict[str, int]) -> None:
        for inside in ("acme", "acme/team"):
            address = f"/groups/{ids['acme']}/transfer"
            assert "into itself" in act(world, "POST", address, 400, group_id=ids[inside])

    def test_too_deep(self, world: World, ids: dict[str, int]) -> None:
        path = "zeta"
        for level in range(18):
            path = f"{path}/g{level}"
            world.group(path, "public")
        address = f"/groups/{ids['acme']}/transfer"
        assert "levels" in act(world, "POST", address, 400, group_id=path)

    def test_to_the_top_level(self, world: World, ids: dict[str, int]) -> None:
        address = f"/groups/{ids['acme/team']}/transfer"
        act(world, "POST", address, 403)
        with world.components.database.writing() as session:
            session.execute(update(InstanceSettings).values(users_create_groups=True))
        refused = act(world, "POST", address, 403)
        assert "without an Owner" in refused
        world.member("acme/team", "olga", Role.OWNER)
        assert act(world, "POST", address, 201)["full_path"] == "team"
        assert tree(world) == ["acme", "acme/side", "team", "team/core", "zeta"]
        assert "there already" in act(world, "POST", address, 400)
        act(world, "POST", f"/groups/{ids['acme/team']}/transfer", 201, group_id="acme")

    def test_only_people_to_the_top_level(self, world: World, ids: dict[str, int]) -> None:
        with world.components.database.writing() as session:
            session.execute(update(InstanceSettings).values(users_create_groups=True))
        world.user("xena", is_external=True)
        world.member("acme/team", "xena", Role.OWNER)
        address = f"{API}/groups/{ids['acme/team']}/transfer"
        bot = basic(world.access_token("acme", Role.OWNER))
        for headers in (world.as_("xena"), bot):
            send_json(world, "POST", address, headers, 403)
        world.user("root", is_admin=True)
        send_json(world, "POST", address, world.as_("root"), 201)

    @pytest.mark.parametrize("role", [None, *Role])
    def test_who_may_move_a_group(
        self, world: World, ids: dict[str, int], role: Role | None
    ) -> None:
        world.member("zeta", "pia", Role.MAINTAINER)
        if role is not None:
            world.member("acme/team", "pia", role)
        address = f"{API}/groups/{ids['acme/team']}/transfer"
        reader = world.as_("pia", Scope.READ_API)
        send_json(world, "POST", address, reader, 403, group_id="zeta")
        status = 201 if role is Role.OWNER else 403
        send_json(world, "POST", address, world.as_("pia"), status, group_id="zeta")

    def test_a_project_cannot_be_there(self, world: World, ids: dict[str, int]) -> None:
        act(world, "POST", f"/projects/{ids['acme/side']}/transfer", 405)
        act(world, "PUT", f"/groups/{ids['acme']}/transfer", 405)

    def test_some_owner_remains(self, world: World, ids: dict[str, int]) -> None:
        world.group("empty", "public")
        world.user("root", is_admin=True)
        address, headers = f"{API}/groups/{ids['acme/team']}/transfer", world.as_("root")
        send_json(world, "POST", address, headers, 403, group_id="empty")
        world.member("acme/team", "otto", Role.OWNER)
        send_json(world, "POST", address, headers, 201, group_id="empty")

    def test_locations(self, world: World, ids: dict[str, int]) -> None:
        def locations(path: str, query: str = "") -> list[str]:
            found = act(world, "GET", f"{path}/transfer_locations{query}", 200)
            return [group["full_path"] for group in found]

        assert locations(f"/groups/{ids['acme']}") == ["zeta"]
        assert locations(f"/projects/{ids['acme/team/core']}") == ["acme", "zeta"]
        assert locations(f"/projects/{ids['acme/team/core']}", "?search=ET") == ["zeta"]
        world.group("foreign", "public")
        world.member("acme", "mia", Role.MAINTAINER)
        assert locations(f"/groups/{ids['acme/team']}") == ["zeta"]
        address = f"{API}/groups/{ids['acme']}/transfer_locations"
        world.app.get(address, headers=world.as_("mia"), status=403)
        world.user("root", is_admin=True)
        shown = world.app.get(address, headers=world.as_("root")).json
        assert [group["full_path"] for group in shown] == ["foreign", "zeta"]


class TestDelete:
    def test_a_project(self, world: World, ids: dict[str, int]) -> None:
        world.upload("acme/side", sdist())
        stored = world.stored_objects()
        address = f"/projects/{ids['acme/team/core']}"
        assert act(world, "DELETE", address, 202) == {"message": "202 Accepted"}
        assert act(world, "GET", address, 404) == NOTHING_HERE
        assert "acme/team/core" not in tree(world)
        assert world.stored_objects() == stored
        assert [world.count(each) for each in (File, Release, Package)] == [1, 1, 1]
        assert filenames_in(world, "/acme/-/simple/demo-package/") == [sdist().filename]
        world.app.get("/acme/team/-/simple/demo-package/", status=404)
        world.app.get(f"/packages/{wheel().sha256}/{wheel().filename}", status=401)

    def test_a_group_with_everything_in_it(self, world: World, ids: dict[str, int]) -> None:
        fill(world, ids)
        act(world, "DELETE", f"/groups/{ids['acme']}", 202)
        assert tree(world) == ["zeta"]
        assert names_in(world, "/-/simple/", world.as_("olga")) == []
        left = {
            table.name
            for table in metadata.sorted_tables
            if world.count(Namespace) and rows_of(world, table.name)
        }
        assert left - {"last_identifiers"} == {
            "access_serial",
            "events",
            "instance_settings",
            "instance_storage",
            "memberships",
            "namespace_ancestors",
            "namespaces",
            "registry_serial",
            "tokens",
            "users",
        }
        assert rows_of(world, "namespace_ancestors") == 1
        assert set(roles_in(world, "zeta")) == {"olga"}

    def test_events_stay_for_the_owners_above(self, world: World, ids: dict[str, int]) -> None:
        world.member("acme/team", "tina", Role.OWNER)
        address = f"{API}/groups/acme/audit_events"
        before = world.app.get(address, headers=world.as_("olga")).json
        act(world, "DELETE", f"/groups/{ids['acme/team']}", 202)
        after = world.app.get(address, headers=world.as_("olga")).json
        assert [event["id"] for event in after[2:]] == [event["id"] for event in before]
        assert [(event["action"], event["namespace_path"]) for event in after[:2]] == [
            ("project.deleted", "acme/team/core"),
            ("group.deleted", "acme/team"),
        ]
        assert after[0]["entity_id"] == ids["acme"]
        assert after[0]["before"] == {
            "full_path": "acme/team/core",
            "visibility": "public",
            "packages_count": 1,
            "files_count": 1,
            "storage_bytes": len(wheel().content),
        }
        pushed = world.app.get(
            f"{address}?namespace_path=acme/team/core&action=file.pushed",
            headers=world.as_("olga"),
        ).json
        assert [event["namespace_path"] for event in pushed] == ["acme/team/core"]

    def test_events_of_a_top_level_group_stay_for_administrators(
        self, world: World, ids: dict[str, int]
    ) -> None:
        act(world, "DELETE", f"/groups/{ids['acme']}", 202)
        world.user("root", is_admin=True)
        found = world.app.get(
            f"{API}/audit_events?namespace_path=acme", headers=world.as_("root")
        ).json
        assert {event["namespace_path"] for event in found} >= {"acme", "acme/team/core"}
        assert {event["entity_id"] for event in found} == {None}

    def test_credentials_of_it_open_nothing(self, world: World, ids: dict[str, int]) -> None:
        secrets = [
            world.access_token("acme/team", Role.MAINTAINER),
            world.deploy_token("acme/team/core", Scope.WRITE_PACKAGE_REGISTRY),
            world.job_token("acme/team/core"),
        ]
        act(world, "DELETE", f"/groups/{ids['acme/team']}", 202)
        for secret in secrets:
            world.app.get("/zeta/-/simple/", headers=basic(secret), status=401)
        with world.components.database.reading() as session:
            (bot,) = session.scalars(select(User).where(User.is_bot))
        assert bot.blocked_at == world.clock()

    def test_jobs_elsewhere_that_its_bots_let_in(self, world: World, ids: dict[str, int]) -> None:
        bot = basic(world.access_token("acme/team", Role.MAINTAINER))
        address = f"{API}/projects/{ids['acme/team/core']}/job_tokens"
        job = send_json(world, "POST", address, bot, 201)["token"]
        with world.components.database.writing() as session:
            session.execute(
                update(Token).where(Token.kind == "job_token").values(namespace_id=ids["acme/side"])
            )
        act(world, "DELETE", f"/groups/{ids['acme/team']}", 202)
        assert token_row(world, job).revoked_at == world.clock()

    def test_the_path_can_be_used_again(self, world: World, ids: dict[str, int]) -> None:
        act(world, "DELETE", f"/projects/{ids['acme/team/core']}", 202)
        world.project("acme/team/core", "public")
        assert names_in(world, "/acme/team/core/-/simple/") == []
        world.upload("acme/team/core", wheel())
        assert filenames_in(world, "/acme/-/simple/demo-package/") == [wheel().filename]

    def test_pulls_that_are_not_written_yet(self, world: World, ids: dict[str, int]) -> None:
        world.app.get(f"/acme/team/core/-/files/{wheel().sha256}/{wheel().filename}")
        act(world, "DELETE", f"/projects/{ids['acme/team/core']}", 202)
        world.clock.advance(seconds=1)
        # On SQLite it may get the same number.
        world.project("acme/new", "public")
        world.components.recorder.flush()
        (pull,) = (event for event in world.events() if event.action == "file.pulled")
        assert (pull.namespace_id, pull.namespace_path) == (None, "acme/team/core")

    @pytest.mark.parametrize("place", ["projects", "groups"])
    @pytest.mark.parametrize("role", [None, *Role])
    def test_who_may_delete(
        self, world: World, ids: dict[str, int], place: str, role: Role | None
    ) -> None:
        path = "acme/team/core" if place == "projects" else "acme/team"
        address = f"{API}/{place}/{ids[path]}"
        world.user("pia")
        if role is not None:
            world.member(path, "pia", role)
        reader = world.as_("pia", Scope.READ_API)
        world.app.delete(address, headers=reader, status=403)
        status = 202 if role is Role.OWNER else 403
        world.app.delete(address, headers=world.as_("pia"), status=status)
        assert (path in tree(world)) == (role is not Role.OWNER)

    def test_nobody_else(self, world: World, ids: dict[str, int]) -> None:
        hidden = world.project("hidden/core")
        with world.components.database.writing() as session:
            find(session, "hidden").visibility = find(session, "hidden/core").visibility
        for address in (f"{API}/projects/{hidden}", f"{API}/groups/hidden"):
            world.app.delete(address, status=401)
            refused = world.app.delete(address, headers=world.as_("olga"), status=404)
            assert sentence_of(refused) == NOTHING_HERE
        deploy = world.deploy_token("hidden/core", Scope.WRITE_PACKAGE_REGISTRY)
        world.app.delete(f"{API}/projects/{hidden}", headers=basic(deploy), status=403)
        world.user("root", is_admin=True)
        world.app.delete(f"{API}/groups/hidden", headers=world.as_("root"), status=202)


def fill(world: World, ids: dict[str, int]) -> None:
    """Put something of every kind into the groups and projects."""
    world.member("acme/team/core", "dora", Role.DEVELOPER)
    world.access_token("acme", Role.MAINTAINER)
    world.deploy_token("acme/team")
    world.upload("acme/side", sdist(), basic(world.job_token("acme/side", pipeline_id="1")))
    reserve(world, "acme", "demo", "acme/team/core", "acme/side")
    project = f"/projects/{ids['acme/side']}"
    act(
        world,
        "POST",
        f"{project}/packages/protection/rules",
        201,
        package_name_pattern="x-*",
        minimum_access_level_for_push="owner",
    )
    act(world, "PUT", project, 200, path="beside")
    with world.components.database.writing() as session:
        session.add(
            TrustedPublisher(
                project_id=ids["acme/side"],
                name="ci",
                issuer="https://issuer.example",
                claims={"sub": "x"},
                created_at=world.clock(),
            )
        )
    world.app.get(f"/acme/team/core/-/files/{wheel().sha256}/{wheel().filename}")
    world.components.recorder.flush()
    assert world.count(FileMetadata) == 2
    assert world.count(NamespaceAncestor) == 9


def rows_of(world: World, table: str) -> int:
    with world.components.database.reading() as session:
        return len(session.execute(metadata.tables[table].select()).all())
