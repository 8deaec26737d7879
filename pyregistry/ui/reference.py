"""The API as people read it: the operations of the OpenAPI document, with examples."""

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pyregistry.api.openapi.document import document
from pyregistry.api.openapi.operations import REFUSALS, Operation, Subject
from pyregistry.api.openapi.parameters import PATH_PARAMETERS, Body
from pyregistry.api.openapi.schemas import AnySchema, Component
from pyregistry.api.openapi.subjects import SUBJECTS

_KINDS: Final = {
    "string": "text",
    "integer": "number",
    "boolean": "true or false",
    "object": "object",
    "null": "null",
}
_FORMATS: Final = {"date": "day", "date-time": "time"}
_MULTIPART: Final = "multipart/form-data"
_OBJECTS: Final = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter, or an attribute: its name, of which kind it is, and what it means."""

    name: str
    kind: str
    meaning: str = ""
    is_needed: bool = False
    named: str = ""
    """The object that it holds, if it holds one with a name."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What is answered: a status, and of which kind; `named` is the object that is in it."""

    status: int
    meaning: str
    kind: str = ""
    named: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation; `paths` has it for projects and for groups where it is for both."""

    anchor: str
    method: str
    paths: Sequence[str]
    summary: str
    description: str
    who: str
    in_path: Sequence[Row]
    in_query: Sequence[Row]
    in_header: Sequence[Row]
    in_body: Sequence[Row]
    answers: Sequence[Answered]
    refusals: Sequence[int]
    command: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """Operations that belong together."""

    name: str
    anchor: str
    description: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class NamedObject:
    """An object that answers hold."""

    name: str
    description: str
    rows: Sequence[Row]


def chapters(api: str) -> list[Chapter]:
    """Everything that the API can do; `api` is its address, without a slash at its end."""
    return [_chapter(subject, api) for subject in SUBJECTS]


def named_objects() -> list[NamedObject]:
    """The objects that answers hold, by name."""
    schemas = document()["components"]["schemas"]
    return [
        NamedObject(
            name,
            schema.get("description", ""),
            [
                _row(attribute, each, is_needed=attribute in schema["required"])
                for attribute, each in schema["properties"].items()
            ],
        )
        for name, schema in schemas.items()
        if "properties" in schema
    ]


def refusals() -> Mapping[int, str]:
    """What the statuses of refusals mean."""
    return REFUSALS


def kind_of(schema: AnySchema) -> str:
    """Of which kind a value is, in a few words."""
    if isinstance(schema, Component):
        return schema.name
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_OBJECTS)
    if "anyOf" in schema:
        return _either(map(kind_of, schema["anyOf"]))
    if "enum" in schema:
        return _either(map(_shown, schema["enum"]))
    if "const" in schema:
        return _shown(schema["const"])
    kinds = schema.get("type", "anything")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "boolean" in kinds:
        kinds = ["boolean"]  # forms spell it as a text
    return _either(_kind(kind, schema) for kind in kinds)


def _kind(kind: str, schema: Mapping[str, Any]) -> str:
    if schema.get("maxItems") == 0:
        return "empty list"
    if kind == "array":
        return f"list of {kind_of(schema['items'])}"
    return _FORMATS.get(schema.get("format", ""), _KINDS.get(kind, kind))


def _either(options: Iterable[str]) -> str:
    """The options as people enumerate them: `a, b or c`."""
    *others, last = dict.fromkeys(options)
    return f"{', '.join(others)} or {last}" if others else last


def _shown(option: object) -> str:
    if option is None or isinstance(option, bool):
        return json.dumps(option)
    return str(option) or "empty"


def _chapter(subject: Subject, api: str) -> Chapter:
    anchor = subject.name.lower().replace(" ", "-").replace(",", "")
    entries = [_entry(operation, api) for operation in subject.operations]
    return Chapter(subject.name, anchor, subject.description, entries)


def _entry(operation: Operation, api: str) -> Entry:
    places = list(operation.at_each_place())
    first = places[0]
    return Entry(
        anchor=first.id,
        method=operation.method,
        paths=[place.path for place in places],
        summary=operation.summary,
        description=operation.description,
        who=operation.who,
        in_path=[
            _row(name, PATH_PARAMETERS[name].schema, PATH_PARAMETERS[name].description)
            for name in first.parameters_in_path
        ],
        in_query=[
            _row(each.name, each.schema, each.description, is_needed=each.is_needed)
            for each in operation.query
            if each.place == "query"
        ],
        in_header=[
            _row(each.name, each.schema, each.description)
            for each in operation.query
            if each.place == "header"
        ],
        in_body=list(_in_body(operation.body)) if operation.body else [],
        answers=[
            Answered(answer.status, answer.description, kind_of(schema), _named(schema))
            for answer in operation.answers
            for schema in [next(iter(answer.contents.values()), {"type": ""})]
        ],
        refusals=first.refusals,
        command=_command(first, api),
    )


def _in_body(body: Body) -> Iterator[Row]:
    for name, schema in body.properties.items():
        yield _row(name, schema, is_needed=name in body.required)


def _row(name: str, schema: AnySchema, meaning: str = "", *, is_needed: bool = False) -> Row:
    if not meaning and not isinstance(schema, Component):
        meaning = schema.get("description", "")
    return Row(name, kind_of(schema), meaning, is_needed, _named(schema))


def _named(schema: AnySchema) -> str:
    """The object with a name that a schema holds, alone, in a list or beside null."""
    if isinstance(schema, Component):
        return schema.name
    if "$ref" in schema:
        return kind_of(schema)
    inner = [schema["items"]] if "items" in schema else schema.get("anyOf", ())
    return next(filter(None, map(_named, inner)), "")


def _command(operation: Operation, api: str) -> str:
    """A line for a terminal that does it."""
    path = operation.path
    for name in operation.parameters_in_path:
        path = path.replace(f"{{{name}}}", str(PATH_PARAMETERS[name].example))
    asked = [f"{each.name}={each.example}" for each in operation.query if each.is_needed]
    if asked:
        path += f"?{'&'.join(asked)}"
    parts = ["curl", '--header "PRIVATE-TOKEN: $TOKEN"']
    sent = list(_sent(operation.body)) if operation.body else []
    if operation.method != "GET" and not (operation.method == "POST" and sent):
        parts.append(f"--request {operation.method}")
    return " ".join([*parts, *sent, shlex.quote(api + path)])


def _sent(body: Body) -> Iterator[str]:
    """The options of curl that send what must be there, and what has an example of its own."""
    as_form = body.media_types == (_MULTIPART,)
    names = [
        name
        for name, schema in body.properties.items()
        if as_form or name in body.required or _has_example(schema)
    ]
    for rule in ("anyOf", "oneOf"):
        names += list(body.rules.get(rule, [{}])[0].get("required", ()))
    values = {name: _example(name, body.properties[name]) for name in names}
    if all(isinstance(value, str) for value in values.values()):
        for name, value in values.items():
            yield f"--{'form' if as_form else 'data'} {shlex.quote(f'{name}={value}')}"
    else:
        yield '--header "Content-Type: application/json"'
        yield f"--data {shlex.quote(json.dumps(values))}"


def _has_example(schema: AnySchema) -> bool:
    return not isinstance(schema, Component) and "example" in schema


def _example(name: str, schema: AnySchema) -> Any:
    if isinstance(schema, Component):
        return {}
    if "example" in schema:
        return schema["example"]
    options = [option for option in schema.get("enum", ()) if option not in ("", None)]
    if options:
        return str(options[-1])
    kinds = schema.get("type", ())
    if "array" in kinds:
        return [_example(name, schema["items"])]
    if "object" in kinds:
        return {}
    if "boolean" in kinds:
        return "true"
    return "1" if "integer" in kinds else name.upper()
