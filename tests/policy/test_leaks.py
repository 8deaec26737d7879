"""What a caller may not read is nowhere: each answer is that of a registry without it.

Two registries are made alike; from the twin everything is deleted that the caller may not
know of. Then every address of the whole tree is asked for in both, and compared to the byte:
status, headers, body. Serials are numbers of one sequence for the whole instance, as mirrors
need it; so what is hidden leaves gaps, in the twin the same ones.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import delete, select, update
from webob import Request

from pyregistry.accounts.models import User
from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.models import Membership, Namespace, NamespaceAncestor
from pyregistry.packaging.models import File, FileMetadata, Package, PackageStatus, Release
from tests.factories.distributions import Distribution, sdist
from tests.factories.world import World, basic
from tests.functional.images import copy_database
from tests.functional.support import JSON
from tests.policy.conftest import NewWorld

pytestmark = pytest.mark.thorough

Headers = dict[str, str]
Question = tuple[str, str, str]
"""The method, the address and what is accepted."""
Answers = dict[Question, tuple[str, list[tuple[str, str]], bytes]]
"""The status, the headers and the body by the question."""

GROUPS = {"acme": "public", "acme/team": "internal", "acme/vault": "private"}
PROJECTS = {
    "acme/open": "public",
    "acme/staff": "internal",
    "acme/secret": "private",
    "acme/free": "anyone can pull",
    "acme/team/tool": "internal",
    "acme/team/hidden-tool": "private",
    "acme/vault/closed": "private",
    "acme/vault/lent": "anyone can pull",
}
EVERYWHERE = "shared"
"""The name of a package that every project has, each with a file of its own and a common one."""

Enroll = Callable[[World], Headers]


@dataclass(frozen=True)
class Case:
    """A caller, and what is in the tree that they may not know of."""

    enroll: Enroll
    hidden: frozenset[str]
    """Groups and projects that do not exist for them."""
    empty: frozenset[str] = frozenset()
    """Projects that they see, and no packages in them."""


def token_of(*memberships: tuple[str, Role], is_external: bool = False) -> Enroll:
    """Enrolls a user with these roles and a token."""

    def enroll(world: World) -> Headers:
        world.user("ann", is_external=is_external)
        for path, role in memberships:
            world.member(path, "ann", role)
        return world.as_("ann")

    return enroll


def bot(world: World) -> Headers:
    """Enrolls a bot, called the same in every registry: pages say who is signed in."""
    headers = basic(world.access_token("acme/open", Role.DEVELOPER))
    with world.components.database.writing() as session:
        session.execute(update(User).where(User.is_bot).values(username="bot", name="bot"))
    return headers


PRIVATE = frozenset({"acme/secret", "acme/team/hidden-tool", "acme/vault/closed"})
STAFF = frozenset({"acme/staff", "acme/team/tool"})
# A group through which something can be pulled is known to be there: not `acme/vault`.

CASES = {
    "nobody": Case(lambda _world: {}, PRIVATE | STAFF | {"acme/team"}),
    "external stranger": Case(token_of(is_external=True), PRIVATE | STAFF | {"acme/team"}),
    "internal stranger": Case(token_of(), PRIVATE),
    "reporter of one project": Case(
        token_of(("acme/secret", Role.REPORTER), is_external=True),
        PRIVATE - {"acme/secret"} | STAFF | {"acme/team"},
    ),
    "guest of one project": Case(
        token_of(("acme/secret", Role.GUEST)),
        PRIVATE - {"acme/secret"},
        frozenset({"acme/secret"}),
    ),
    "guest in a hidden group": Case(
        token_of(("acme/vault/closed", Role.GUEST), is_external=True),
        PRIVATE - {"acme/vault/closed"} | STAFF | {"acme/team"},
        frozenset({"acme/vault/closed"}),
    ),
    "developer of a group": Case(
        token_of(("acme/vault", Role.DEVELOPER)), PRIVATE - {"acme/vault/closed"}
    ),
    "deploy token of a project": Case(
        lambda world: basic(world.deploy_token("acme/team/tool", Scope.READ_PACKAGE_REGISTRY)),
        PRIVATE | STAFF - {"acme/team/tool"},
    ),
    "deploy token of a group": Case(
        lambda world: basic(world.deploy_token("acme/team", Scope.READ_PACKAGE_REGISTRY)),
        PRIVATE - {"acme/team/hidden-tool"} | {"acme/staff"},
    ),
    "job token": Case(
        lambda world: basic(world.job_token("acme/secret")),
        PRIVATE - {"acme/secret"} | STAFF | {"acme/team"},
    ),
    "bot": Case(bot, PRIVATE | STAFF | {"acme/team"}),
}
ON_POSTGRESQL = ("nobody", "guest of one project", "deploy token of a group")


def own_name(path: str) -> str:
    """The name of the package that only this project has."""
    return path.replace("/", "-")


def own_file(path: str) -> Distribution:
    """The file of that package."""
    return sdist(own_name(path))


def shared_file(path: str) -> Distribution:
    """A file that every project has under the same name, with other bytes."""
    return sdist(EVERYWHERE, files={"where.txt": path.encode()})


@dataclass
class Tree:
    """A registry with the whole tree, and the ids by which addresses name what is in it."""

    world: World
    ids: dict[str, int]
    releases: dict[str, tuple[int, int]]
    """The release and the file of each project's own package."""


