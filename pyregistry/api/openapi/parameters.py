"""What requests carry: parameters in the address and in the query, and bodies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pyregistry.api.openapi.schemas import AnySchema, Schema
from pyregistry.resources.base import MAXIMUM_DIGITS

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"


@dataclass(frozen=True)
class Parameter:
    """A parameter in the query, or one that an address has in braces."""

    name: str
    schema: Schema
    description: str
    place: str = "query"
    example: Any = None
    is_needed: bool = False

    def shown(self) -> dict[str, Any]:
        """The parameter in OpenAPI's words."""
        shown = {
            "name": self.name,
            "in": self.place,
            "required": self.is_needed,
            "description": self.description,
            "schema": self.schema,
        }
        return shown if self.example is None else {**shown, "example": self.example}


@dataclass(frozen=True)
class Body:
    """What is sent as JSON or as a form: parameters by name. Others are ignored."""

    properties: Mapping[str, AnySchema] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    media_types: tuple[str, ...] = (_JSON, _FORM, _MULTIPART)
    rules: Schema = field(default_factory=dict)
    """What else holds for the parameters together."""

    @property
    def is_needed(self) -> bool:
        """Whether nothing at all can be meant without it."""
        return bool(self.required or self.rules)

    def shown(self) -> dict[str, Any]:
        """The body in OpenAPI's words."""
        schema: dict[str, Any] = {"type": "object", "properties": dict(self.properties)}
        if self.required:
            schema["required"] = sorted(self.required)
        schema |= self.rules
        content = {media_type: {"schema": schema} for media_type in self.media_types}
        return {"required": self.is_needed, "content": content}


def body(
    required: Iterable[str] = (), rules: Schema | None = None, /, **properties: AnySchema
) -> Body:
    """A body with these parameters, of which the `required` ones must be there.

    `rules` hold for the parameters together.
    """
    return Body(properties, tuple(required), rules=rules or {})


def at_least_one_of(names: Iterable[str]) -> Schema:
    """The rule that one of these parameters must be there."""
    return {"anyOf": [{"required": [name]} for name in names]}


def exactly_one_of(*names: str) -> Schema:
    """The rule that one of these parameters must be there, and the others not."""
    return {"oneOf": [{"required": [name]} for name in names]}


def query(name: str, schema: Schema, description: str) -> Parameter:
    """A parameter in the query, which may be left out."""
    return Parameter(name, schema, description)


def needed_query(name: str, schema: Schema, description: str, example: object) -> Parameter:
    """A parameter in the query that must be there."""
    return Parameter(name, schema, description, example=example, is_needed=True)


def _in_path(name: str, schema: Schema, description: str, example: object) -> Parameter:
    return Parameter(name, schema, description, "path", example, is_needed=True)


_NUMBER: Final[Schema] = {
    "type": "integer",
    "format": "int64",
    "minimum": 1,
    "maximum": 10**MAXIMUM_DIGITS - 1,
}
_NAME: Final[Schema] = {"type": "string", "minLength": 1}
_SHA256: Final[Schema] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}

PATH_PARAMETERS: Final = {
    parameter.name: parameter
    for parameter in (
        _in_path(
            "id",
            {"type": ["integer", "string"], "minLength": 1},
            "The number of the group or project, or its full path with `/` as `%2F`.",
            "acme%2Fcore",
        ),
        _in_path("package_id", _NUMBER, "The number of a release.", 17),
        _in_path("file_id", _NUMBER, "The number of a file.", 23),
        _in_path("name", _NAME, "The name of a package, in any spelling.", "demo-package"),
        _in_path("sha256", _SHA256, "The SHA-256 of the file.", "0" * 64),
        _in_path(
            "filename",
            _NAME,
            "The name of the file; with `.metadata` at its end, its core metadata.",
            "demo_package-1.0-py3-none-any.whl",
        ),
        _in_path("user_id", _NUMBER, "The number of a user.", 5),
        _in_path("token_id", _NUMBER, "The number of a token.", 7),
        _in_path("rule_id", _NUMBER, "The number of a protection rule.", 3),
        _in_path("prefix_id", _NUMBER, "The number of a reserved prefix.", 2),
        _in_path("publisher_id", _NUMBER, "The number of a trusted publisher.", 4),
        _in_path("migration_id", _NUMBER, "The number of a migration of the storage.", 12),
        _in_path("event_id", _NUMBER, "The number of an event.", 99),
    )
}
"""Every parameter that an address may have in braces, by its name."""

PAGE: Final = query(
    "page",
    {"type": "integer", "minimum": 1, "maximum": 100_000, "default": 1},
    "Which page.",
)
PER_PAGE: Final = query(
    "per_page",
    {"type": "integer", "minimum": 1, "maximum": 10**18 - 1, "default": 20},
    "How many on a page; 100 at most, whatever is asked for.",
)
PAGES: Final = (
    PAGE,
    PER_PAGE,
    query(
        "pagination",
        {"type": "string", "enum": ["offset", "keyset"], "default": "offset"},
        "`keyset` pages by key: the `Link` header leads to the next page, however far.",
    ),
    query("cursor", {"type": "string"}, "Where a page by key begins, as `Link` says it."),
)
"""The parameters of lists, which page by number and by key."""


def header(name: str, schema: Schema, description: str) -> Parameter:
    """A header, which may be left out."""
    return Parameter(name, schema, description, "header")
