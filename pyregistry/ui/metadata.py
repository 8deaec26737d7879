"""Core metadata as a page shows it: checked links, people, grouped classifiers.

Everything in it was written by whoever made the archive, and is shown as text. Only
links are more than text, and only to the web and to mailboxes.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import getaddresses
from itertools import accumulate
from typing import Any, Final
from urllib.parse import quote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement

from pyregistry.packaging.names import normalize_name

_WEB = ("http", "https")
_FORBIDDEN_IN_LINKS = re.compile(r"[\x00-\x20\x7f-\x9f<>\"\\^`{|}]")
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
MAXIMUM_REQUIREMENTS: Final = 500
MAXIMUM_REQUIREMENTS_LENGTH: Final = 50_000
"""In characters, of all that are read. To read 5 MB of them, as metadata may hold, takes seconds
of every request for the page."""

_UNKNOWN = "UNKNOWN"
"""What old tools wrote into a field that was not given."""


@dataclass(frozen=True, slots=True)
class Link:
    """A label and where it leads; `href` is None where nobody should be led there."""

    label: str
    target: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """An author or maintainer. `href` writes to them."""

    name: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Dependency:
    """One entry of Requires-Dist: what is needed, and when."""

    requirement: str
    condition: str
    name: str = ""
    """The normalised name; empty for what is no requirement."""


@dataclass(frozen=True, slots=True)
class ReleaseDetails:
    """The core metadata of a release, ready to be shown."""

    summary: str
    keywords: list[str]
    links: list[Link]
    authors: list[Person]
    maintainers: list[Person]
    license: str
    """A licence expression, or the text of the older field, of any length."""
    requires_python: str
    requirements: list[str]
    """Requires-Dist, as it was written: the first ones, as many as are read."""
    requirements_left_out: int
    dependencies: list[Dependency]
    extras: list[str]
    platforms: list[str]
    classifiers: dict[str, list[str]]
    """By their first part, without it."""

    @classmethod
    def of(cls, core_metadata: Mapping[str, Any]) -> "ReleaseDetails":
        """The details in a release's `core_metadata`; fields that are absent are empty."""
        written = _texts(core_metadata, "requires_dist")
        requirements = _as_many_as_are_read(written)
        return cls(
            summary=_text(core_metadata, "summary"),
            keywords=_texts(core_metadata, "keywords"),
            links=_links(core_metadata),
            authors=_people(core_metadata, "author", "author_email"),
            maintainers=_people(core_metadata, "maintainer", "maintainer_email"),
            license=_text(core_metadata, "license_expression") or _text(core_metadata, "license"),
            requires_python=_text(core_metadata, "requires_python"),
            requirements=requirements,
            requirements_left_out=len(written) - len(requirements),
            dependencies=[_dependency(text) for text in requirements],
            extras=_texts(core_metadata, "provides_extra"),
            platforms=_texts(core_metadata, "platforms"),
            classifiers=_grouped(_texts(core_metadata, "classifiers")),
        )


def safe_href(address: str) -> str | None:
    """The address if it leads to the web or a mailbox; None for `javascript:` and its kin."""
    address = address.strip()
    if _FORBIDDEN_IN_LINKS.search(address):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme in _WEB and parts.netloc:
        return address
    if parts.scheme == "mailto" and parts.path and not parts.netloc:
        return address
    return None


def _links(metadata: Mapping[str, Any]) -> list[Link]:
    found = [
        ("Home page", _text(metadata, "home_page")),
        ("Download", _text(metadata, "download_url")),
    ]
    project_urls = metadata.get("project_urls")
    if isinstance(project_urls, Mapping):
        found += [(str(label), str(target).strip()) for label, target in project_urls.items()]
    return [Link(label or target, target, safe_href(target)) for label, target in found if target]


def _people(metadata: Mapping[str, Any], name_field: str, email_field: str) -> list[Person]:
    """The people of two fields; the second may hold several, each with a name or without."""
    names = _text(metadata, name_field)
    emails = _text(metadata, email_field)
    try:
        written = getaddresses([emails])
    except RecursionError:
        # Comments and groups may be nested, which nobody's address is.
        written = [(emails, emails)]
    mailboxes = [(name.strip(), mailbox) for name, mailbox in written if mailbox]
    if names and len(mailboxes) == 1 and mailboxes[0][0] in ("", names):
        return [_person(names, mailboxes[0][1])]
    people = [Person(names, None)] if names else []
    return people + [_person(name or mailbox, mailbox) for name, mailbox in mailboxes]


def _person(name: str, mailbox: str) -> Person:
    if not _MAILBOX.fullmatch(mailbox):
        return Person(name, None)
    return Person(name, f"mailto:{quote(mailbox, safe='@')}")


def _as_many_as_are_read(requirements: list[str]) -> list[str]:
    lengths = accumulate(map(len, requirements[:MAXIMUM_REQUIREMENTS]))
    count = sum(length <= MAXIMUM_REQUIREMENTS_LENGTH for length in lengths)
    return requirements[:count]


def _dependency(text: str) -> Dependency:
    try:
        requirement = Requirement(text)
    except (InvalidRequirement, RecursionError):
        return Dependency(text, "")
    condition = str(requirement.marker) if requirement.marker else ""
    requirement.marker = None
    return Dependency(str(requirement), condition, normalize_name(requirement.name))


def _grouped(classifiers: list[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for classifier in classifiers:
        group, _, rest = classifier.partition(" :: ")
        groups[group].append(rest or group)
    return dict(groups)


def _text(metadata: Mapping[str, Any], field: str) -> str:
    value = metadata.get(field)
    text = value.strip() if isinstance(value, str) else ""
    return "" if text == _UNKNOWN else text


def _texts(metadata: Mapping[str, Any], field: str) -> list[str]:
    value = metadata.get(field)
    if not isinstance(value, list):
        return []
    texts = [text.strip() for text in value if isinstance(text, str)]
    return [text for text in texts if text and text != _UNKNOWN]
