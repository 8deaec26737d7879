"""The command as people run it: a process with its own standard streams."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.thorough

PYREGISTRY = Path(sys.executable).with_name("pyregistry")


def run(
    *arguments: str, cwd: Path, stdin: bytes = b"", **environ: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [PYREGISTRY, *arguments],
        cwd=cwd,
        env={**os.environ, **environ},
        input=stdin,
        capture_output=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a registry that `pyregistry` finds by itself."""
    folder = tmp_path_factory.mktemp("registry")
    (folder / "development.ini").write_text(
        "[app:main]\nuse = egg:pyregistry-server\npyregistry.data = data\n[server:main]\n"
    )
    assert run("setup", cwd=folder).returncode == 0
    return folder


def test_the_token_alone_is_on_standard_output(folder: Path) -> None:
    done = run(
        *("token", "create", "--user", "admin", "--name", "ci", "--scope", "api"), cwd=folder
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"pyrpat_")
    assert done.stdout.count(b"\n") == 1


def test_a_terminal_does_not_show_the_token_that_is_typed(folder: Path) -> None:
    created = run(
        *("token", "create", "--user", "admin", "--name", "typed", "--scope", "api"), cwd=folder
    )
    keyboard, terminal = os.openpty()
    process = subprocess.Popen(
        [PYREGISTRY, "token", "check"],
        cwd=folder,
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # without a terminal of its own to ask at
    )
    os.close(terminal)
    assert process.stderr is not None
    assert process.stderr.read(len("Token: ")) == b"Token: "
    os.write(keyboard, created.stdout)
    answer, _ = process.communicate(timeout=120)
    assert (process.returncode, answer.splitlines()[1]) == (0, b"Name: typed")
    try:
        shown = os.read(keyboard, 1000)
    except OSError:
        shown = b""  # the terminal is gone, and had shown nothing
    os.close(keyboard)
    assert created.stdout.strip() not in shown + answer


def test_refusal_is_one_sentence_on_standard_error(folder: Path) -> None:
    done = run("user", "block", "nobody", cwd=folder)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"Error: There is no user 'nobody'.\n"


def test_wrong_call_is_status_2(folder: Path) -> None:
    done = run("user", "fly", cwd=folder)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Traceback" not in done.stderr


def test_no_ini_file_in_this_folder(tmp_path: Path) -> None:
    done = run("setup", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        b"Error: There is no ini file development.ini: name one with --config.\n"
    )


def test_ini_file_of_the_environment(folder: Path, tmp_path: Path) -> None:
    done = run(
        "user", "block", "nobody", cwd=tmp_path, PYREGISTRY_CONFIG=str(folder / "development.ini")
    )
    assert done.stderr == b"Error: There is no user 'nobody'.\n"


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_password_of_bytes_that_are_no_text(folder: Path, errors: str) -> None:
    done = run(
        *("user", "password", "admin", "--password-stdin"),
        cwd=folder,
        stdin=b"\xff" * 20 + b"\n",
        PYTHONIOENCODING=f"utf-8:{errors}",
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"not valid UTF-8" in done.stderr
    assert b"Traceback" not in done.stderr


def test_output_that_nobody_reads(folder: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(
            [PYREGISTRY, "user", "unblock", "admin"],
            cwd=folder,
            stdout=closed,
            stderr=subprocess.PIPE,
            timeout=120,
            check=False,
        )
    assert b"Traceback" not in done.stderr


def test_version(tmp_path: Path) -> None:
    done = run("--version", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith(b"pyregistry, version ")
