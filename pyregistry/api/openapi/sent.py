"""How values are spelt in what callers send: alike in JSON and in forms, as GitLab takes both."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from pyregistry.api.openapi.schemas import Schema, nullable, words
from pyregistry.authnz.roles import Role

SENT_TEXT: Final[Schema] = nullable({"type": "string"})
"""Null is the same as leaving it out."""
SENT_FLAG: Final[Schema] = {
    "type": ["boolean", "string"],
    "pattern": "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|1|0)$",
}
SENT_NUMBER: Final[Schema] = nullable(
    {
        "type": ["integer", "string"],
        "minimum": 0,
        "maximum": 10**18 - 1,
        "pattern": "^[0-9]{1,18}$",
    }
)
SENT_SIZE: Final[Schema] = nullable(
    {
        "type": ["integer", "string"],
        "minimum": 1,
        "maximum": 2**59,
        "pattern": "^([1-9][0-9]{0,16})?$",
        "description": "Bytes. Empty or null: no limit.",
    }
)
SENT_DAY: Final[Schema] = nullable(
    {
        "type": "string",
        "pattern": "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$",
        "description": "A day such as 2030-12-31. Empty or null: none.",
    }
)
SENT_MOMENT: Final[Schema] = nullable(
    {
        "type": "string",
        "description": "A day such as 2030-12-31, which is its beginning, or a time in ISO 8601 "
        "such as 2030-12-31T12:00:00Z, in UTC unless it says otherwise.",
    }
)
SENT_LABEL: Final[Schema] = nullable({"type": ["string", "integer"], "minimum": 0})
"""A text, or a whole number: other systems number some things and name others."""
SENT_LIST: Final[Schema] = nullable(
    {"type": ["array", "string"], "items": {"type": ["string", "integer"]}}
)
"""A list in JSON, or a text with commas."""
SENT_ROLE: Final[Schema] = {
    "enum": [*map(int, Role), *map(str, Role)],
    "description": "10 Guest, 20 Reporter, 30 Developer, 40 Maintainer, 50 Owner.",
}


def sent_word(options: type[StrEnum] | Iterable[str]) -> Schema:
    """One of some texts."""
    return words(options)


def sent_words(options: Iterable[str]) -> Schema:
    """Some of these texts: a list in JSON, or a text with commas or spaces between them."""
    return {"type": ["array", "string"], "items": words(options)}
