"""Pieces of schemas (JSON Schema 2020-12, as OpenAPI 3.1 has it), by short names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

Schema = Mapping[str, Any]
"""A schema, in which a `Component` may stand wherever a schema may."""


@dataclass(frozen=True, eq=False)
class Component:
    """A schema with a name, which the document holds once however often it is used."""

    name: str
    schema: Schema


AnySchema = Schema | Component

TEXT: Final[Schema] = {"type": "string"}
FLAG: Final[Schema] = {"type": "boolean"}
COUNT: Final[Schema] = {"type": "integer", "format": "int64", "minimum": 0}
ID: Final[Schema] = {"type": "integer", "format": "int64", "minimum": 1}
NUMBER: Final[Schema] = {"type": "integer", "format": "int64", "minimum": 0}
"""A number that is asked for, whether anything has it or not."""
DAY: Final[Schema] = {"type": "string", "format": "date"}
MOMENT: Final[Schema] = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$",
}
"""ISO 8601 in UTC with milliseconds."""
ANYTHING: Final[Schema] = {}


def described(schema: Schema, description: str) -> Schema:
    """The same, with what it means."""
    return {**schema, "description": description}


def words(options: type[StrEnum] | Iterable[str]) -> Schema:
    """One of some texts."""
    return {"type": "string", "enum": [str(option) for option in options]}


def constant(value: object) -> Schema:
    """This and nothing else."""
    return {"const": value}


def digest(digits: int) -> Schema:
    """A digest in so many hexadecimal digits."""
    return {"type": "string", "pattern": f"^[0-9a-f]{{{digits}}}$"}


def nullable(schema: AnySchema) -> Schema:
    """The same, or null."""
    if isinstance(schema, Component) or "type" not in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    kinds = schema["type"]
    extended = {**schema, "type": [*([kinds] if isinstance(kinds, str) else kinds), "null"]}
    if "enum" in schema:
        extended["enum"] = [*schema["enum"], None]
    return extended


def array(items: AnySchema) -> Schema:
    """Any number of them."""
    return {"type": "array", "items": items}


def mapping(values: AnySchema) -> Schema:
    """An object with any attributes, whose values are these."""
    return {"type": "object", "additionalProperties": values}


def attributes(optional: Iterable[str] = (), /, **properties: AnySchema) -> Schema:
    """An object that has exactly these attributes; the `optional` ones may be absent."""
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties.keys() - set(optional)),
        "additionalProperties": False,
    }


def record(
    name: str, description: str, optional: Iterable[str] = (), /, **properties: AnySchema
) -> Component:
    """What is answered: an object with a name, and exactly these attributes."""
    return Component(name, described(attributes(optional, **properties), description))
