"""docs/command-line.md lists exactly the commands and options that there are."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pyregistry.cli import main
from tests.factories.source import REPOSITORY

DOCUMENT = REPOSITORY / "docs" / "command-line.md"
ROW = re.compile(r"^\| `pyregistry (?P<call>[^`]+)` \|", re.MULTILINE)


def commands(group: click.Group = main, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


def groups() -> Iterator[tuple[str, ...]]:
    yield ()
    yield from sorted({path[:-1] for path in commands() if len(path) > 1})


def command_at(path: tuple[str, ...]) -> click.Command:
    command: click.Command = main
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    return command


def documented(document: Path = DOCUMENT) -> dict[tuple[str, ...], str]:
    """Each call of the table, by the names of its command."""
    calls = {}
    for match in ROW.finditer(document.read_text()):
        words = match["call"].split()
        names = [word for word in words[:2] if re.fullmatch(r"[a-z]+(-[a-z]+)*", word)]
        calls[tuple(names)] = match["call"]
    return calls


def test_every_command_is_documented_and_every_documented_command_exists() -> None:
    assert sorted(documented()) == sorted(commands())


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_options_are_those_of_the_document(path: tuple[str, ...]) -> None:
    options = {
        option
        for parameter in command_at(path).params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
    }
    assert set(re.findall(r"--[a-z-]+", documented()[path])) == options


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_required_options_are_those_without_brackets(path: tuple[str, ...]) -> None:
    required = {
        option
        for parameter in command_at(path).params
        if isinstance(parameter, click.Option) and parameter.required
        for option in parameter.opts
    }
    without = re.sub(r"\[[^]]*\]", "", documented()[path])
    assert set(re.findall(r"--[a-z-]+", without)) == required


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_arguments_are_those_of_the_document(path: tuple[str, ...]) -> None:
    arguments = [
        str(parameter.name).upper()
        for parameter in command_at(path).params
        if isinstance(parameter, click.Argument)
    ]
    words = re.sub(r"\[[^]]*\]|--[a-z-]+ \S+", "", documented()[path]).split()
    assert words[len(path) :] == arguments


@pytest.mark.parametrize("path", [*groups(), *commands()], ids=lambda path: " ".join(path) or "top")
def test_help(path: tuple[str, ...]) -> None:
    for option in ("--help", "-h"):
        result = CliRunner().invoke(main, [*path, option])
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout.startswith("Usage: ")
        command = command_at(path)
        assert command.help is not None
        assert command.help.split("\n")[0].split()[0] in result.stdout


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_every_option_says_what_it_is_for(path: tuple[str, ...]) -> None:
    options = [item for item in command_at(path).params if isinstance(item, click.Option)]
    assert [option.name for option in options if not option.help] == []


def test_help_needs_no_registry(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.ini")
    assert CliRunner().invoke(main, ["--config", missing, "setup", "--help"]).exit_code == 0


def test_the_ini_file_is_an_option_of_the_whole_command() -> None:
    text = DOCUMENT.read_text()
    assert "--config FILE" in text
    assert "PYREGISTRY_CONFIG" in text
    assert [parameter.envvar for parameter in main.params if parameter.name == "config"] == [
        "PYREGISTRY_CONFIG"
    ]
