"""Somebody's first day: they sign in, publish with a real twine, and install with a real pip."""

import shlex
import sys
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pyregistry.authnz.roles import Role
from tests.browser.visits import Visits
from tests.clients.environments import OWN_COMMANDS
from tests.clients.workstation import Outcome, Workstation
from tests.factories.distributions import sdist, wheel
from tests.factories.world import PASSWORD, World

pytestmark = pytest.mark.browser

PACKAGE = "first-steps"
_NUMBERS = count(1)


@dataclass(frozen=True)
class Newcomer:
    """A developer of an empty project, at a machine with a package that they have built."""

    username: str
    project: str
    token: str
    workstation: Workstation

    def run(self, line: str, **environ: str) -> Outcome:
        """Run a line that a page shows, with their token where the page has a place for it."""
        program, *arguments = shlex.split(line.replace("YOUR_TOKEN", self.token))
        if arguments[-1] == "dist/*":
            arguments[-1:] = map(str, sorted((self.workstation.work / "dist").iterdir()))
        return self.workstation.run(OWN_COMMANDS / program, *arguments, **environ)

    def keep(self, path: str, text: str) -> None:
        """Write what a page shows into a file of their home folder, with their token."""
        self.workstation.write(path, text.replace("YOUR_TOKEN", self.token))


@pytest.fixture
def newcomer(world: World, tmp_path: Path) -> Newcomer:
    number = next(_NUMBERS)
    username, project = f"newcomer-{number}", f"first/project-{number}"
    world.project(project)
    world.user(username, password=PASSWORD)
    world.member(project, username, Role.DEVELOPER)
    workstation = Workstation(tmp_path)
    dist = workstation.work / "dist"
    dist.mkdir()
    for build in (sdist, wheel):
        build(PACKAGE, metadata={"Summary": "The first steps"}).write_to(dist)
    return Newcomer(username, project, world.token(username), workstation)


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_from_signing_in_to_installing(
    visits: Visits, newcomer: Newcomer, javascript: bool
) -> None:
    page = visits.begin(javascript=javascript, clipboard=True)
    sign_in(page, newcomer)
    expect(page.get_by_role("heading", name="Publish the first package")).to_be_visible()
    outcome = newcomer.run(
        copied(page, "Publish with twine"),
        TWINE_PASSWORD=newcomer.token,
        TWINE_NON_INTERACTIVE="1",
    )
    assert outcome.status == 0, outcome.output
    page.reload()
    page.get_by_role("link", name=PACKAGE).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{PACKAGE} 1.0")
    expect(page.get_by_text("The first steps").first).to_be_visible()
    page.get_by_text("Set up the index first").click()
    newcomer.keep(".netrc", copied(page, "Set up with pip: ~/.netrc"))
    install(newcomer, copied(page, "Install with pip"))
    sign_out(page, newcomer)


def sign_in(page: Page, newcomer: Newcomer) -> None:
    """Ask for the project, be sent to sign in, and get to the project."""
    page.goto(f"/{newcomer.project}/")
    page.get_by_label("User name").fill(newcomer.username)
    page.get_by_label("Password").fill("something else")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    expect(page.get_by_label("User name")).to_have_value(newcomer.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**/{newcomer.project}/")


def sign_out(page: Page, newcomer: Newcomer) -> None:
    """Sign out, after which the address of the page leads nowhere but to signing in."""
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()
    page.goto(f"/{newcomer.project}/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def copied(page: Page, label: str) -> str:
    """The line with a label, copied by its button where scripts run; else selected."""
    # What a label goes on with says where it belongs: in the terminal, or in a file.
    shown = page.locator(f'pre[aria-label^="{label}"]').first.inner_text()
    button = page.locator(f'button[aria-label^="Copy: {label}"]').first
    if button.count() == 0:
        return shown
    button.click()
    expect(button).to_have_text("Copied")
    line: str = page.evaluate("navigator.clipboard.readText()")
    assert line == shown
    return line


def install(newcomer: Newcomer, line: str) -> None:
    """Install into a new environment by a line that begins with `pip install`."""
    target = newcomer.workstation.work / "environment"
    made = newcomer.workstation.run(sys.executable, "-m", "venv", "--without-pip", target)
    assert made.status == 0, made.output
    python = target / "bin" / "python"
    outcome = newcomer.run(line.replace("pip ", f"pip --python {shlex.quote(str(python))} ", 1))
    assert outcome.status == 0, outcome.output
    found = newcomer.workstation.run(python, "-c", "import first_steps as f; print(f.__version__)")
    assert found.output == "1.0"
