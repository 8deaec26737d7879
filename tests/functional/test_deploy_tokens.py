"""What deploy tokens open, and what they do not."""

import pytest

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.members.services.change import remove_member
from tests.factories.distributions import sdist, wheel
from tests.factories.members import granter
from tests.factories.tokens import token_row
from tests.factories.world import World, basic
from tests.functional.support import PROJECT, filenames_in, names_in, sentence_of

READ, WRITE = Scope.READ_PACKAGE_REGISTRY, Scope.WRITE_PACKAGE_REGISTRY
API = "/api/v4/projects/acme%2Fcore/packages"
INDEXES = {
    "project": f"/{PROJECT}/-/simple/",
    "group": "/acme/-/simple/",
    "instance": "/-/simple/",
    "project in the API": f"{API}/pypi/simple/",
    "group in the API": "/api/v4/groups/acme/-/packages/pypi/simple/",
}
NOT_HERE = {
    "another project": "/acme/other/-/simple/",
    "a project elsewhere": "/beta/core/-/simple/",
    "a group elsewhere": "/beta/-/simple/",
    "members": "/api/v4/projects/acme%2Fcore/members",
    "its own kind": "/api/v4/projects/acme%2Fcore/deploy_tokens",
}


@pytest.fixture(autouse=True)
def _tree(world: World) -> None:
    """Private groups: two projects in the one, one in a subgroup, one elsewhere."""
    for group in ("acme", "acme/team", "beta"):
        world.group(group)
    for number, path in enumerate((PROJECT, "acme/other", "acme/team/deep", "beta/core")):
        world.project(path)
        world.upload(path, sdist(f"demo-{number}"))


@pytest.mark.parametrize("index", INDEXES)
def test_indexes_of_a_projects_token(world: World, index: str) -> None:
    headers = basic(world.deploy_token(PROJECT), "deployer")
    assert names_in(world, INDEXES[index], headers) == ["demo-0"]


@pytest.mark.parametrize("index", INDEXES)
def test_indexes_of_a_groups_token(world: World, index: str) -> None:
    headers = {"Deploy-Token": world.deploy_token("acme")}
    subtree = ["demo-0", "demo-1", "demo-2"]
    expected = ["demo-0"] if index.startswith("project") else subtree
    assert names_in(world, INDEXES[index], headers) == expected


def test_a_groups_token_works_in_its_whole_subtree_and_nowhere_else(world: World) -> None:
    headers = basic(world.deploy_token("acme", READ, WRITE), "deployer")
    for path in (PROJECT, "acme/other", "acme/team/deep"):
        world.app.get(f"/{path}/-/simple/", headers=headers, status=200)
        world.upload(path, wheel("demo-new"), headers)
    missing = world.app.get("/gamma/core/-/simple/", headers=headers, status=404)
    elsewhere = world.app.get("/beta/core/-/simple/", headers=headers, status=404)
    assert missing.body == elsewhere.body
    world.upload("beta/core", wheel("demo-new"), headers, status=404)
    world.upload("gamma/core", wheel("demo-new"), headers, status=404)
    subgroup = basic(world.deploy_token("acme/team"), "deployer")
    world.app.get(f"/{PROJECT}/-/simple/", headers=subgroup, status=404)
    assert names_in(world, "/acme/-/simple/", subgroup) == ["demo-2", "demo-new"]


@pytest.mark.parametrize("place", NOT_HERE)
def test_what_a_projects_token_does_not_open(world: World, place: str) -> None:
    headers = basic(world.deploy_token(PROJECT, READ, WRITE), "deployer")
    status = 403 if NOT_HERE[place].startswith("/api/") else 404
    world.app.get(NOT_HERE[place], headers=headers, status=status)


def test_files_and_packages(world: World) -> None:
    headers = basic(world.deploy_token(PROJECT), "deployer")
    file = world.file_named("demo_0-1.0.tar.gz")
    assert file is not None
    for address in (
        f"/{PROJECT}/-/files/{file.sha256}/{file.filename}",
        f"/acme/-/files/{file.sha256}/{file.filename}",
        API,
        f"{API}/{file.release_id}",
        f"{API}/{file.release_id}/package_files",
    ):
        world.app.get(address, headers=headers, status=200)
    for method, address in (
        ("DELETE", f"{API}/{file.release_id}"),
        ("PUT", f"{API}/{file.release_id}"),
        ("PUT", f"{API}/pypi/status/demo-0"),
    ):
        response = world.app.request(address, method=method, headers=headers, status=403)
        assert sentence_of(response) == "A deploy token cannot do this."


@pytest.mark.parametrize("address", [f"/{PROJECT}/-/legacy/", f"{API}/pypi"])
@pytest.mark.parametrize("header", ["Basic", "Deploy-Token"])
def test_publishing(world: World, address: str, header: str) -> None:
    secret = world.deploy_token(PROJECT, WRITE)
    headers = basic(secret, "deployer") if header == "Basic" else {header: secret}
    world.upload(PROJECT, wheel("demo-0", "2.0"), headers, address=address)
    reader = basic(world.deploy_token(PROJECT), "deployer")
    assert len(filenames_in(world, f"/{PROJECT}/-/simple/demo-0/", reader)) == 2


def test_who_may_only_write_cannot_read(world: World) -> None:
    headers = basic(world.deploy_token(PROJECT, WRITE), "deployer")
    for address in (f"/{PROJECT}/-/simple/", "/acme/-/simple/", API):
        response = world.app.get(address, headers=headers, status=403)
        assert sentence_of(response) == (
            "The token has only the scope write_package_registry: this needs one with the scope "
            "read_package_registry."
        )


def test_who_may_only_read_cannot_write(world: World) -> None:
    headers = basic(world.deploy_token(PROJECT, READ), "deployer")
    response = world.upload(PROJECT, wheel("demo-0", "2.0"), headers, status=403)
    assert sentence_of(response) == (
        "The token has only the scope read_package_registry: this needs one with the scope "
        "write_package_registry."
    )


@pytest.mark.parametrize("username", ["other", "", "Deployer", "gitlab-ci-token", "deployer "])
def test_another_user_name_is_wrong(world: World, username: str) -> None:
    headers = basic(world.deploy_token(PROJECT), username)
    world.app.get(f"/{PROJECT}/-/simple/", headers=headers, status=401)
    world.upload(PROJECT, wheel("demo-0", "2.0"), headers, status=401)


def test_an_internal_project_is_not_open_to_tokens_of_another(world: World) -> None:
    world.group("inside", "internal")
    world.project("inside/core", "internal")
    for secret in (
        world.deploy_token(PROJECT),
        world.job_token(PROJECT),
        world.access_token(PROJECT, Role.OWNER),
    ):
        world.app.get("/inside/core/-/simple/", headers=basic(secret), status=404)


def test_a_bot_that_is_no_member_any_more(world: World) -> None:
    secret = world.access_token(PROJECT, Role.OWNER)
    world.app.get(f"/{PROJECT}/-/simple/", headers=basic(secret), status=200)
    bot = token_row(world, secret).user_id
    assert bot is not None
    world.user("root")
    with world.components.database.writing() as session:
        project = token_row(world, secret).namespace_id
        assert project is not None
        by = granter(world, "root", is_admin=True)
        remove_member(session, project, bot, by, world.clock())
    world.app.get(f"/{PROJECT}/-/simple/", headers=basic(secret), status=404)
