"""What a new token is put into: files and variables, with the token filled in.

No address holds a secret: addresses end up in logs, lock files and bug reports.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from pyregistry.authnz.permissions import Scope
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.commands import PIP_CONF_NOTE, PYPIRC_SECTION, TOKEN_USER, pypirc

_READING: Final = frozenset({Scope.API, Scope.READ_API, Scope.READ_PACKAGE_REGISTRY})
_PUBLISHING: Final = frozenset({Scope.API, Scope.WRITE_PACKAGE_REGISTRY})


@dataclass(frozen=True, slots=True)
class Example:
    """A text to copy: what it is for, and where it goes."""

    title: str
    where: str
    text: str


def examples_of(
    addresses: Addresses,
    namespace: NamespaceRecord,
    scopes: Collection[str],
    secret: str,
    username: str | None = None,
) -> list[Example]:
    """What makes pip, uv and twine use a token, as far as its scopes go.

    `username` is that of a deploy token; access tokens go with any.
    """
    username = username or TOKEN_USER
    found: list[Example] = []
    if _READING.intersection(scopes):
        found += install_examples(addresses.index(namespace.full_path), username, secret)
    if _PUBLISHING.intersection(scopes) and namespace.is_project:
        found += publish_examples(addresses.upload(namespace.full_path), username, secret)
    return found


def install_examples(index: str, username: str, secret: str) -> list[Example]:
    """What makes pip and uv install from an index with a token."""
    host = urlsplit(index).hostname or ""
    return [
        Example(
            "Install packages: who signs in",
            "In the file .netrc of your home folder (_netrc on Windows), which pip and uv read. "
            "Let nobody else read it.",
            f"machine {host}\nlogin {username}\npassword {secret}\n",
        ),
        Example(
            "Install packages: from where",
            f"In pip.conf. {PIP_CONF_NOTE}",
            f"[global]\nindex-url = {index}\n",
        ),
    ]


def publish_examples(upload: str, username: str, secret: str) -> list[Example]:
    """What makes twine and uv publish at an upload address with a token."""
    return [
        Example(
            "Publish with twine",
            "In the file .pypirc of your home folder. Let nobody else read it. "
            f"Then: twine upload --repository {PYPIRC_SECTION} dist/*",
            pypirc(upload, username, secret),
        ),
        Example(
            "Publish from continuous integration",
            "As secret variables of your CI system. twine reads the first three, uv the others.",
            f"TWINE_REPOSITORY_URL={upload}\nTWINE_USERNAME={username}\nTWINE_PASSWORD={secret}\n"
            f"UV_PUBLISH_URL={upload}\nUV_PUBLISH_TOKEN={secret}\n",
        ),
    ]