NewTree = Callable[[], Tree]


def build(world: World) -> Tree:
    """Make the tree, its uploads mixed, so that hidden ones come between those that are seen."""
    ids = {path: world.group(path, visibility) for path, visibility in GROUPS.items()}
    for path, visibility in PROJECTS.items():
        is_open = visibility == "anyone can pull"
        ids[path] = world.project(
            path, "private" if is_open else visibility, anyone_can_pull=is_open
        )
    world.user("publisher", is_admin=True)
    publisher = world.as_("publisher")
    for make in (shared_file, own_file, lambda path: sdist(EVERYWHERE, f"2.{len(path)}")):
        for path in PROJECTS:
            world.upload(path, make(path), publisher)
    with world.components.database.writing() as session:
        # The oldest upload of a name is offered; whose status it is must not show either.
        hidden = select(Namespace.id).where(Namespace.full_path == "acme/secret")
        shared = Package.project_id.in_(hidden) & (Package.normalized_name == EVERYWHERE)
        session.execute(update(Package).where(shared).values(status=PackageStatus.ARCHIVED))
        rows = session.execute(
            select(Namespace.full_path, File.release_id, File.id)
            .join(File, File.project_id == Namespace.id)
            .join(Package, Package.id == File.package_id)
            .where(Package.normalized_name != EVERYWHERE)
        ).all()
    return Tree(world, ids, {path: (release, file) for path, release, file in rows})


def copied(tree: Tree, world: World) -> Tree:
    """The same tree in an empty registry, both on SQLite."""
    source, target = tree.world.components.settings, world.components.settings
    copy_database(source.database_url, target.database_url)
    files = target.storage_local_folder
    shutil.copytree(source.storage_local_folder, files, dirs_exist_ok=True)
    return Tree(replace(world, users=dict(tree.world.users)), tree.ids, tree.releases)


@pytest.fixture(scope="session")
def new_tree(sqlite_worlds: NewWorld) -> NewTree:
    """Gives the tree on SQLite, which is made once."""
    first = build(sqlite_worlds())
    first.world.components.recorder.flush()
    return lambda: copied(first, sqlite_worlds())


def forget(tree: Tree, case: Case) -> None:
    """Delete what the caller may not know of, as if it had never been made."""
    gone = [tree.ids[path] for path in case.hidden]
    emptied = [tree.ids[path] for path in case.empty]
    within = [*gone, *emptied]
    with tree.world.components.database.writing() as session:
        files = select(File.id).where(File.project_id.in_(within))
        session.execute(delete(FileMetadata).where(FileMetadata.file_id.in_(files)))
        for model in (File, Release, Package):
            session.execute(delete(model).where(model.project_id.in_(within)))
        session.execute(
            update(Namespace)
            .where(Namespace.id.in_(emptied))
            .values(serial=0, packages_count=0, files_count=0, storage_bytes=0)
        )
        for owned in (Membership, NamespaceAncestor):
            session.execute(delete(owned).where(owned.namespace_id.in_(gone)))
        for path in sorted(case.hidden, reverse=True):
            session.execute(delete(Namespace).where(Namespace.id == tree.ids[path]))


