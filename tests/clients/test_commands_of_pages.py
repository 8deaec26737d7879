"""What pages tell people to copy works as it is, and takes each package from where it belongs.

The index for public packages, which the tools are set up for, has a higher version of every
private name: whoever asks it for one installs somebody else's code.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import pytest
from bs4 import BeautifulSoup

from tests.clients.environments import OWN_COMMANDS, Environments
from tests.clients.server import Project, Registry
from tests.clients.workstation import Workstation
from tests.factories.distributions import wheel

pytestmark = pytest.mark.clients

PYPROJECT = '[project]\nname = "app"\nversion = "0"\nrequires-python = ">=3.11"\n'
EXPECTED = {"demo-kit": "1.0", "helper": "2.0", "common": "3.0"}
Snippets = Mapping[str, str]
"""What to copy, by the place that it belongs into."""


@dataclass(frozen=True)
class Page:
    """The page of a release, as somebody with a token reads it."""

    html: BeautifulSoup
    token: str

    @classmethod
    def of(cls, project: Project, package: str) -> "Page":
        token = project.registry.tokens["reporter"]
        credentials = base64.b64encode(f"__token__:{token}".encode()).decode()
        answer = project.registry.server.request(
            "GET",
            f"/{project.path}/{package}/",
            headers={"Authorization": f"Basic {credentials}", "Accept": "text/html"},
        )
        assert answer.status == 200
        return cls(BeautifulSoup(answer.body, "html.parser"), token)

    def snippets(self, group: str, tool: str) -> Snippets:
        """What the page says of a tool, with the reader's token in its place."""
        pane = self.html.find("input", id=f"{group}-{tool}").find_next_sibling("div")
        return {
            part.find(class_="snippet-place").get_text(): part.find("code")
            .get_text()
            .replace("YOUR_TOKEN", self.token)
            for part in pane.find_all(class_="snippet")
        }


@dataclass(frozen=True)
class Place:
    """A project with private packages, their page, and the index of public ones."""

    page: Page
    public: str


@pytest.fixture(params=["private", "public"])
def place(registry: Registry, request: pytest.FixtureRequest) -> Place:
    group = registry.group(visibility=request.param)
    project = registry.project(group=group, visibility=request.param)
    needs = ["helper>1", "common", 'pytest; extra == "test"']
    project.publish(wheel("Demo.Kit", "1.0", metadata={"Requires-Dist": needs}))
    project.publish(wheel("helper", "2.0"))
    # Anyone may pull from it, and nobody sees that it is in the same registry.
    strangers = f"strangers-{token_hex(4)}"
    registry.server.command_here("group", "create", strangers)
    registry.server.command_here("member", "add", strangers, "developer", "developer")
    world = registry.project(group=strangers)
    registry.server.command_here("project", "set", world.path, "--anyone-can-pull", "on")
    for name in ("Demo.Kit", "helper"):
        world.publish(wheel(name, "9.0"))
    world.publish(wheel("common", "3.0"))
    return Place(Page.of(project, "demo-kit"), world.index(None))


def shell(workstation: Workstation, path: Path, *lines: str, **environ: str) -> str:
    """Run lines as somebody pastes them into a terminal; what they print."""
    search = f"{path}:{workstation.environ['PATH']}"
    outcome = workstation.run("sh", "-ec", "\n".join(lines), **{"PATH": search, **environ})
    assert outcome.status == 0, outcome.output
    return outcome.output


def installed(workstation: Workstation, python: Path) -> dict[str, str]:
    """The versions of what is installed, of the packages that matter here."""
    code = (
        "import importlib.metadata as m; "
        "print(*(f'{d.name}={d.version}' for d in m.distributions()))"
    )
    found = dict(
        entry.split("=")
        for entry in shell(workstation, python.parent, f'python -c "{code}"').split()
    )
    found["demo-kit"] = found.pop("Demo.Kit", found.get("demo-kit", ""))
    return {name: found[name] for name in EXPECTED if name in found}


def set_up_netrc(workstation: Workstation, page: Page) -> None:
    """Write the file with the token, where the page shows one."""
    setup = page.snippets("setup", "pip")
    if "~/.netrc" in setup:
        workstation.write(".netrc", setup["~/.netrc"])


