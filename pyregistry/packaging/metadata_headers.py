"""The headers of a METADATA or PKG-INFO, read into fields."""

import textwrap
from email.errors import MessageError
from email.parser import BytesHeaderParser
from typing import Any

from packaging.metadata import RawMetadata, parse_email

from pyregistry.errors import Invalid
from pyregistry.sentences import shown

MAX_METADATA_SIZE = 5 * 1024 * 1024
"""In bytes."""

# The reader's time grows with the product of the two.
_MAX_HEADERS = 10_000
_MAX_HEADER_NAMES = 200

# They belong to mail. A reader of mail would decode the description by them,
# and another reader would not.
_OF_MAIL = frozenset({"content-type", "content-transfer-encoding", "mime-version"})

_UNREADABLE = "The metadata in the archive is not a list of headers: build it again"

_SAYS_NOTHING = frozenset({"", "UNKNOWN"})

# A package may be called UNKNOWN; and an empty Import-Name says that there is none.
_LITERAL = frozenset({"name", "import_names"})


def read_headers(content: bytes, *, max_size: int = MAX_METADATA_SIZE) -> dict[str, Any]:
    """The fields of core metadata, under the keys of `packaging.metadata.RawMetadata`.

    Values are strings, lists of strings and, for `project_urls`, a dictionary;
    fields that say nothing are absent, and headers that no version of the
    format knows are ignored. `max_size` is in bytes. Raises `Invalid` for what
    is no UTF-8, holds a NUL character, is too large, repeats a header that may
    be there once, or cannot be read without a doubt.
    """
    _check_text(content, max_size)
    names = _check_header_names(content)
    try:
        raw, unparsed = parse_email(content)
    except (ValueError, LookupError, AttributeError, TypeError, MessageError):
        raise Invalid(_UNREADABLE) from None
    for name in sorted(filter(_is_known, unparsed)):
        raise Invalid(
            f"The metadata in the archive gives {name.title()} more than once or in a form that"
            " has two readings: give it once"
        )
    fields: dict[str, Any] = {}
    for field in filter(raw.__contains__, RawMetadata.__annotations__):
        tidied = _tidied(field, raw.get(field))
        if tidied is not None:
            fields[field] = tidied
    if "description" in names and "description" in fields:
        fields["description"] = _unindented(fields["description"])
    return fields


def _check_text(content: bytes, max_size: int) -> None:
    if len(content) > max_size:
        raise Invalid(
            f"The metadata in the archive has {len(content)} bytes, more than the limit of"
            f" {max_size}: shorten the description"
        )
    if b"\0" in content:
        raise Invalid("The metadata in the archive holds a NUL character: remove it")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(
            f"The metadata in the archive is not UTF-8 at byte {error.start}: write it in UTF-8"
        ) from None


def _check_header_names(content: bytes) -> set[str]:
    """The names of the headers, in lower case, when there are not too many or wrong ones."""
    names = [name.lower() for name, _ in BytesHeaderParser().parsebytes(content).items()]
    distinct = set(names)
    if len(names) > _MAX_HEADERS or len(distinct) > _MAX_HEADER_NAMES:
        raise Invalid(
            f"The metadata in the archive has {len(names)} headers of {len(distinct)} names:"
            f" use at most {_MAX_HEADERS} of {_MAX_HEADER_NAMES}"
        )
    for name in sorted(_OF_MAIL & distinct):
        raise Invalid(f"The metadata in the archive has the header {shown(name)}: remove it")
    return distinct


def _is_known(header: str) -> bool:
    field = header.replace("-", "_")
    return not {field, f"{field}s"}.isdisjoint(RawMetadata.__annotations__)


def _tidied(field: str, value: Any) -> Any:
    """The value without padding; None where it says nothing."""
    literal = field in _LITERAL
    if isinstance(value, dict):
        return value or None
    if isinstance(value, list):
        items = [item.strip() for item in value]
        items = items if literal else [item for item in items if item not in _SAYS_NOTHING]
        return items if items or literal else None
    if field == "description":
        return None if value.strip() in _SAYS_NOTHING else value
    text = value.strip()
    if field == "summary":
        # Old tools folded it; it was meant as one line.
        text = " ".join(text.split())
    return text if text not in _SAYS_NOTHING or (text and literal) else None


def _unindented(description: str) -> str:
    """A description from a header, without the indent of its further lines.

    distutils put eight blanks before them (PEP 314), PEP 345 seven and a bar.
    """
    first, line_end, rest = description.partition("\n")
    lines = rest.split("\n")
    if line_end and all(line.startswith("       |") for line in lines if line.strip()):
        return "\n".join([first, *(line[8:] for line in lines)])
    return first + line_end + textwrap.dedent(rest)
