"""What the first `pyregistry setup --demo` prints, done exactly as it says."""

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.environments import OWN_COMMANDS, REPOSITORY
from tests.clients.server import Server

pytestmark = pytest.mark.clients

NAME = "demo-setuptools"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A registry that is not set up yet; it is stopped if the test starts it."""
    server = Server(REPOSITORY, tmp_path / "registry")
    yield server
    if server.is_started:
        server.stop()


def lines_of(block: str) -> dict[str, str]:
    """What the block says, by label."""
    return dict(re.findall(r"^  (\w+): +(\S+)$", block, re.MULTILINE))


def test_second_run_prints_nothing(server):
    assert server.command("setup", "--demo") != ""
    assert server.command("setup", "--demo") == ""
    assert server.command("setup") == ""


def test_block_says_all_that_one_needs(server):
    said = lines_of(server.command("setup", "--demo"))
    assert said["Address"] == f"{server.address}/"
    assert said["User"] == "admin"
    assert len(said["Password"]) >= 12
    assert said["Token"].startswith("pyrpat_")


@pytest.mark.parametrize("installing", [1, 2], ids=["pip", "uv"])
def test_printed_commands_work_as_printed(
    server, workstation, environments, builds, tmp_path, installing
):
    block = server.command("setup", "--demo")
    # Neither the address nor the token may change by starting the server later.
    server.start_at_its_port()
    commands = [line.strip() for line in block.splitlines() if "://" in line and " -" in line]
    assert [command.split()[0] for command in commands] == ["twine", "pip", "uv"]
    checkout = builds.checkout(NAME, tmp_path / "checkout")
    target = tmp_path / "environment"
    python = environments.copy("pip-newest", target)
    # As after `. environment/bin/activate`, twine and uv from further along the path.
    path = os.pathsep.join([str(target / "bin"), str(OWN_COMMANDS), os.environ["PATH"]])
    environ = {"PATH": path, "VIRTUAL_ENV": str(target)}
    # A shell expands dist/*.
    upload = workstation.run("sh", "-c", commands[0], folder=checkout.folder, **environ)
    assert upload.status == 0, upload.output
    program, *arguments = shlex.split(commands[installing].replace("NAME", NAME))
    if program == "pip":
        # The copied script would start the interpreter of the environment it comes from.
        install = workstation.run(python, "-m", "pip", *arguments, **environ)
    else:
        install = workstation.run(OWN_COMMANDS / program, *arguments, **environ)
    assert install.status == 0, install.output
    script = workstation.run(target / "bin" / "demo-setuptools")
    assert script.output == "Hello from Demo.Setuptools"
