"""The text in which a search for packages looks, and how it and what is sought are spelled."""

from collections.abc import Iterator, Mapping
from email.utils import getaddresses
from typing import Any, Final
from unicodedata import normalize

from pyregistry.errors import Invalid
from pyregistry.packaging.names import normalize_name, valid_package_name
from pyregistry.texts import check_text

MAXIMUM_TEXT_LENGTH: Final = 1_000
"""In characters. Every search reads the texts of all packages."""

MAXIMUM_WORDS: Final = 8
MAXIMUM_WORD_LENGTH: Final = 100

_PEOPLE = ("author", "maintainer")


def folded(text: str) -> str:
    """A text in the spelling in which texts are compared: without case, and with one form (NFKC)
    of letters that can be written in several.
    """
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
        yield from _names_in(addresses)


def _names_in(addresses: str) -> list[str]:
    try:
        return [name for name, _ in getaddresses([addresses])]
    except RecursionError:
        return []  # comments and groups may be nested, which nobody's address is


def _keywords(core_metadata: Mapping[str, Any]) -> list[str]:
    keywords = core_metadata.get("keywords") or []
    return [keywords] if isinstance(keywords, str) else [str(keyword) for keyword in keywords]


def search_words(text: str) -> tuple[str, ...]:
    """The words that somebody looks for, folded, each once; none where they typed nothing.

    Raises `Invalid` for more than `MAXIMUM_WORDS`, or one of more than `MAXIMUM_WORD_LENGTH`
    characters, and for what no database takes.
    """
    check_text("search", text)
    longest = (MAXIMUM_WORD_LENGTH + 1) * MAXIMUM_WORDS
    # Cut where it is longer than any search: letters grow when they are folded.
    words = tuple(dict.fromkeys(folded(text[:longest]).split()))
    # First, for a text that is too long may be one word alone.
    if any(len(word) > MAXIMUM_WORD_LENGTH for word in words):
        raise Invalid(f"Look for words of at most {MAXIMUM_WORD_LENGTH} characters.")
    if len(text) > longest or len(words) > MAXIMUM_WORDS:
        raise Invalid(f"Look for at most {MAXIMUM_WORDS} words.")
    return words


def spellings(word: str) -> tuple[str, ...]:
    """How a text may spell a word: as it is, or as the normalised name that it may be.

    Or may become: `data_` is what somebody has typed on the way to `data_feed`.
    """
    if not valid_package_name(word.rstrip("-_.")):
        return (word,)
    return tuple(dict.fromkeys((word, str(normalize_name(word)))))
