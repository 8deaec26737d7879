"""Settings of trusted publishing: who signs ID tokens, and for whom.

These raise `ValueError` as the parsers in `parsers` do.
"""

import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

_AUDIENCE: Final = re.compile(r"[A-Za-z0-9._~:/-]{1,255}")
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?|[0-9a-f:.]{2,45}")
_LONGEST_ADDRESS: Final = 2048


def is_https_address(text: str) -> bool:
    """Whether a text is an https address without user name, query and fragment."""
    if not text.isascii() or not text.isprintable() or len(text) > _LONGEST_ADDRESS:
        return False
    if not text.startswith("https://") or any(letter in text for letter in " ?#@\\"):
        return False
    try:
        parts = urlsplit(text)
        valid_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return valid_port and _HOST.fullmatch(parts.hostname or "") is not None


def issuers(text: str) -> tuple[str, ...]:
    """Addresses of issuers, separated by white space or commas, kept as they are written.

    An ID token must name its issuer by exactly the same text.
    """
    found = tuple(dict.fromkeys(item for item in re.split(r"[\s,]+", text) if item))
    if not all(is_https_address(item) for item in found):
        raise ValueError(
            "give https addresses without '?' and '#', such as 'https://gitlab.example.org'"
        )
    return found


def audience(text: str) -> str:
    """What ID tokens must be made out to."""
    if not _AUDIENCE.fullmatch(text) or text.endswith("/"):
        raise ValueError(
            "give 1 to 255 letters, digits, '.', '_', '~', ':', '/' and '-', without a last slash"
        )
    return text


def file(text: str) -> Path:
    """A file. `Settings.parse` makes it absolute."""
    if "\0" in text:
        raise ValueError("give the path of a file")
    return Path(text)