@pytest.mark.parametrize("place_of_commands", ["Terminal", "requirements"])
def test_pip(
    place: Place, environments: Environments, workstation: Workstation, place_of_commands: str
) -> None:
    python = environments.copy("pip-newest", workstation.home.parent / "environment")
    set_up_netrc(workstation, place.page)
    install = place.page.snippets("install", "pip")
    lines = install["Terminal"].splitlines()
    if place_of_commands == "requirements":
        (name,) = [each for each in install if each.startswith("requirements-")]
        (workstation.work / name).write_text(install[name])
        lines[0] = f"pip install --no-deps -r {name}"
    shell(
        workstation,
        python.parent,
        'pip() { python -m pip "$@"; }',
        *lines,
        "pip check",
        PIP_INDEX_URL=place.public,
    )
    assert installed(workstation, python) == EXPECTED


def test_pip_in_an_environment_of_this_index(
    place: Place, environments: Environments, workstation: Workstation
) -> None:
    python = environments.copy("pip-newest", workstation.home.parent / "environment")
    set_up_netrc(workstation, place.page)
    configuration = place.page.snippets("setup", "pip")["pip.conf"]
    file = workstation.write("pip.conf", configuration)
    shell(workstation, python.parent, "python -m pip install helper", PIP_CONFIG_FILE=str(file))
    assert installed(workstation, python) == {"helper": "2.0", "demo-kit": ""}


def test_uv(place: Place, workstation: Workstation) -> None:
    setup, install = (place.page.snippets(group, "uv") for group in ("setup", "install"))
    written = [PYPROJECT, setup["pyproject.toml"], install["pyproject.toml"]]
    (workstation.work / "pyproject.toml").write_text("\n".join(written))
    shell(
        workstation,
        OWN_COMMANDS,
        setup.get("Terminal", ""),
        install["Terminal"],
        UV_DEFAULT_INDEX=place.public,
    )
    assert installed(workstation, workstation.work / ".venv/bin/python") == EXPECTED


def test_uv_without_a_project(
    place: Place, environments: Environments, workstation: Workstation
) -> None:
    python = environments.copy("pip-newest", workstation.home.parent / "environment")
    set_up_netrc(workstation, place.page)
    shell(
        workstation,
        OWN_COMMANDS,
        place.page.snippets("install", "uv")["Terminal, without a pyproject.toml"],
        UV_DEFAULT_INDEX=place.public,
        VIRTUAL_ENV=str(python.parents[1]),
    )
    assert installed(workstation, python) == EXPECTED


def test_poetry(place: Place, environments: Environments, workstation: Workstation) -> None:
    path = environments.commands("poetry")
    public = f'\n[[tool.poetry.source]]\nname = "public"\nurl = "{place.public}"\n'
    (workstation.work / "pyproject.toml").write_text(
        f"{PYPROJECT}\n[tool.poetry]\npackage-mode = false\n{public}"
    )
    setup = place.page.snippets("setup", "poetry")["Terminal"]
    # It asks for the token, where nobody is at a terminal.
    setup = setup.replace("__token__", f"__token__ {place.page.token}")
    install = place.page.snippets("install", "poetry")["Terminal"]
    environ = {"POETRY_VIRTUALENVS_IN_PROJECT": "true", "POETRY_NO_INTERACTION": "1"}
    shell(workstation, path, setup, install, **environ)
    assert installed(workstation, workstation.work / ".venv/bin/python") == EXPECTED


def test_pdm(place: Place, environments: Environments, workstation: Workstation) -> None:
    path = environments.commands("pdm")
    public = f'\n[[tool.pdm.source]]\nname = "pypi"\nurl = "{place.public}"\n'
    setup, install = (place.page.snippets(group, "pdm") for group in ("setup", "install"))
    written = [PYPROJECT, public, "[tool.pdm]\ndistribution = false\n", install["pyproject.toml"]]
    (workstation.work / "pyproject.toml").write_text("\n".join(written))
    shell(workstation, path, setup.get("Terminal", ""), install["Terminal"], PDM_CHECK_UPDATE="0")
    assert installed(workstation, workstation.work / ".venv/bin/python") == EXPECTED
