"""The clients that publish, and how each is told where to and with which token."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.clients.checkouts import Checkout
from tests.clients.environments import OWN_COMMANDS, Environments
from tests.clients.workstation import Outcome, Workstation

Command = tuple[list[str | Path], Mapping[str, str]]


@dataclass(frozen=True)
class Publisher:
    """A client, the environment it lives in (None: that of the tests), and what it publishes."""

    command: Callable[[Checkout, str, str], Command]
    """Gives arguments and environment for a checkout, an upload address and a token."""
    environment: str | None = None
    package: str = "demo-hatchling"
    shows_sentences: bool = True
    """Whether it shows what the registry says, and not only the status."""
    skip_existing: str | None = None
    """The option that skips files which exist already."""

    def publish(
        self,
        workstation: Workstation,
        environments: Environments,
        checkout: Checkout,
        url: str,
        token: str,
        *options: str,
    ) -> Outcome:
        """Publish a built project, with further options."""
        where = environments.commands(self.environment) if self.environment else OWN_COMMANDS
        (program, *arguments), environ = self.command(checkout, url, token)
        return workstation.run(
            where / program, *arguments, *options, folder=checkout.folder, **environ
        )


def twine(checkout: Checkout, url: str, token: str) -> Command:
    options = ["--non-interactive", "--disable-progress-bar", "--repository-url", url]
    command = ["twine", "upload", *options, "-u", "__token__", "-p", token]
    return [*command, *checkout.distributions], {}


def uv(checkout: Checkout, url: str, token: str) -> Command:
    return ["uv", "publish", "--publish-url", url, *checkout.distributions], {
        "UV_PUBLISH_TOKEN": token
    }


def poetry(checkout: Checkout, url: str, token: str) -> Command:
    command = ["poetry", "publish", "--no-interaction", "--repository", "ours"]
    return [*command, "--username", "__token__", "--password", token], {
        "POETRY_REPOSITORIES_OURS_URL": url
    }


def pdm(checkout: Checkout, url: str, token: str) -> Command:
    command = ["pdm", "publish", "--no-build", "--repository", url]
    return command, {
        "PDM_PUBLISH_USERNAME": "__token__",
        "PDM_PUBLISH_PASSWORD": token,
        "PDM_CHECK_UPDATE": "false",
        "PDM_USE_VENV": "false",
    }


def hatch(checkout: Checkout, url: str, token: str) -> Command:
    command = ["hatch", "publish", "--no-prompt", "--repo", url]
    return command, {"HATCH_INDEX_USER": "__token__", "HATCH_INDEX_AUTH": token}


def flit(checkout: Checkout, url: str, token: str) -> Command:
    return ["flit", "publish", "--no-use-vcs"], {
        "FLIT_INDEX_URL": url,
        "FLIT_USERNAME": "__token__",
        "FLIT_PASSWORD": token,
        # The bytes of what it builds shall be the same each time.
        "SOURCE_DATE_EPOCH": "1763856000",
    }


PUBLISHERS = {
    "twine 7": Publisher(twine, package="demo-setuptools"),
    "twine 6.1": Publisher(
        twine, "twine-6.1", package="demo-setuptools", skip_existing="--skip-existing"
    ),
    "uv": Publisher(uv),
    "poetry": Publisher(poetry, "poetry", skip_existing="--skip-existing"),
    "pdm": Publisher(pdm, "pdm", shows_sentences=False, skip_existing="--skip-existing"),
    "hatch": Publisher(hatch, "hatch"),
    "flit": Publisher(flit, "flit", package="demo-flit"),
}
