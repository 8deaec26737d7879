"""Names and versions: what is one package, and what is one release."""

import re
from contextlib import suppress

from packaging.utils import NormalizedName, canonicalize_name, canonicalize_version
from packaging.version import InvalidVersion, Version

from pyregistry.errors import Invalid
from pyregistry.sentences import shown

MAX_NAME_LENGTH = 255
"""In characters. A filename is no longer than this, and holds the name."""

MAX_VERSION_LENGTH = 255
"""In characters, for the same reason."""

_NAME = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?", re.IGNORECASE | re.ASCII)


def normalize_name(name: str) -> NormalizedName:
    """The one spelling of all names that mean the same package (PEP 503).

    Never raises: what is no valid name has a normalised form too.
    """
    return canonicalize_name(name)


def valid_package_name(name: str) -> bool:
    """Whether this may name a package: the grammar of PEP 508, up to 255 characters.

    Letters, digits, `.`, `-` and `_`, a letter or digit first and last; so `-`
    alone never is a name.
    """
    return len(name) <= MAX_NAME_LENGTH and _NAME.fullmatch(name) is not None


def check_package_name(name: str) -> str:
    """The name unchanged. Raises `Invalid` unless `valid_package_name`."""
    if not valid_package_name(name):
        raise Invalid(
            f"{shown(name)} is no name for a package: use up to {MAX_NAME_LENGTH} ASCII letters,"
            " digits, '.', '-' and '_', with a letter or digit first and last"
        )
    return name


def parse_version(version: str) -> Version:
    """The version (PEP 440), read. Raises `Invalid` for anything else.

    White space around it is refused too: it would be part of an address.
    """
    if len(version) <= MAX_VERSION_LENGTH and version == version.strip():
        with suppress(InvalidVersion):
            return Version(version)
    raise Invalid(
        f"{shown(version)} is no version: use one of PEP 440, like 1.0 or 1.0rc1,"
        f" of up to {MAX_VERSION_LENGTH} characters"
    )


def canonical_version(version: str | Version) -> str:
    """The one spelling of all versions that mean the same release.

    `1`, `1.0` and `1.0.0` are one; the epoch, pre-release, post-release,
    development and local parts are kept. Raises `Invalid` for what is no
    version (PEP 440).
    """
    return canonicalize_version(parse_version(version) if isinstance(version, str) else version)
