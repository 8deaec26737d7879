"""A group goes into a registry that runs, beside what is there."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from webtest import TestApp

from pyregistry.backup.errors import DamagedExport, InTheWay, OtherExport
from pyregistry.backup.folder import ExportFolder
from pyregistry.backup.services.verify import verified
from pyregistry.config import application, configure
from pyregistry.errors import Invalid
from pyregistry.events.models import UsageCount
from pyregistry.intake.services.take import Outcome
from pyregistry.namespaces.models import Namespace, Visibility
from pyregistry.packaging.models import File, PackageStatus
from pyregistry.packaging.services.change import set_status
from pyregistry.tokens.models import Token
from tests.conftest import NewDatabase
from tests.factories.distributions import sdist, wheel
from tests.factories.world import FOUNDER, Clock, World, new_components
from tests.functional.backup.carrying import WATCHER, brought, exported, imported
from tests.functional.backup.rich import ALPHA, fill
from tests.functional.backup.test_everything import Interrupted, Interrupting, Way
from tests.functional.support import database_dump, read_json

NOT_COMPARED = {"id", "_links", "package_id", "project_id", "group_id", "web_url"}
"""What is another one in another registry, besides numbers of changes."""


def without_numbers(found: Any) -> Any:
    """An answer without the numbers and addresses of the registry that gave it."""
    if isinstance(found, list):
        return [without_numbers(each) for each in found]
    if isinstance(found, dict):
        return {
            key: without_numbers(value) for key, value in found.items() if key not in NOT_COMPARED
        }
    return found


def told(world: World, group: str, headers: dict[str, str]) -> dict[str, Any]:
    """What clients are told of the packages, rules, publishers and members below a group."""
    answers: dict[str, Any] = {}
    for path, names in {"core": ("alpha", "beta", "shut"), "renamed": ("gamma",)}.items():
        for name in names:
            page = read_json(world, f"/{group}/{path}/-/simple/{name}/", headers)
            answers[f"{path}/{name}"] = {key: page[key] for key in page if key != "meta"}
    core = f"/api/v4/projects/{group.replace('/', '%2F')}%2Fcore"
    app = core.replace("core", "tools%2Fapp")
    for address in (
        f"{core}/packages?per_page=100",
        f"{core}/packages/pypi/status/shut",
        f"{core}/packages/protection/rules",
        f"{core}/trusted_publishers",
        f"{app}/packages?per_page=100",
        f"/api/v4/groups/{group.replace('/', '%2F')}/members",
    ):
        answer = world.app.get(address, headers=headers).json
        answers[address.rpartition("acme")[2]] = without_numbers(answer)
    return answers


def people_of(world: World, there: World) -> None:
    """The people of one registry in another one, with the same names."""
    there.clock.moment = world.clock()
    for username in ("olga", "dev"):
        there.user(username)


def test_a_group_is_the_same_elsewhere(onto: Way, tmp_path: Path) -> None:
    world, other = onto
    callers = fill(world)
    before = told(world, "acme", dict(callers["root"]))
    row = world.file_named(ALPHA.filename)
    folder = exported(world, tmp_path / "export", "ACME")
    there = other()
    people_of(world, there)
    there.user("root", is_admin=True)
    there.group("partners", "public")
    done = brought(there, folder, "partners")
    assert (done.path, done.made, done.there) == ("partners/acme", 5, 0)
    assert done.files == {Outcome.PUBLISHED: 7}
    assert done.refusals == []
    headers = there.as_("root")
    after = told(there, "partners/acme", headers)
    assert {key: (before[key], after[key]) for key in before if before[key] != after[key]} == {}
    [prefix] = there.app.get(
        "/api/v4/groups/partners%2Facme/reserved_prefixes", headers=headers
    ).json
    owners = [each["path_with_namespace"] for each in prefix["projects"]]
    assert (prefix["prefix"], owners) == (
        "alpha",
        ["partners/acme/core", "partners/acme/tools/app"],
    )
    found = there.file_named(ALPHA.filename)
    assert row is not None
    assert found is not None
    assert found.uploader_id == there.users[str(found.uploader_name)]
    assert found.metadata_sha256 == row.metadata_sha256
    with there.components.database.reading() as session:
        pulls = session.scalars(
            select(UsageCount.count).where(UsageCount.action == "file.pulled")
        ).all()
    assert pulls == [3]
    assert there.count(Token) == 1  # that of the test
    once = database_dump(there)
    again = brought(there, folder, "partners")
    assert (again.made, again.there) == (0, 5)
    assert again.files == {Outcome.UNCHANGED: 7}
    assert database_dump(there) == once


def test_what_clashes_is_refused_and_the_rest_taken(onto: Way, tmp_path: Path) -> None:
    world, other = onto
    world.project("acme/core", "internal")
    same, differs, new = sdist("demo", "1.0"), wheel("demo", "1.0"), wheel("demo", "2.0")
    closed = wheel("closed", "1.0")
    for each in (same, differs, new, closed):
        world.upload("acme/core", each)
    folder = exported(world, tmp_path / "export", "acme")
    there = other()
    there.clock.moment = world.clock()
    there.project("acme/core", "private")
    mine = wheel("demo", "1.0", description="mine")
    for each in (same, mine, wheel("closed", "0.9")):
        there.upload("acme/core", each)
    with there.components.database.writing() as session:
        held = there.file_named("closed-0.9-py3-none-any.whl")
        assert held is not None
        shut = PackageStatus.ARCHIVED
        set_status(session, held.project_id, "closed", shut, None, FOUNDER, world.clock())
    done = brought(there, folder)
    assert (done.made, done.there) == (0, 2)
    assert done.files == {Outcome.UNCHANGED: 1, Outcome.REFUSED: 2, Outcome.PUBLISHED: 1}
    reasons = {name.strip("'"): reason for name, reason in done.refusals}
    assert "already exists in this project with other content" in reasons[differs.filename]
    assert "archived and takes no uploads" in reasons[closed.filename]
    row = there.file_named(mine.filename)
    assert row is not None
    assert row.sha256 == mine.sha256
    assert there.file_named(new.filename) is not None
    assert there.leftovers() == []


def test_nothing_is_shown_to_more_people(onto: Way, tmp_path: Path) -> None:
    world, other = onto
    world.project("acme/core", "private")
    world.upload("acme/core", wheel("demo", "1.0"))
    folder = exported(world, tmp_path / "export", "acme")
    there = other()
    there.project("acme/core", "public")
    before = database_dump(there)
    with pytest.raises(InTheWay, match="acme/core is there already, and is public"):
        brought(there, folder)
    assert database_dump(there) == before
    assert there.stored_objects() == set()


def test_what_is_more_visible_than_its_new_group_is_less_so(onto: Way, tmp_path: Path) -> None:
    world, other = onto
    world.project("acme/core", "public")
    folder = exported(world, tmp_path / "export", "acme")
    there = other()
    there.group("hidden", "private")
    brought(there, folder, "hidden")
    with there.components.database.reading() as session:
        found = session.scalars(select(Namespace.visibility)).all()
    assert set(found) == {Visibility.PRIVATE}


def test_an_import_that_was_interrupted_goes_on(onto: Way, tmp_path: Path) -> None:
    world, other = onto
    world.project("acme/core", "internal")
    for name in ("a", "b", "c", "d"):
        world.upload("acme/core", wheel(name, "1.0"))
    folder = exported(world, tmp_path / "export", "acme")
    there = other()
    with pytest.raises(Interrupted):
        brought(there, folder, watcher=Interrupting(after=2))
    done = brought(there, folder)
    assert (done.made, done.there) == (0, 2)
    assert done.files[Outcome.PUBLISHED] + done.files[Outcome.UNCHANGED] == 4
    assert there.count(File) == 4
    assert there.leftovers() == []


def test_a_group_has_no_credentials_and_no_numbers_of_people(
    new_world: Callable[..., World], tmp_path: Path
) -> None:
    world = new_world("sqlite")
    fill(world)
    folder = exported(world, tmp_path / "export", "acme")
    text = "".join(path.read_text() for path in folder.path.glob("rows-*/*.jsonl"))
    for word in ("digest", "password", "user_id", "creator_id", "uploader_id", "@example.org"):
        assert word not in text, word
    members = list(folder.rows(folder.manifest().rows_folder, "memberships"))
    assert {row["user"] for row in members} == {"olga", "dev"}


def test_people_get_no_role_where_that_is_not_wanted(
    new_world: Callable[..., World], tmp_path: Path
) -> None:
    world = new_world("sqlite")
    fill(world)
    folder = exported(world, tmp_path / "export", "acme")
    there = new_world("sqlite")
    people_of(world, there)
    brought(there, folder, with_members=False)
    headers = there.as_("olga")
    assert there.app.get("/api/v4/groups/acme", headers=headers).json["visibility"] == "internal"
    there.app.get("/api/v4/groups/acme%2Ftools", headers=headers, status=404)


def test_whoever_is_not_there_is_told(new_world: Callable[..., World], tmp_path: Path) -> None:
    world = new_world("sqlite")
    fill(world)
    folder = exported(world, tmp_path / "export", "acme")
    there = new_world("sqlite")
    there.clock.moment = world.clock()
    done = brought(there, folder)
    assert done.refusals == [
        ("the member 'olga' of acme", "There is no user of that name here."),
        ("the member 'dev' of acme/tools/app", "There is no user of that name here."),
    ]


def test_a_project_goes_into_a_group(new_world: Callable[..., World], tmp_path: Path) -> None:
    world = new_world("sqlite")
    world.project("acme/core", "internal")
    world.upload("acme/core", wheel("demo", "1.0"))
    folder = exported(world, tmp_path / "export", "acme/core")
    there = new_world("sqlite")
    with pytest.raises(Invalid, match="name the one that it goes into"):
        brought(there, folder)
    there.group("partners", "public")
    assert brought(there, folder, "partners").path == "partners/core"
    with pytest.raises(OtherExport):
        imported(new_world("sqlite"), folder)
    everything = exported(world, tmp_path / "everything")
    with pytest.raises(OtherExport):
        brought(there, everything)


def test_archives_are_inspected_whatever_the_rows_say(
    new_world: Callable[..., World], tmp_path: Path
) -> None:
    world = new_world("sqlite")
    world.project("acme/core", "internal")
    world.upload("acme/core", wheel("demo", "1.0"))
    with world.components.database.writing() as session:
        file = session.scalars(select(File)).one()
        file.filename = "demo-9.0-py3-none-any.whl"
    folder = exported(world, tmp_path / "export", "acme")
    done = brought(new_world("sqlite"), folder)
    assert done.files == {Outcome.REFUSED: 1}
    assert "give both one name and version" in done.refusals[-1][1]


@pytest.mark.parametrize("path", ["victim/prod", "victim/new", "acme-victim/prod", "Acme", "acme"])
def test_an_export_reaches_nothing_that_it_does_not_name(
    onto: Way, tmp_path: Path, path: str
) -> None:
    world, other = onto
    world.project("acme/core")
    world.upload("acme/core", ALPHA)
    folder = exported(world, tmp_path / "export", "acme")
    write_path_of_second(folder, path)
    there = other()
    there.project("victim/prod")
    before = database_dump(there)
    with pytest.raises(DamagedExport, match="not in acme, or twice there"):
        brought(there, folder)
    assert database_dump(there) == before


def write_path_of_second(folder: ExportFolder, path: str) -> None:
    """Give the second group or project of an export another path, as a forger would."""
    forge(folder, "namespaces", -1, full_path=path)


def forge(folder: ExportFolder, table: str, number: int = 0, **changed: Any) -> None:
    """Change a row of an export (..., for a column that goes), and the manifest with it."""
    manifest = folder.manifest()
    file = folder.path / manifest.rows_folder / f"{table}.jsonl"
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    row = {**rows[number], **changed}
    rows[number] = {name: value for name, value in row.items() if value is not ...}
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    written = folder.rows_file(manifest.rows_folder, table)
    forged = replace(manifest, rows={**manifest.rows, table: written})
    (folder.path / "manifest.json").write_bytes(forged.as_bytes())


@pytest.fixture(scope="module")
def rich_export(new_sqlite: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> ExportFolder:
    """An export in which every table of groups has a row."""
    folder = tmp_path_factory.mktemp("rich")
    clock = Clock()
    components = new_components(new_sqlite(), folder, clock)
    world = World(components, clock, TestApp(application(configure(components))))
    fill(world)
    found = exported(world, folder / "export", "acme")
    components.recorder.stop()
    components.database.dispose()
    return found


@pytest.mark.parametrize(
    ("table", "changed"),
    [
        ("namespaces", {"name": ...}),
        ("namespaces", {"password": "x"}),
        ("namespaces", {"name": 5}),
        ("namespaces", {"name": "x" * 256}),
        ("namespaces", {"kind": "nothing"}),
        ("namespaces", {"visibility": None}),
        ("namespaces", {"description": "a\x00b"}),
        ("namespaces", {"description": "\ud800"}),
        ("namespaces", {"packages_enabled": "yes"}),
        ("namespaces", {"created_at": "yesterday"}),
        ("namespaces", {"created_at": "2026-01-01T00:00:00"}),
        ("namespaces", {"creator": ["olga"]}),
        ("memberships", {"role": 999}),
        ("memberships", {"user": None}),
        ("memberships", {"namespace_id": 999_999}),
        ("protection_rules", {"push_level": 7}),
        ("trusted_publishers", {"claims": "x"}),
        ("packages", {"project_id": 999_999}),
        ("packages", {"status": "gone"}),
        ("releases", {"yanked_reason": 7}),
        ("files", {"release_id": 999_999}),
        ("files", {"size": "7"}),
        ("files", {"size": 2**63}),
        ("files", {"size": True}),
        ("files", {"uploader_name": "x" * 5000}),
        ("file_builds", {"build_id": 999_999}),
        ("usage_counts", {"count": -5}),
        ("usage_counts", {"action": "nothing"}),
        ("usage_counts", {"day": "x"}),
        ("reserved_prefixes", {"group_id": 999_999}),
    ],
    ids=str,
)
def test_rows_that_make_no_sense_are_refused_before_anything_is_written(
    rich_export: ExportFolder, tmp_path: Path, table: str, changed: dict[str, Any]
) -> None:
    folder = ExportFolder(Path(shutil.copytree(rich_export.path, tmp_path / "forged")))
    forge(folder, table, **changed)
    with pytest.raises(DamagedExport, match=f"A row of {table} (makes no sense|has other columns)"):
        verified(folder, WATCHER)
