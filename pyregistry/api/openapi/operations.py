"""Operations: what one method of one address does, who may, and what is answered."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Final

from pyregistry.api.openapi.parameters import Body, Parameter
from pyregistry.api.openapi.schemas import NUMBER, TEXT, AnySchema, Schema, array, described
from pyregistry.resources.base import Resource

BOTH: Final = "..."
"""At the beginning of an address: a project as well as a group."""
_PLACES: Final = ("projects", "groups")
_IN_BRACES: Final = re.compile(r"\{(\w+)\}")
_JSON: Final = "application/json"
_MOVABLE: Final = "id"
"""What names a group or project, by a path that it may have had before."""

_NUMBER_OR_EMPTY: Final[Schema] = {"type": "string", "pattern": "^[0-9]*$"}
PAGING_HEADERS: Final[Mapping[str, Schema]] = {
    "X-Page": described(NUMBER, "Which page this is."),
    "X-Per-Page": described(NUMBER, "How many are on a page."),
    "X-Next-Page": described(_NUMBER_OR_EMPTY, "The next page; empty on the last one."),
    "X-Prev-Page": described(_NUMBER_OR_EMPTY, "The page before; empty on the first one."),
    "X-Total": described(NUMBER, "How many there are; left out above 10,000."),
    "X-Total-Pages": described(NUMBER, "How many pages there are; left out above 10,000."),
    "Link": described(TEXT, "The addresses of other pages: `next`, `prev`, `first`, `last`."),
}
"""What the answer to a list says of its pages. By key there is `Link` alone."""
COMMON_HEADERS: Final[Mapping[str, Schema]] = {
    "X-Request-Id": described(TEXT, "How the request is called in the log of the registry."),
    "RateLimit-Limit": described(NUMBER, "How many requests may be sent in a period."),
    "RateLimit-Name": described(TEXT, "Which limit it is."),
    "RateLimit-Observed": described(NUMBER, "How many were sent in this period."),
    "RateLimit-Remaining": described(NUMBER, "How many are left in this period."),
    "RateLimit-Reset": described(NUMBER, "When the next period begins: seconds since 1970."),
    "RateLimit-ResetTime": described(TEXT, "The same, as a date, where there are none left."),
}
"""What every answer says of its request, and of the limits of requests, where there are any."""
OF_EVERY_ANSWER: Final = {name: {"$ref": f"#/components/headers/{name}"} for name in COMMON_HEADERS}


@dataclass(frozen=True)
class Answer:
    """What is answered where all went well."""

    status: int
    description: str
    contents: Mapping[str, AnySchema] = field(default_factory=dict)
    """What is in it, by media type."""
    headers: Mapping[str, Schema] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """The answer in OpenAPI's words."""
        headers = {name: {"schema": schema} for name, schema in self.headers.items()}
        shown: dict[str, Any] = {
            "description": self.description,
            "headers": {**headers, **OF_EVERY_ANSWER},
        }
        if self.contents:
            shown["content"] = {kind: {"schema": each} for kind, each in self.contents.items()}
        return shown


def shows(schema: AnySchema, description: str = "What was asked for.") -> Answer:
    """200 with one thing."""
    return Answer(200, description, {_JSON: schema})


def lists(schema: AnySchema, description: str = "A page of them.") -> Answer:
    """200 with a page of things, and with headers that say which page."""
    return Answer(200, description, {_JSON: array(schema)}, PAGING_HEADERS)


def creates(schema: AnySchema, description: str = "What was created.") -> Answer:
    """201 with what is new."""
    return Answer(201, description, {_JSON: schema})


GONE: Final = Answer(204, "Done; there is nothing to show.")


@dataclass(frozen=True)
class Operation:
    """One method of one address.

    `path` is what follows `/api/v4`; `context` the class of the resource that traversal finds
    there, for which the view is registered. `who` is the least role that may, or a sentence.
    `also` are refusals beyond those that every operation may give.
    """

    method: str
    path: str
    context: type[Resource]
    summary: str
    who: str
    answer: Answer
    query: tuple[Parameter, ...] = ()
    body: Body | None = None
    also: tuple[int, ...] = ()
    description: str = ""
    further: tuple[Answer, ...] = ()
    """Other answers than `answer` where all went well: 206, 304."""

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What may be answered where all went well."""
        return (self.answer, *self.further)

    @property
    def parameters_in_path(self) -> list[str]:
        """The names in braces, in their order."""
        return _IN_BRACES.findall(self.path)

    @property
    def id(self) -> str:
        """A name that no other operation has, in GitLab's way: `getApiV4ProjectsIdMembers`."""
        words = re.findall(r"[A-Za-z0-9]+", self.path)
        return self.method.lower() + "ApiV4" + "".join(word[0].upper() + word[1:] for word in words)

    @property
    def refusals(self) -> list[int]:
        """The statuses of the refusals that it may give."""
        found = {400, 401, 403, 404, 429, 503, *self.also}
        if self.method != "GET":
            found |= {409, 413}
        if _MOVABLE in self.parameters_in_path:
            found.add(301 if self.method == "GET" else 405)
        return sorted(found)

    def at_each_place(self) -> Iterator["Operation"]:
        """The operation itself; two, where it is for projects as well as for groups."""
        if not self.path.startswith(BOTH):
            yield self
            return
        rest = self.path.removeprefix(BOTH)
        for place in _PLACES:
            yield replace(self, path=f"/{place}/{{id}}{rest}")


@dataclass(frozen=True)
class Subject:
    """Operations that belong together."""

    name: str
    description: str
    operations: tuple[Operation, ...]

    def all_operations(self) -> list[Operation]:
        """Each operation at each of its places."""
        return [each for operation in self.operations for each in operation.at_each_place()]


REFUSALS: Final[Mapping[int, str]] = {
    301: "The group or project has another path by now: `Location` says which.",
    400: "A parameter is missing or wrong: the message names it.",
    401: "There are no credentials, or they are wrong, expired or revoked.",
    403: "The caller may see this, but not do that.",
    404: "There is no such thing, or the caller may not see it.",
    405: "The group or project has another path by now: send it there.",
    406: "None of the media types that the client takes can be given.",
    409: "Something that exists stands in the way.",
    412: "It has changed since.",
    413: "What was sent is too large.",
    416: "The range does not lie in the file.",
    422: "What was sent is understood, and cannot be done.",
    429: "Too many requests, or too many wrong credentials, in a short time.",
    503: "The storage or the database does not answer.",
    507: "There is no room for what was sent.",
}
"""Every refusal that there is, and what it means."""


def refusal_name(status: int, *, for_tools: bool) -> str:
    """The name of a refusal among the components of the document."""
    name = HTTPStatus(status).phrase.title().replace(" ", "")
    return f"{name}ToTools" if for_tools else name
