"""`pyregistry export`, `import`, `import-files` and `import-index`."""

import os
import signal
from functools import partial
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import URL, func, select

from pyregistry.cli.watching import Watching
from pyregistry.db import Database
from pyregistry.packaging.models import File
from tests.factories.distributions import wheel
from tests.factories.index_servers import static
from tests.unit.cli.conftest import INI, Command


@pytest.fixture
def filled(command: Command, tmp_path: Path) -> Command:
    """A registry with two files in a project."""
    command.succeeds("setup")
    command.succeeds("group", "create", "acme")
    command.succeeds("project", "create", "acme/core")
    dist = tmp_path / "dist"
    dist.mkdir()
    for version in ("1.0", "2.0"):
        wheel("demo", version).write_to(dist)
    assert command.succeeds("import-files", str(dist), "--project", "acme/core") == (
        "Published 2 files, 0 were there already, 0 were refused.\n"
    )
    return command


@pytest.fixture
def there(tmp_path: Path) -> Command:
    """The command on another registry, which was never set up."""
    command = Command(tmp_path / "there", URL.create("sqlite"))
    command.folder.mkdir()
    command.ini.write_text(INI.format(database=""))
    return command


def lines(result: Result) -> list[str]:
    return [line for line in result.stderr.splitlines() if line.startswith("Refused")]


def test_everything_goes_to_a_registry_that_was_never_set_up(
    filled: Command, there: Command, tmp_path: Path
) -> None:
    folder = str(tmp_path / "backup")
    said = filled.succeeds("export", folder, "--all")
    assert said.startswith(f"Exported everything to {folder}: ")
    assert "2 files (" in said
    assert "2 files of them there already" in filled.succeeds("export", folder, "--all")
    assert there.succeeds("import", folder).startswith("Imported everything as it was on ")
    assert there.succeeds("member", "list", "acme/core") == filled.succeeds(
        "member", "list", "acme/core"
    )
    assert "This registry is not empty" in there.refuses("import", folder)
    assert "only into a new database" in filled.refuses("import", folder)


def test_a_group_goes_beside_what_is_there(filled: Command, there: Command, tmp_path: Path) -> None:
    folder = str(tmp_path / "group")
    filled.succeeds("export", folder, "--path", "acme")
    there.succeeds("setup")
    there.succeeds("group", "create", "partners")
    assert there.succeeds("import", folder, "--into", "partners") == (
        "Imported partners/acme: 2 groups and projects are new, 0 were there already."
        " Published 2 files, 0 were there already, 0 were refused.\n"
    )
    assert there.succeeds("import", folder, "--into", "partners") == (
        "Imported partners/acme: 0 groups and projects are new, 2 were there already."
        " Published 0 files, 2 were there already, 0 were refused.\n"
    )
    assert "There is no group or project" in there.refuses("import", folder, "--into", "nowhere")


def test_what_to_export_must_be_said(filled: Command, tmp_path: Path) -> None:
    folder = str(tmp_path / "backup")
    for options in ((), ("--all", "--path", "acme")):
        assert "Say what to export" in filled.misused("export", folder, *options)
    assert "There is no group or project" in filled.refuses("export", folder, "--path", "nowhere")
    assert not Path(folder).exists()
    filled.succeeds("export", folder, "--all")
    assert "for the export of a group" in filled.misused("import", folder, "--into", "acme")
    assert "has no manifest.json" in filled.refuses("import", str(tmp_path / "nothing"))


def test_what_is_refused_is_told_and_the_status_is_1(
    filled: Command, database: Database, tmp_path: Path
) -> None:
    bad = tmp_path / "dist" / "bad-1.0-py3-none-any.whl"
    bad.write_bytes(b"no archive")
    result = filled.run("import-files", str(bad.parent), "--project", "acme/core")
    assert result.exit_code == 1
    assert len(lines(result)) == 1
    assert lines(result)[0].startswith("Refused 'bad-1.0-py3-none-any.whl': ")
    assert result.stdout == "Published 0 files, 2 were there already, 1 were refused.\n"
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(File)) == 2


def test_where_to_publish_must_take_packages(filled: Command, tmp_path: Path) -> None:
    folder = str(tmp_path / "dist")
    assert "is a group" in filled.refuses("import-files", folder, "--project", "acme")
    filled.succeeds("project", "set", "acme/core", "--packages", "off")
    assert "is turned off" in filled.refuses("import-files", folder, "--project", "acme/core")
    filled.succeeds("project", "set", "acme/core", "--packages", "on")
    nothing = str(tmp_path / "nothing")
    assert "There is no folder" in filled.refuses("import-files", nothing, "--project", "acme/core")


def test_another_index_with_a_password_from_the_environment(
    filled: Command, tmp_path: Path
) -> None:
    other = wheel("other", "1.0")
    with static() as site:
        site.add("/simple/other/", f'<a href="../../{other.filename}#sha256={other.sha256}">x</a>')
        site.add(f"/{other.filename}", other.content)
        call = ("import-index", f"{site.address}/simple/", "--project", "acme/core")
        call = (*call, "--package", "other", "--user", "alice")
        assert "set INDEX_PASSWORD" in filled.refuses(*call)
        assert filled.succeeds(*call, INDEX_PASSWORD="secret") == (
            "Published 1 file, 0 were there already, 0 were refused.\n"
        )
        assert site.logins("/simple/other/") == ["alice:secret"]
    assert "by themselves" in filled.refuses(call[0], "http://a:b@127.0.0.1/", *call[2:4])


def test_what_was_stopped_goes_on(filled: Command, database: Database) -> None:
    def ended(*_: object) -> None:
        raise AssertionError("the command lets SIGTERM end the process")

    before = signal.signal(signal.SIGTERM, ended)
    wheels = [wheel("other", f"{number}.0") for number in range(1, 5)]
    try:
        with static() as site:
            links = [f'<a href="../../{each.filename}">x</a>' for each in wheels]
            site.add("/simple/other/", "".join(links))
            for each in wheels:
                site.add(f"/{each.filename}", each.content)
            call = ("import-index", f"{site.address}/simple/", "--project", "acme/core")
            call = (*call, "--package", "other", "--workers", "1")
            stop = partial(os.kill, os.getpid(), signal.SIGTERM)
            site.meanwhile[f"/{wheels[1].filename}"] = stop
            stopped = filled.run(*call)
            assert (stopped.exit_code, stopped.stderr.split()[-1]) == (128 + signal.SIGTERM, "on.")
            assert signal.getsignal(signal.SIGTERM) is ended
            site.meanwhile.clear()
            assert "0 were refused" in filled.succeeds(*call)
    finally:
        signal.signal(signal.SIGTERM, before)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(File)) == 2 + len(wheels)
    assert list((filled.folder / "data").rglob("*.part")) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_as_it_stops_other_long_commands(
    filled: Command, tmp_path: Path, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stage(_watching: Watching, _name: str, _count: int, _size: int) -> None:
        signal.raise_signal(number)

    monkeypatch.setattr(Watching, "stage", stage)
    before = signal.getsignal(number)
    result = filled.run("export", str(tmp_path / "backup"), "--all")
    assert (result.exit_code, result.stdout) == (128 + number, "")
    assert result.stderr == "It was stopped. Run it again to go on.\n"
    assert signal.getsignal(number) is before
