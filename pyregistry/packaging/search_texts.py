"""The text in which a search for packages looks, and how it and what is sought are spelled."""

from collections.abc import Iterator, Mapping
from email.utils import getaddresses
from typing import Any, Final
from unicodedata import normalize

MAXIMUM_TEXT_LENGTH: Final = 1_000
"""In characters. Every search reads the texts of all packages."""

_PEOPLE = ("author", "maintainer")


def folded(text: str) -> str:
    """A text in the spelling in which texts are compared: without case, and with one form of
    letters that can be written in several (NFKC)."""
    return normalize("NFKC", normalize("NFKC", text).casefold())


def search_text(name: str, normalized_name: str, core_metadata: Mapping[str, Any]) -> str:
    """What a package is found by: its names, then what its metadata says of it.

    Those are the names of authors and maintainers, without their addresses, the keywords and the
    summary; each begins a line. Folded, and cut to `MAXIMUM_TEXT_LENGTH`.
    """
    parts = [
        name,
        normalized_name,
        *_people(core_metadata),
        *_keywords(core_metadata),
        str(core_metadata.get("summary") or ""),
    ]
    # Cut before it is folded, too: a summary of 20,000 characters costs time for nothing.
    distinct = dict.fromkeys(folded(part[:MAXIMUM_TEXT_LENGTH]) for part in parts if part)
    return "\n".join(distinct)[:MAXIMUM_TEXT_LENGTH]


def _people(core_metadata: Mapping[str, Any]) -> Iterator[str]:
    for field in _PEOPLE:
        yield str(core_metadata.get(field) or "")
        # Metadata of today has the name beside the address alone: `Ada <ada@example.org>`.
        addresses = str(core_metadata.get(f"{field}_email") or "")[:MAXIMUM_TEXT_LENGTH]
        yield from (name for name, _ in getaddresses([addresses]))


def _keywords(core_metadata: Mapping[str, Any]) -> list[str]:
    keywords = core_metadata.get("keywords") or []
    return [keywords] if isinstance(keywords, str) else [str(keyword) for keyword in keywords]
