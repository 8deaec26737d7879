"""The OpenAPI document, put together from the subjects; as bytes that are made once."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any, Final

from pyregistry.api.openapi.operations import (
    COMMON_HEADERS,
    OF_EVERY_ANSWER,
    REFUSALS,
    Operation,
    refusal_name,
)
from pyregistry.api.openapi.parameters import PATH_PARAMETERS
from pyregistry.api.openapi.schemas import COUNT, TEXT, Component, described, record
from pyregistry.api.openapi.subjects import SUBJECTS
from pyregistry.http.addresses import is_json_api
from pyregistry.http.conditional import strong_etag
from pyregistry.version import __version__

MOUNT: Final = "/api/v4"
"""Where the API is; addresses in the document are below it."""
_ABOUT: Final = (
    "The API of a pyregistry, in the layout of GitLab's: what it calls a package is a release "
    "here. Parameters are JSON or a form; unknown ones are ignored. Those of a body may stand in "
    "the query instead. `{id}` is the number of a project or group, or its full path with `/` as "
    "`%2F`."
)
_MESSAGE: Final = record("Refusal", "Why a request is refused, in one sentence.", message=TEXT)
_PROBLEM: Final = record(
    "Problem",
    "Why a request is refused, as RFC 9457 has it.",
    title=TEXT,
    status={"type": "integer"},
    detail=TEXT,
)
_SECURITY_SCHEMES: Final = {
    "PRIVATE-TOKEN": {
        "type": "apiKey",
        "in": "header",
        "name": "PRIVATE-TOKEN",
        "description": "A personal, project or group access token.",
    },
    "Bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A personal, project or group access token.",
    },
    "Basic": {
        "type": "http",
        "scheme": "basic",
        "description": "Any token as the password; `__token__` as the user name.",
    },
    "JOB-TOKEN": {
        "type": "apiKey",
        "in": "header",
        "name": "JOB-TOKEN",
        "description": "The token of a job.",
    },
    "Deploy-Token": {
        "type": "apiKey",
        "in": "header",
        "name": "Deploy-Token",
        "description": "A deploy token.",
    },
}


def all_operations() -> Iterator[Operation]:
    """Every operation of the API, in the order of the document."""
    for subject in SUBJECTS:
        yield from subject.all_operations()


@cache
def document() -> Mapping[str, Any]:
    """The document, to be read and never changed."""
    components: dict[str, Any] = {}
    paths: dict[str, dict[str, Any]] = {}
    for subject in SUBJECTS:
        for operation in subject.all_operations():
            shown = _operation(operation, subject.name)
            methods = paths.setdefault(operation.path, {})
            if operation.method.lower() in methods:
                raise ValueError(f"{operation.method} {operation.path} is documented twice")
            methods[operation.method.lower()] = _resolved(shown, components)
    responses = _resolved(_refusals(), components)
    return {
        "openapi": "3.1.0",
        "info": {"title": "pyregistry", "version": __version__, "description": _ABOUT},
        "servers": [{"url": MOUNT}],
        "security": [{}, *({name: []} for name in _SECURITY_SCHEMES)],
        "tags": [{"name": each.name, "description": each.description} for each in SUBJECTS],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "responses": responses,
            "headers": {name: {"schema": schema} for name, schema in COMMON_HEADERS.items()},
            "parameters": {name: each.shown() for name, each in PATH_PARAMETERS.items()},
            "securitySchemes": _SECURITY_SCHEMES,
        },
    }


@cache
def document_bytes() -> bytes:
    """The document as JSON in UTF-8."""
    return json.dumps(document(), ensure_ascii=False, separators=(",", ":")).encode()


@cache
def document_etag() -> str:
    """The entity-tag of these bytes."""
    return strong_etag(hashlib.sha256(document_bytes()).hexdigest())


def _operation(operation: Operation, tag: str) -> dict[str, Any]:
    for_tools = not is_json_api(MOUNT + operation.path)
    shown: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "description": " ".join(filter(None, [operation.description, f"Who: {operation.who}."])),
        "tags": [tag],
        "parameters": [
            *({"$ref": f"#/components/parameters/{name}"} for name in operation.parameters_in_path),
            *(parameter.shown() for parameter in operation.query),
        ],
        "responses": {
            **{
                str(status): {
                    "$ref": f"#/components/responses/{refusal_name(status, for_tools=for_tools)}"
                }
                for status in operation.refusals
            },
            **{str(answer.status): answer.shown() for answer in operation.answers},
        },
    }
    if operation.body is not None:
        shown["requestBody"] = operation.body.shown()
    return shown


def _refusals() -> dict[str, Any]:
    """Every refusal, in the shape of GitLab's and in that for tools that publish and install."""
    to_clients = {"application/json": {"schema": _MESSAGE}}
    to_tools = {
        "text/plain": {"schema": TEXT},
        "application/problem+json": {"schema": _PROBLEM},
    }
    found: dict[str, Any] = {}
    for for_tools, content in ((False, to_clients), (True, to_tools)):
        for status, meaning in REFUSALS.items():
            headers = {**_headers_of_refusal(status), **OF_EVERY_ANSWER}
            refusal = {"description": meaning, "headers": headers}
            if status >= HTTPStatus.BAD_REQUEST or not for_tools:
                refusal["content"] = content
            found[refusal_name(status, for_tools=for_tools)] = refusal
    return found


def _headers_of_refusal(status: int) -> dict[str, Any]:
    headers = {
        301: {"Location": described(TEXT, "Where it is by now.")},
        401: {"WWW-Authenticate": described(TEXT, "How to send credentials.")},
        429: {"Retry-After": described(COUNT, "How many seconds to wait.")},
        503: {"Retry-After": described(COUNT, "How many seconds to wait.")},
    }
    found = headers.get(status, {})
    return {name: {"schema": schema, "required": True} for name, schema in found.items()}


def _resolved(part: Any, components: dict[str, Any]) -> Any:
    """The part with a reference in the place of each component, which is put beside."""
    if isinstance(part, Component):
        known = components.get(part.name)
        if known is None:
            components[part.name] = {}  # one that holds itself finds itself
            components[part.name] = _resolved(part.schema, components)
        elif known != _resolved(part.schema, components):
            raise ValueError(f"there are two components called {part.name}")
        return {"$ref": f"#/components/schemas/{part.name}"}
    if isinstance(part, Mapping):
        return {name: _resolved(value, components) for name, value in part.items()}
    if isinstance(part, list | tuple):
        return [_resolved(value, components) for value in part]
    return part
