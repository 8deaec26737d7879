"""Holds requests and responses against the OpenAPI document.

Each schema is compiled once, when it is first needed: an exchange costs microseconds.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any

import jsonschema_rs

_DOCUMENT = "urn:openapi"
_WHOLE = re.compile(r"-?[0-9]+")
_METHODS = ("get", "post", "put", "patch", "delete")
_TELLING = ("link", "location", "retry-after", "ratelimit")
"""Headers that clients act upon: these, and those that begin with X-, must be documented."""
_OF_EVERY_ANSWER = ("x-content-type-options",)
_FORM = "application/x-www-form-urlencoded"
"""What a body is whose type is not said, or that is empty."""


class Disobeyed(AssertionError):
    """The code and the document do not agree."""


@dataclass(frozen=True)
class Answered:
    """A response as it went over the wire."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes | None
    """None where it was not looked at."""

    @cached_property
    def media_type(self) -> str:
        """The media type, without parameters."""
        found = next((value for name, value in self.headers if name.lower() == "content-type"), "")
        return found.partition(";")[0].strip().lower()


@dataclass(frozen=True)
class Asked:
    """A request: parameters in the query and in the body by name, each with all its values."""

    query: Mapping[str, list[str]]
    media_type: str
    body: Any
    """The parsed body, nothing in it where there is none; None where it was not looked at."""


@dataclass(frozen=True)
class _Response:
    """What the document says of an answer: where that is, and its headers, each with where."""

    content: Mapping[str, Any]
    where: str
    headers: Mapping[str, tuple[Any, str]]


