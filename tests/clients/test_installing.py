"""Installing from every kind of index, and every way to give credentials."""

import os
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from tests.clients.checkouts import Builds
from tests.clients.environments import OWN_COMMANDS
from tests.clients.installers import KINDS, Installer
from tests.clients.publishers import PUBLISHERS
from tests.clients.server import Project, Registry
from tests.factories.distributions import sdist, wheel

pytestmark = pytest.mark.clients

MOUNTS: dict[str, Callable[[Project, int, int], str]] = {
    "project": lambda project, _project_id, _group_id: f"{project.path}/-/simple/",
    "group": lambda project, _project_id, _group_id: f"{group_of(project)}/-/simple/",
    "group above": lambda _project, _project_id, _group_id: "acme/-/simple/",
    "instance": lambda _project, _project_id, _group_id: "-/simple/",
    "project by number": lambda _project, project_id, _group_id: (
        f"api/v4/projects/{project_id}/packages/pypi/simple"
    ),
    "project by path": lambda project, _project_id, _group_id: (
        f"{project.api_path}/packages/pypi/simple"
    ),
    "group by number": lambda _project, _project_id, group_id: (
        f"api/v4/groups/{group_id}/-/packages/pypi/simple"
    ),
}


def group_of(project: Project) -> str:
    return project.path.rpartition("/")[0]


def unique(project: Project) -> str:
    """A package name that no other test publishes."""
    return "demo-" + project.path.replace("/", "-")


@pytest.fixture(scope="module")
def published(registry: Registry) -> Project:
    """A project in a subgroup, with a wheel and an older sdist. Tests only read it."""
    project = registry.project(group=registry.group())
    project.publish(wheel(unique(project), "2.0"), sdist(unique(project), "1.0"))
    return project


@pytest.fixture(scope="module")
def elsewhere(registry: Registry) -> Project:
    """Another project, which everybody may read: it stands for the public index."""
    project = registry.project()
    project.publish(wheel("demo-elsewhere", "1.0"))
    return project


# The same pages are at each of them: every client asks at some, or at all with CASES=all.
AT_EVERY_KIND_OF_INDEX = [
    (mount, kind)
    for number, (mount, kind) in enumerate(product(MOUNTS, KINDS))
    if os.environ.get("CASES") == "all" or number % len(KINDS) == number // len(KINDS) % len(KINDS)
]


@pytest.mark.parametrize(("mount", "installer"), AT_EVERY_KIND_OF_INDEX, indirect=["installer"])
def test_every_kind_of_index(installer: Installer, published: Project, mount: str):
    registry, name = published.registry, unique(published)
    project_id = registry.server.namespace_id(published.path)
    group_id = registry.server.namespace_id(group_of(published))
    path = MOUNTS[mount](published, project_id, group_id)
    index = registry.address_for("reporter", path)
    outcome = installer.install("--index-url", index, name)
    assert outcome.status == 0, outcome.output
    assert installer.installed(name) == "2.0"


@pytest.mark.parametrize("installer", ["pip newest", "uv"], indirect=True)
def test_sdist(installer: Installer, published: Project):
    name = unique(published)
    # The sdist brings its own build backend, which the oldest pip does not look for.
    outcome = installer.install("--index-url", published.index(), f"{name}<2")
    assert outcome.status == 0, outcome.output
    assert installer.installed(name) == "1.0"


@pytest.mark.parametrize("choice", ["--only-binary", "--no-binary"])
def test_real_package(
    installer: Installer, project: Project, builds: Builds, environments, tmp_path: Path, choice
):
    checkout = builds.checkout("demo-setuptools", tmp_path / "checkout")
    token = project.registry.tokens["developer"]
    published = PUBLISHERS["twine 7"].publish(
        installer.workstation, environments, checkout, project.upload_url, token
    )
    assert published.status == 0, published.output
    options = ("--no-build-isolation", choice, ":all:", "--index-url", project.index())
    outcome = installer.install(*options, "demo.setuptools")
    assert outcome.status == 0, outcome.output
    script = installer.workstation.run(installer.python.with_name("demo-setuptools"))
    assert script.output == "Hello from Demo.Setuptools"


