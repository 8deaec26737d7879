"""What people copy to set up a tool for a project's index, and to install from it.

Two things are never suggested. `--extra-index-url`: pip takes the highest version that any index
has, so whoever publishes a private name on a public index slips in their code. And this index as
the only one for everything: public dependencies would not be found. Each form names the packages
that come from here, and leaves all others where they come from today; but for `pip.conf`, which
says for which environments it is.
"""

import json
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement

from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.packaging.names import normalize_name
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.commands import PIP_CONF_NOTE, TOKEN_PLACEHOLDER, TOKEN_USER, needs_token

TERMINAL: Final = "Terminal"
_INDEX_OF_UV: Final = "--default-index"
"""Not `--index-url`, which uv ignores where UV_DEFAULT_INDEX is set: it would ask that index."""
_MANY: Final = 50
"""More requirements than these are not put into a command."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """Something to copy: lines for the terminal, or for the file that `place` names."""

    place: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool, and what to copy for it, in the order in which it is needed.

    `note` says why it is done so.
    """

    name: str
    snippets: tuple[Snippet, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody installs: a release, and where the packages come from that it needs."""

    name: str
    version: str
    here: tuple[str, ...] = ()
    """Requirements that packages of the same project fulfil."""
    elsewhere: tuple[str, ...] = ()
    """Requirements that the tool's usual index fulfils."""
    beside: tuple[str, ...] = ()
    """Requirements that packages of other projects of this registry fulfil."""

    @classmethod
    def of(
        cls, name: str, version: str, requirements: Iterable[str], paths: dict[str, str], path: str
    ) -> "Wanted":
        """A release by its Requires-Dist, without those of extras.

        `paths` says in which projects packages of these names live, `path` is that of the
        release.
        """
        here: list[str] = []
        elsewhere: list[str] = []
        beside: list[str] = []
        for text in requirements:
            requirement = _needed(text)
            if requirement is None:
                continue
            home = paths.get(normalize_name(requirement.name))
            place = elsewhere if home is None else here if home == path else beside
            place.append(str(requirement))
        return cls(
            name, version, tuple(here[:_MANY]), tuple(elsewhere[:_MANY]), tuple(beside[:_MANY])
        )

    @property
    def pinned(self) -> tuple[str, ...]:
        """What comes from here, this release at exactly its version."""
        return (f"{self.name}=={self.version}", *self.here)

    @property
    def names(self) -> list[str]:
        """The normalised names of what comes from here."""
        return [normalize_name(self.name), *(_name_of(text) for text in self.here)]


def index_name(full_path: str) -> str:
    """What tools call the index of a project: letters, digits and dashes, which all take."""
    return re.sub(r"[^a-z0-9]+", "-", full_path.lower()).strip("-")


def setup_tools(addresses: Addresses, project: NamespaceRecord) -> list[Tool]:
    """What sets each tool up, once, to install from a project."""
    return [
        _set_up_pip(addresses, project),
        _set_up_uv(addresses, project),
        _set_up_poetry(addresses, project),
        _set_up_pdm(addresses, project),
    ]


def install_tools(addresses: Addresses, project: NamespaceRecord, wanted: Wanted) -> list[Tool]:
    """What installs exactly a release, with each tool, once that is set up."""
    name, index = index_name(project.full_path), addresses.index(project.full_path)
    return [
        _install_with_pip(index, name, wanted),
        _install_with_uv(index, name, wanted),
        Tool(
            "poetry",
            (Snippet(TERMINAL, _line("poetry", "add", "--source", name, *wanted.pinned)),),
            "The source is explicit: poetry takes from it what you add with its name, and all"
            " else from where it always does.",
        ),
        _install_with_pdm(index, name, wanted),
    ]


def _set_up_pip(addresses: Addresses, project: NamespaceRecord) -> Tool:
    index = addresses.index(project.full_path)
    conf = Snippet(
        "pip.conf",
        f"[global]\nindex-url = {index}",
        PIP_CONF_NOTE,
    )
    return Tool(
        "pip",
        (*_netrc(addresses, project), conf),
        "Everywhere else set up no index: pip cannot keep several apart, and takes the highest"
        " version of a name from any of them. Each install command names the index instead.",
    )


def _netrc(addresses: Addresses, project: NamespaceRecord) -> tuple[Snippet, ...]:
    if not needs_token(project):
        return ()
    host = urlsplit(addresses.index(project.full_path)).hostname
    return (
        Snippet(
            "~/.netrc",
            f"machine {host}\nlogin {TOKEN_USER}\npassword {TOKEN_PLACEHOLDER}",
            "pip and uv read it; without it pip asks. On Windows the file is called _netrc.",
        ),
    )


def _set_up_uv(addresses: Addresses, project: NamespaceRecord) -> Tool:
    name, index = index_name(project.full_path), addresses.index(project.full_path)
    lines = [
        "[[tool.uv.index]]",
        f"name = {json.dumps(name)}",
        f"url = {json.dumps(index)}",
        "explicit = true",
    ]
    snippets = []
    if needs_token(project):
        lines.append('authenticate = "always"')
        variable = f"UV_INDEX_{name.replace('-', '_').upper()}"
        environ = (
            f"export {variable}_USERNAME={TOKEN_USER}\n"
            f"export {variable}_PASSWORD={TOKEN_PLACEHOLDER}"
        )
        snippets.append(Snippet(TERMINAL, environ, "Or the same lines for ~/.netrc as with pip."))
    return Tool(
        "uv",
        (Snippet("pyproject.toml", "\n".join(lines)), *snippets),
        "An explicit index gives only the packages that are said to come from it: no public name"
        " can take the place of one of yours, and none of yours that of a public one.",
    )


def _set_up_poetry(addresses: Addresses, project: NamespaceRecord) -> Tool:
    name, index = index_name(project.full_path), addresses.index(project.full_path)
    commands = [_line("poetry", "source", "add", "--priority=explicit", name, index)]
    if needs_token(project):
        commands.append(_line("poetry", "config", f"http-basic.{name}", TOKEN_USER))
    note = "poetry asks for the token." if needs_token(project) else ""
    return Tool("poetry", (Snippet(TERMINAL, "\n".join(commands), note),))


def _set_up_pdm(addresses: Addresses, project: NamespaceRecord) -> Tool:
    name, index = index_name(project.full_path), addresses.index(project.full_path)
    snippets = [
        Snippet(
            "pyproject.toml",
            _pdm_source(name, index, []),
            "Each package that comes from here stands in include_packages, and no other is asked"
            " for.",
        )
    ]
    if needs_token(project):
        credentials = (
            f"pdm config pypi.{name}.username {TOKEN_USER}\n"
            f"pdm config pypi.{name}.password {TOKEN_PLACEHOLDER}"
        )
        snippets.append(Snippet(TERMINAL, credentials))
    return Tool("pdm", tuple(snippets))


def _pdm_source(name: str, index: str, packages: Sequence[str]) -> str:
    return "\n".join(
        [
            "[[tool.pdm.source]]",
            f"name = {json.dumps(name)}",
            f"url = {json.dumps(index)}",
            f"include_packages = {json.dumps(list(packages))}",
            'exclude_packages = ["*"]',
        ]
    )


def _install_with_pip(index: str, name: str, wanted: Wanted) -> Tool:
    requirements = "\n".join([f"--index-url {index}", *wanted.pinned])
    file = f"requirements-{name}.txt"
    return Tool(
        "pip",
        (
            Snippet(TERMINAL, _pip_lines("pip install", "--index-url", index, wanted)),
            Snippet(
                file,
                requirements,
                "A file of its own, beside the one with public packages: an index in a"
                " requirements file counts for all of it. Install it with: pip install --no-deps"
                f" -r {file}",
            ),
        ),
        _pip_note(wanted),
    )


def _install_with_uv(index: str, name: str, wanted: Wanted) -> Tool:
    sources = [f"{each} = {{ index = {json.dumps(name)} }}" for each in wanted.names]
    return Tool(
        "uv",
        (
            Snippet("pyproject.toml", "\n".join(["[tool.uv.sources]", *sources])),
            Snippet(TERMINAL, _line("uv", "add", *wanted.pinned)),
            Snippet(
                f"{TERMINAL}, without a pyproject.toml",
                _pip_lines("uv pip install", _INDEX_OF_UV, index, wanted),
            ),
        ),
        "The index is set up once, on the project's page or below.",
    )


def _install_with_pdm(index: str, name: str, wanted: Wanted) -> Tool:
    return Tool(
        "pdm",
        (
            Snippet(
                "pyproject.toml",
                _pdm_source(name, index, wanted.names),
                "Where the source is there already, add the names to its include_packages.",
            ),
            Snippet(TERMINAL, _line("pdm", "add", *wanted.pinned)),
        ),
    )


def _pip_lines(command: str, option: str, index: str, wanted: Wanted) -> str:
    """One command where nothing else is needed; else one for each place that packages are in."""
    needs_others = bool(wanted.here or wanted.elsewhere or wanted.beside)
    options = [option, index]
    if needs_others:
        options.insert(0, "--no-deps")
    lines = [_line(*command.split(), *options, *wanted.pinned)]
    if wanted.elsewhere:
        lines.append(_line(*command.split(), *wanted.elsewhere))
    return "\n".join(lines)


def _pip_note(wanted: Wanted) -> str:
    if not (wanted.here or wanted.elsewhere or wanted.beside):
        return "It needs no other packages: this index alone serves, and no other is asked."
    said = ["What is here comes from here and from nowhere else."]
    if wanted.elsewhere:
        said.append(
            "The second line takes what it needs besides from the index that you use for public"
            " packages."
        )
    if wanted.beside:
        said.append(
            f"Other projects of this registry have {', '.join(wanted.beside)}: install from there,"
            " too."
        )
    said.append("“pip check” says whether anything is still missing.")
    return " ".join(said)


def _needed(text: str) -> Requirement | None:
    """A requirement that counts without extras; None for any other, and for what is none."""
    try:
        requirement = Requirement(text)
    except (InvalidRequirement, RecursionError):
        return None
    marker = requirement.marker
    if not text.isprintable() or (marker is not None and "extra" in str(marker)):
        return None
    return requirement


def _name_of(requirement: str) -> str:
    return normalize_name(Requirement(requirement).name)


def _line(*words: str) -> str:
    return shlex.join(words)
