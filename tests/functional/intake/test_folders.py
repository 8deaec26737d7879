"""A folder of archives, good, bad and known, is taken into a project."""

from pathlib import Path

from pyregistry.intake.services.folders import take_folder
from pyregistry.intake.services.take import Intake, Outcome
from pyregistry.packaging.models import File
from pyregistry.protection.levels import Level
from tests.factories.distributions import sdist, wheel
from tests.factories.protection import protect, reserve
from tests.factories.watchers import Unwatched
from tests.factories.world import World
from tests.functional.intake.conftest import PROJECT, MakeIntake


def taken(intake: Intake, folder: Path) -> dict[str, tuple[Outcome, str | None]]:
    return {
        each.filename: (each.outcome, each.reason)
        for each in take_folder(intake, folder, 2, Unwatched())
    }


def test_the_good_are_published_and_the_others_told(
    world: World, make_intake: MakeIntake, tmp_path: Path
) -> None:
    folder = tmp_path / "dist"
    (folder / "below").mkdir(parents=True)
    (folder / ".cache").mkdir()
    good, other = wheel("demo", "1.0"), sdist("demo", "1.0")
    known = wheel("known", "1.0")
    good.write_to(folder)
    other.write_to(folder / "below")
    known.write_to(folder)
    wheel("hidden", "1.0").write_to(folder / ".cache")
    (folder / "demo-2.0-py3-none-any.whl").write_bytes(b"no archive")
    (folder / "README.md").write_text("hello")
    wheel("clash", "1.0", description="mine").write_to(folder)
    intake = make_intake()
    world.upload(PROJECT, known)
    world.upload(PROJECT, wheel("clash", "1.0", description="another"))
    found = taken(intake, folder)
    outcomes = {name: outcome for name, (outcome, _) in found.items()}
    assert outcomes == {
        good.filename: Outcome.PUBLISHED,
        other.filename: Outcome.PUBLISHED,
        known.filename: Outcome.UNCHANGED,
        "demo-2.0-py3-none-any.whl": Outcome.REFUSED,
        "README.md": Outcome.REFUSED,
        "clash-1.0-py3-none-any.whl": Outcome.REFUSED,
    }
    reasons = {name: reason for name, (_, reason) in found.items() if reason}
    assert "already exists in this project with other content" in str(
        reasons["clash-1.0-py3-none-any.whl"]
    )
    assert "no extension of a distribution archive" in str(reasons["README.md"])
    assert world.leftovers() == []
    row = world.file_named(good.filename)
    assert row is not None
    assert (row.sha256, row.credential_kind) == (good.sha256, "command_line")
    pushed = [event for event in world.events() if event.action == "file.pushed"]
    assert len(pushed) == 4


def test_a_second_run_changes_nothing(
    world: World, make_intake: MakeIntake, tmp_path: Path
) -> None:
    folder = tmp_path / "dist"
    folder.mkdir()
    for version in ("1.0", "2.0"):
        wheel("demo", version).write_to(folder)
    intake = make_intake()
    first = taken(intake, folder)
    assert {outcome for outcome, _ in first.values()} == {Outcome.PUBLISHED}
    events = len(world.events())
    assert {outcome for outcome, _ in taken(intake, folder).values()} == {Outcome.UNCHANGED}
    assert (world.count(File), len(world.events())) == (2, events)


def test_what_is_too_large_is_refused(
    world: World, make_intake: MakeIntake, tmp_path: Path
) -> None:
    large, folder = wheel("demo", "1.0"), tmp_path / "dist"
    folder.mkdir()
    large.write_to(folder)
    found = taken(make_intake(max_file_size=len(large.content) - 1), folder)
    assert found[large.filename][0] is Outcome.REFUSED
    assert "larger than the limit" in str(found[large.filename][1])
    assert world.stored_objects() == set()
    assert world.leftovers() == []


def test_rules_let_an_administrator_and_reserved_names_nobody(
    world: World, make_intake: MakeIntake, tmp_path: Path
) -> None:
    folder = tmp_path / "dist"
    folder.mkdir()
    ruled, reserved = wheel("ruled", "1.0"), wheel("taken-name", "1.0")
    for each in (ruled, reserved):
        each.write_to(folder)
    intake = make_intake()
    world.project("acme/other")
    protect(world, PROJECT, "ruled", push=Level.ADMIN)
    reserve(world, "acme", "taken", "acme/other")
    found = taken(intake, folder)
    assert found[ruled.filename] == (Outcome.PUBLISHED, None)
    assert found[reserved.filename][0] is Outcome.REFUSED
    assert "reserved in the group 'acme'" in str(found[reserved.filename][1])
    assert world.stored_objects() == {ruled.sha256}


def test_a_file_that_cannot_be_read_costs_itself(make_intake: MakeIntake, tmp_path: Path) -> None:
    folder = tmp_path / "dist"
    folder.mkdir()
    good = wheel("demo", "1.0")
    (folder / good.filename).write_bytes(good.content)
    # Root may read whatever has a mode that forbids it; nobody reads this from its beginning.
    (folder / "demo-2.0.tar.gz").symlink_to("/proc/self/mem")
    found = {each.filename: each for each in take_folder(make_intake(), folder, 2, Unwatched())}
    assert found[good.filename].outcome is Outcome.PUBLISHED
    assert str(found["demo-2.0.tar.gz"].reason).startswith("It cannot be read")