def test_requirements_with_a_private_index_beside_another(installer, published, elsewhere):
    name = unique(published)
    requirements = installer.workstation.write(
        "requirements.txt",
        f"--index-url {elsewhere.index()}\n--extra-index-url {published.index()}\n"
        f"demo-elsewhere==1.0\n{name}==2.0\n",
    )
    outcome = installer.install("--requirement", requirements)
    assert outcome.status == 0, outcome.output
    assert installer.installed(name) == "2.0"
    assert installer.installed("demo-elsewhere") == "1.0"


@pytest.mark.parametrize("installer", ["pip newest", "pip oldest"], indirect=True)
def test_pip_conf(installer, published, elsewhere):
    name = unique(published)
    configuration = installer.workstation.write(
        "pip.conf",
        f"[global]\nindex-url = {elsewhere.index()}\nextra-index-url = {published.index()}\n",
    )
    outcome = installer.install(name, "demo-elsewhere", PIP_CONFIG_FILE=str(configuration))
    assert outcome.status == 0, outcome.output
    assert installer.installed(name) == "2.0"


def test_netrc(installer, published):
    token = published.registry.tokens["reporter"]
    netrc = installer.workstation.write(
        ".netrc", f"machine 127.0.0.1\nlogin __token__\npassword {token}\n"
    )
    name, index = unique(published), published.index(role=None)
    outcome = installer.install("--index-url", index, name, NETRC=str(netrc))
    assert outcome.status == 0, outcome.output
    assert installer.installed(name) == "2.0"


def test_anonymous_finds_nothing_private(installer, published):
    outcome = installer.install("--index-url", published.index(role=None), unique(published))
    assert outcome.status != 0
    assert installer.installed(unique(published)) is None
    if installer.is_uv:
        assert "401 Unauthorized" in outcome.output


def test_wrong_token(installer, published):
    index = published.index().replace("pyrpat_", "pyrpat_x")
    outcome = installer.install("--index-url", index, unique(published))
    assert outcome.status != 0
    assert installer.installed(unique(published)) is None
    assert "401" in outcome.output or "No matching distribution" in outcome.output


def test_public_project_needs_no_credentials(installer, registry):
    # A project is never more visible than its group: this one has its own.
    group = registry.group(visibility="public")
    project = registry.project(group=group, visibility="public")
    project.publish(wheel("demo-open"))
    outcome = installer.install("--index-url", project.index(role=None), "demo-open")
    assert outcome.status == 0, outcome.output
    assert installer.installed("demo-open") == "1.0"


class TestUVProject:
    """A project that uv manages, with an index by name and credentials in the environment."""

    @pytest.fixture
    def folder(self, workstation, published) -> Path:
        index = published.index(role=None)
        (workstation.work / "pyproject.toml").write_text(
            '[project]\nname = "consumer"\nversion = "0"\nrequires-python = ">=3.11"\n'
            f'dependencies = ["{unique(published)}"]\n\n'
            f'[[tool.uv.index]]\nname = "ours"\nurl = "{index}"\ndefault = true\n'
        )
        return workstation.work

    def test_credentials_of_a_named_index(self, workstation, published, folder):
        outcome = workstation.run(
            OWN_COMMANDS / "uv",
            "sync",
            "--python",
            OWN_COMMANDS / "python",
            UV_INDEX_OURS_USERNAME="__token__",
            UV_INDEX_OURS_PASSWORD=published.registry.tokens["reporter"],
        )
        assert outcome.status == 0, outcome.output
        assert f"{unique(published)}==2.0" in outcome.output
        lock = (folder / "uv.lock").read_text()
        # Links are relative to the index, so none holds the token.
        assert published.registry.tokens["reporter"] not in lock
        assert wheel(unique(published), "2.0").sha256 in lock
