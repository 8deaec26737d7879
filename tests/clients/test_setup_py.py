"""`setup.py upload` and `setup.py register`, with the Pythons that had them."""

import shutil
from pathlib import Path

import pytest

from tests.clients.checkouts import PROJECTS
from tests.clients.environments import Environments, find_python
from tests.clients.server import Project
from tests.clients.workstation import Outcome, Workstation

pytestmark = pytest.mark.clients

PACKAGE = "demo-distutils"
VERSIONS = ("2.7", "3.6")


@pytest.fixture(scope="session", params=VERSIONS)
def python(request: pytest.FixtureRequest) -> str:
    found = find_python(request.param)
    if found is None:
        pytest.skip(f"this machine has no Python {request.param}")
    return found


@pytest.fixture
def setup_py(python: str, workstation: Workstation, environments: Environments, project: Project):
    """Runs `setup.py` of a checkout, with the token of a developer in `~/.pypirc`."""
    folder = workstation.work / "checkout"
    shutil.copytree(PROJECTS / PACKAGE, folder)

    def run(*arguments: str, token: str = project.registry.tokens["developer"]) -> Outcome:
        workstation.write(
            ".pypirc",
            "[distutils]\nindex-servers =\n    ours\n\n"
            f"[ours]\nrepository: {project.upload_url}\nusername: __token__\npassword: {token}\n",
        )
        return workstation.run(
            python,
            "setup.py",
            *arguments,
            folder=folder,
            PYTHONPATH=str(environments.wheel_package()),
        )

    run.folder = folder
    return run


def test_sdist_is_published(setup_py, project):
    outcome = setup_py("sdist", "upload", "-r", "ours")
    assert outcome.status == 0, outcome.output
    assert "Server response (200): OK" in outcome.output
    assert set(project.files(PACKAGE)) == {"Demo.Distutils-1.0.tar.gz"}


def test_wheel_is_published(setup_py, project):
    outcome = setup_py("bdist_wheel", "upload", "-r", "ours")
    assert outcome.status == 0, outcome.output
    (filename,) = project.files(PACKAGE)
    assert filename.startswith("Demo.Distutils-1.0-py")


def test_address_of_the_repository_instead_of_its_name(setup_py, project):
    outcome = setup_py("sdist", "--formats=zip", "upload", "-r", project.upload_url)
    assert outcome.status == 0, outcome.output
    assert set(project.files(PACKAGE)) == {"Demo.Distutils-1.0.zip"}


def test_other_bytes_under_the_same_name(setup_py, project):
    setup_py("sdist", "upload", "-r", "ours")
    before = project.files(PACKAGE)
    module: Path = setup_py.folder / "demo_distutils.py"
    module.write_text(module.read_text() + "# Changed.\n")
    outcome = setup_py("sdist", "upload", "-r", "ours")
    assert outcome.status != 0
    assert "Upload failed (409): Demo.Distutils-1.0.tar.gz already exists" in outcome.output
    assert project.files(PACKAGE) == before


def test_role_that_may_not_publish(setup_py, project):
    token = project.registry.tokens["reporter"]
    outcome = setup_py("sdist", "upload", "-r", "ours", token=token)
    assert outcome.status != 0
    assert "(403): Your role here does not permit this" in outcome.output


def test_register_does_nothing_and_says_so(setup_py, project):
    outcome = setup_py("register", "-r", "ours")
    assert outcome.status == 0, outcome.output
    assert "Server response (200): OK" in outcome.output
    assert project.api("GET", f"packages/pypi/simple/{PACKAGE}/").status == 404


def test_register_and_upload_together(setup_py, project):
    outcome = setup_py("register", "-r", "ours", "sdist", "upload", "-r", "ours")
    assert outcome.status == 0, outcome.output
    assert set(project.files(PACKAGE)) == {"Demo.Distutils-1.0.tar.gz"}
