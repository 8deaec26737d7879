"""The commands that people copy into a terminal."""

import shlex
from dataclasses import dataclass
from textwrap import dedent

from pyregistry.namespaces.models import Visibility
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.ui.addresses import Addresses

TOKEN_USER = "__token__"  # noqa: S105 -- the user name that goes with any token
TOKEN_PLACEHOLDER = "YOUR_TOKEN"  # noqa: S105 -- what stands where the reader's token belongs
PYPIRC_SECTION = "registry"
"""What `.pypirc` calls an upload address. A path could be a name that means something there."""
PIP_CONF_NOTE = (
    "Only for an environment in which everything comes from here: put it into the folder of a"
    " virtual environment (pip.ini on Windows). Public packages are then not found; install them"
    " first."
)
"""What goes with a `pip.conf`: this index as the only one breaks public dependencies."""


@dataclass(frozen=True, slots=True)
class Command:
    """One line for a terminal, and the tool that it runs."""

    tool: str
    line: str


def needs_token(project: NamespaceRecord) -> bool:
    """Whether pulling from the project takes credentials."""
    return project.visibility is not Visibility.PUBLIC and not project.pulls_open


def publish_commands(addresses: Addresses, project: NamespaceRecord) -> list[Command]:
    """What publishes everything in `dist/` to this project."""
    upload = shlex.quote(addresses.upload(project.full_path))
    return [
        # twine asks for the token, so that it stays out of the shell's history.
        Command("twine", f"twine upload --repository-url {upload} --username {TOKEN_USER} dist/*"),
        Command("uv", f"UV_PUBLISH_TOKEN={TOKEN_PLACEHOLDER} uv publish --publish-url {upload}"),
    ]


def pypirc(upload: str, username: str, password: str) -> str:
    """The file `.pypirc`, which twine and `setup.py upload` read."""
    return dedent(f"""\
        [distutils]
        index-servers =
            {PYPIRC_SECTION}

        [{PYPIRC_SECTION}]
        repository = {upload}
        username = {username}
        password = {password}""")