class Judge:
    """Knows the document, and which operation a request asks for."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._registry = jsonschema_rs.Registry([(_DOCUMENT, json.loads(json.dumps(document)))])
        self._validators: dict[str, Any] = {}
        self._responses: dict[tuple[str, str, int], _Response] = {}
        self._templates: dict[tuple[str, int], list[tuple[list[str], str]]] = {}
        for path, methods in document["paths"].items():
            segments = path.strip("/").split("/")
            for method in methods.keys() & _METHODS:
                named = self._templates.setdefault((method.upper(), len(segments)), [])
                named.append((segments, path))
        for candidates in self._templates.values():
            # A word is nearer than a parameter: `members/all` is no member.
            candidates.sort(key=lambda each: [segment.startswith("{") for segment in each[0]])

    def path_of(self, method: str, segments: Sequence[str]) -> str | None:
        """The address in the document that these segments below the mount match."""
        for template, path in self._templates.get((method, len(segments)), ()):
            if all(_fits(*pair) for pair in zip(template, segments, strict=True)):
                return path
        return None

    def check_request(self, method: str, path: str, segments: Sequence[str], asked: Asked) -> None:
        """Raise `Disobeyed` where a request that was accepted is none that the document knows."""
        pointer = f"/paths/{_escaped(path)}/{method.lower()}"
        named = dict(zip(path.strip("/").split("/"), segments, strict=True))
        for number, given in enumerate(self._at(pointer).get("parameters", ())):
            parameter, where = self._resolved(given, f"{pointer}/parameters/{number}")
            if parameter["in"] == "header":
                continue
            if parameter["in"] == "path":
                values = [named[f"{{{parameter['name']}}}"]]
            else:
                values = list(asked.query.get(parameter["name"], ()))
                if parameter["required"] and not values:
                    raise Disobeyed(f"the parameter {parameter['name']} is required")
            for value in _spelt(values, parameter["schema"]):
                self._validate(f"{where}/schema", value, f"the parameter {parameter['name']}")
        body = self._at(pointer).get("requestBody")
        if body is None or asked.body is None:
            return
        sent = asked.body
        if isinstance(sent, dict):
            # What the body does not have may stand in the query.
            pairs = ((name, each) for name, values in asked.query.items() for each in values)
            sent = form_of(pairs) | sent
        if not sent and not body["required"]:
            return
        media_type = (asked.media_type if asked.body else "") or _FORM
        if media_type not in body["content"]:
            raise Disobeyed(f"the request has a body of the type {media_type}")
        schema = f"{pointer}/requestBody/content/{_escaped(media_type)}/schema"
        self._validate(schema, sent, "the body of the request")

    def check_response(self, method: str, path: str, answered: Answered) -> None:
        """Raise `Disobeyed` where an answer is none that the document knows."""
        response = self._response(method, path, answered.status)
        self._check_headers(response, answered)
        if method == "HEAD" or (not response.content and not answered.body):
            return
        if answered.media_type not in response.content:
            raise Disobeyed(f"{answered.status} with the media type {answered.media_type!r}")
        if answered.body is not None and is_json(answered.media_type):
            schema = f"{response.where}/content/{_escaped(answered.media_type)}/schema"
            self._validate(schema, _parsed(answered.body), f"the body of {answered.status}")

    def check_refusal(self, method: str, answered: Answered) -> None:
        """Raise `Disobeyed` for what is no refusal, where nothing is asked for that there is."""
        if method == "OPTIONS" and answered.status == HTTPStatus.NO_CONTENT:
            return
        if answered.status not in (301, 400, 401, 403, 404, 405, 413, 429, 503):
            raise Disobeyed(f"{answered.status} at an address that is not documented")
        if answered.media_type == "application/json" and answered.body:
            self._validate("/components/schemas/Refusal", _parsed(answered.body), "the refusal")

    def _response(self, method: str, path: str, status: int) -> "_Response":
        key = (method, path, status)
        if key not in self._responses:
            verb = "get" if method == "HEAD" else method.lower()
            at = f"/paths/{_escaped(path)}/{verb}/responses"
            if str(status) not in self._at(at):
                raise Disobeyed(f"the status {status} is not documented")
            response, where = self._resolved(self._at(at)[str(status)], f"{at}/{status}")
            headers = {
                name.lower(): self._resolved(header, f"{where}/headers/{name}")
                for name, header in response.get("headers", {}).items()
            }
            self._responses[key] = _Response(response.get("content", {}), where, headers)
        return self._responses[key]

    def _check_headers(self, response: "_Response", answered: Answered) -> None:
        found = {name.lower(): value for name, value in answered.headers}
        for name, value in found.items():
            if name in response.headers:
                header, place = response.headers[name]
                (spelt,) = _spelt([value], header["schema"])
                self._validate(f"{place}/schema", spelt, f"the header {name}")
            elif name.startswith(("x-", *_TELLING)) and name not in _OF_EVERY_ANSWER:
                raise Disobeyed(f"{answered.status} has the header {name}, not documented")
        for name, (header, _) in response.headers.items():
            if header.get("required") and name not in found:
                raise Disobeyed(f"{answered.status} lacks the header {name}")

    def _validate(self, pointer: str, value: Any, what: str) -> None:
        if pointer not in self._validators:
            self._validators[pointer] = jsonschema_rs.Draft202012Validator(
                {"$ref": f"{_DOCUMENT}#{pointer.replace('{', '%7B').replace('}', '%7D')}"},
                registry=self._registry,
                validate_formats=True,
            )
        errors = list(self._validators[pointer].iter_errors(value))
        if errors:
            said = "; ".join(_said(error) for error in errors)
            raise Disobeyed(f"{what} is not as documented: {said}")

    def _resolved(self, part: Any, where: str) -> tuple[Any, str]:
        reference = part.get("$ref")
        return (part, where) if reference is None else (self._at(reference[1:]), reference[1:])

    def _at(self, pointer: str) -> Any:
        found: Any = self._document
        for word in pointer.strip("/").split("/"):
            key = word.replace("~1", "/").replace("~0", "~")
            found = found[int(key)] if isinstance(found, list) else found[key]
        return found


def is_json(media_type: str) -> bool:
    """Whether a body of that type is one JSON document; JSON Lines are several."""
    return media_type == "application/json" or media_type.endswith("+json")


def form_of(pairs: Iterable[tuple[str | None, Any]]) -> dict[str, Any]:
    """The parameters of a form by name: a list where the name says so, the last one else."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name is None:
            continue  # a part of a broken form
        if name.endswith("[]"):
            found.setdefault(name.removesuffix("[]"), []).append(value)
        elif isinstance(value, str):
            found[name] = value
    return found


def _fits(template: str, segment: str) -> bool:
    return template.startswith("{") or template == segment


def _escaped(word: str) -> str:
    return word.replace("~", "~0").replace("/", "~1")


def _spelt(values: list[str], schema: Mapping[str, Any]) -> list[Any]:
    """What stands in an address or a header, as values: there everything is a text."""
    kinds = schema.get("type", ())
    kinds = (kinds,) if isinstance(kinds, str) else kinds
    if "array" in kinds:
        return [values]
    if "integer" in kinds:
        return [int(value) if _WHOLE.fullmatch(value) else value for value in values[-1:]]
    return values[-1:]  # of a parameter that comes twice, the last one counts


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise Disobeyed(f"the body is no JSON: {error}") from None


def _said(error: Any) -> str:
    place = "/".join(map(str, error.instance_path))
    return f"at /{place}: {error.message}"