def change_what_is_hidden(tree: Tree, case: Case) -> None:
    """Publish, yank and delete where the caller must not notice it."""
    projects = sorted((case.hidden | case.empty) & PROJECTS.keys())
    publisher = tree.world.as_("publisher")
    for path in projects:
        # By a name that the caller knows from elsewhere.
        tree.world.upload(path, sdist(own_name("acme/open"), "9.0"), publisher)
        release, _ = tree.releases[path]
        address = f"/api/v4/projects/{tree.ids[path]}/packages"
        newest = tree.world.app.get(address, headers=publisher).json[-1]["id"]
        tree.world.app.put_json(f"{address}/{newest}", {"yanked": True}, headers=publisher)
        tree.world.app.delete(f"{address}/{release}", headers=publisher)


def of_groups(tree: Tree) -> Iterator[Question]:
    """Every address of the instance and of groups with a method and an Accept header."""
    yield "GET", "/", "text/html"
    for words in (EVERYWHERE, "demo", "a"):
        yield "GET", f"/-/search?q={words}", "text/html"
    yield "GET", "/api/v4/groups?all_available=true", "*/*"
    yield "GET", "/api/v4/projects", "*/*"
    yield from _index("/-/simple/", "/-/files/", list(PROJECTS))
    yield "GET", f"/api/v4/explain?package={EVERYWHERE}", "*/*"
    for group in GROUPS:
        inside = [path for path in PROJECTS if path.startswith(f"{group}/")]
        api = f"/api/v4/groups/{tree.ids[group]}"
        yield "GET", f"/{group}/", "text/html"
        yield "GET", f"/{group}/-/packages", "text/html"
        yield "GET", f"/{group}/-/packages?q={EVERYWHERE}", "text/html"
        yield "GET", f"{api}/subgroups?all_available=true", "*/*"
        yield "GET", f"{api}/descendant_groups?all_available=true", "*/*"
        yield "GET", f"{api}/projects?include_subgroups=true", "*/*"
        yield from _members(api)
        yield from _index(f"/{group}/-/simple/", f"/{group}/-/files/", inside)
        for query in ("", "?per_page=1", "?order_by=project_path&pagination=keyset&per_page=2"):
            yield "GET", f"{api}/packages{query}", "*/*"
        yield from _index(f"{api}/-/packages/pypi/simple/", f"{api}/-/packages/pypi/files/", inside)


def of_projects(tree: Tree) -> Iterator[Question]:
    """Every address of projects."""
    for path in PROJECTS:
        yield from _project(path, f"/api/v4/projects/{tree.ids[path]}", tree.releases[path])


def _index(simple: str, files: str, projects: list[str]) -> Iterator[Question]:
    yield "GET", simple, JSON
    yield "GET", simple, "text/html"
    for name in (EVERYWHERE, "no-such-package", *map(own_name, projects)):
        yield "GET", f"{simple}{name}/", JSON
    for path in projects:
        for file in (own_file(path), shared_file(path)):
            yield "GET", f"{files}{file.sha256}/{file.filename}", "*/*"
        yield "GET", f"{files}{own_file(path).sha256}/{own_file(path).filename}.metadata", "*/*"


def _members(api: str) -> Iterator[Question]:
    yield "PUT", api, "*/*"
    for method, below in (("GET", ""), ("POST", ""), ("GET", "/all"), ("GET", "/1"), ("PUT", "/1")):
        yield method, f"{api}/members{below}", "*/*"
    yield "GET", f"{api}/audit_events", "*/*"
    yield "GET", f"{api}/explain?package={EVERYWHERE}", "*/*"
    for by in ("day", "package"):
        # Pulls are written down some time after these questions have pulled.
        yield "GET", f"{api}/usage?by={by}&action=file.pushed", "*/*"


def _project(path: str, api: str, numbers: tuple[int, int]) -> Iterator[Question]:
    release, file = numbers
    name = own_name(path)
    for page in ("", f"{name}/", f"{name}/1.0/", "no-such-package/", EVERYWHERE.upper()):
        yield "GET", f"/{path}/{page}", "text/html"
    yield "POST", f"/{path}/-/legacy/", "*/*"
    yield "GET", f"/{path}/-/simple/", JSON
    yield "GET", f"/{path}/-/simple/{name}/", JSON
    yield "GET", f"/{path}/-/simple/{EVERYWHERE}", "text/html"
    content = own_file(path)
    for suffix in ("", ".metadata"):
        yield "GET", f"/{path}/-/files/{content.sha256}/{content.filename}{suffix}", "*/*"
    yield from _members(api)
    for method, below in (
        ("GET", "?per_page=1"),
        ("GET", f"/{release}"),
        ("PUT", f"/{release}"),
        ("DELETE", f"/{release}"),
        ("GET", f"/{release}/package_files"),
        ("DELETE", f"/{release}/package_files/{file}"),
        ("GET", f"/pypi/status/{name}"),
        ("PUT", f"/pypi/status/{name}"),
        ("GET", f"/{release}/pipelines"),
        ("GET", "/protection/rules"),
        ("GET", "/pypi/simple/"),
        ("POST", "/pypi"),
    ):
        yield method, f"{api}/packages{below}", "*/*"


def answers(tree: Tree, headers: Headers, asked: Iterable[Question]) -> Answers:
    """Everything that the caller is answered, to the byte."""
    found = {}
    for question in asked:
        method, address, accept = question
        # A token of forms that does not change from page to page.
        sent = {"Accept": accept, "Cookie": f"pyregistry_csrf={'c' * 64}", **headers}
        request = Request.blank(
            address, method=method, headers=sent, environ={"REMOTE_ADDR": "192.0.2.7"}
        )
        response = request.get_response(tree.world.app.app)
        del response.headers["X-Request-Id"]
        found[question] = (response.status, sorted(response.headers.items()), response.body)
        if "/files/" in address:
            # When a release was last pulled is shown, too: it must not depend on a thread.
            tree.world.components.recorder.flush()
    return found


def differing(one: Answers, other: Answers) -> list[str]:
    """The questions that are answered otherwise, with both answers where they differ."""
    found = []
    for question, answer in one.items():
        if answer != other[question]:
            both = zip(answer, other[question], strict=True)
            parts = [pair for pair in both if pair[0] != pair[1]]
            found.append(f"{question}: {parts}"[:600])
    return found


def check_nothing_shows(tree: Tree, twin: Tree, case: Case) -> None:
    """Compare a registry with its twin, and its indexes again when what is hidden has changed."""
    headers, headers_of_twin = case.enroll(tree.world), case.enroll(twin.world)
    forget(twin, case)
    asked = [*of_groups(tree), *of_projects(tree)]
    expected = answers(twin, headers_of_twin, asked)
    # A comparison of nothing with nothing would prove nothing.
    statuses = {status[:3] for status, _, _ in expected.values()}
    assert statuses >= {"200", "404" if headers else "401"}
    assert differing(answers(tree, headers, asked), expected) == []
    change_what_is_hidden(tree, case)
    assert differing(answers(tree, headers, of_groups(tree)), expected) == []


@pytest.mark.parametrize("case", CASES)
def test_what_is_hidden_shows_nowhere(new_tree: NewTree, case: str) -> None:
    check_nothing_shows(new_tree(), new_tree(), CASES[case])


@pytest.mark.postgresql
@pytest.mark.parametrize("case", ON_POSTGRESQL)
def test_what_is_hidden_shows_nowhere_on_postgresql(postgresql_worlds: NewWorld, case: str) -> None:
    tree, twin = build(postgresql_worlds()), build(postgresql_worlds())
    check_nothing_shows(tree, twin, CASES[case])


def test_the_comparison_finds_what_shows(new_tree: NewTree) -> None:
    tree, twin = new_tree(), new_tree()
    everything = Case(token_of(("acme", Role.OWNER)), PRIVATE)
    headers = everything.enroll(tree.world), everything.enroll(twin.world)
    forget(twin, everything)
    asked = [*of_groups(tree), *of_projects(tree)]
    found = differing(answers(tree, headers[0], asked), answers(twin, headers[1], asked))
    for address in ("/", "/acme/", "/-/simple/", "/acme/-/simple/", "/acme/-/simple/shared/"):
        assert any(f"'{address}'" in line for line in found), address
    assert len(found) > 100
