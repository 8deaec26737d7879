"""What the page of the API says of parameters, and its examples."""

import json
import shlex
from collections import defaultdict
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from pyregistry.api.openapi.document import MOUNT, document
from pyregistry.api.openapi.parameters import PATH_PARAMETERS
from pyregistry.api.openapi.schemas import (
    COUNT,
    DAY,
    FLAG,
    ID,
    TEXT,
    AnySchema,
    array,
    constant,
    nullable,
    record,
    words,
)
from pyregistry.api.openapi.sent import SENT_DAY, SENT_FLAG, SENT_LIST, SENT_NUMBER
from pyregistry.ui.reference import Entry, chapters, kind_of, named_objects
from tests.openapi.judge import Asked, Judge

API = f"https://registry.example{MOUNT}"
ENTRIES = [entry for chapter in chapters(API) for entry in chapter.entries]
THING = record("Thing", "A thing.", id=ID)


def named(entry: Entry) -> str:
    return f"{entry.method} {entry.paths[0]}"


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (TEXT, "text"),
        (COUNT, "number"),
        (FLAG, "true or false"),
        (SENT_FLAG, "true or false"),
        (DAY, "day"),
        (nullable(TEXT), "text or null"),
        (SENT_DAY, "text or null"),
        (SENT_NUMBER, "number, text or null"),
        (words(("a", "b", "c")), "a, b or c"),
        (nullable(words(("a",))), "a or null"),
        (constant(False), "false"),
        (constant("pypi"), "pypi"),
        (THING, "Thing"),
        (array(THING), "list of Thing"),
        (nullable(THING), "Thing or null"),
        (SENT_LIST, "list of text or number, text or null"),
        ({**array(TEXT), "maxItems": 0}, "empty list"),
        ({}, "anything"),
    ],
)
def test_of_which_kind_something_is(schema: AnySchema, said: str) -> None:
    assert kind_of(schema) == said


@pytest.mark.parametrize("entry", ENTRIES, ids=named)
def test_every_example_is_what_the_document_asks_for(entry: Entry) -> None:
    program, *arguments = shlex.split(entry.command)
    assert program == "curl"
    options: dict[str, list[str]] = defaultdict(list)
    *given, address = arguments
    for name, value in zip(given[::2], given[1::2], strict=True):
        options[name].append(value)
    sent = [*options["--data"], *options["--form"]]
    (method,) = options["--request"] or ["POST" if sent else "GET"]
    assert method == entry.method
    judge = Judge(document())
    segments = [unquote(each) for each in urlsplit(address).path.strip("/").split("/")[2:]]
    assert judge.path_of(method, segments) == entry.paths[0]
    if sent and sent[0].startswith("{"):
        body = json.loads(sent[0])
    else:
        body = dict(pair.split("=", 1) for pair in sent)
    media_type = "multipart/form-data" if options["--form"] else "application/json"
    query = parse_qs(urlsplit(address).query)
    assert query.keys() == {row.name for row in entry.in_query if row.is_needed}
    judge.check_request(method, entry.paths[0], segments, Asked(query, media_type, body))


def test_what_must_be_there_is_said() -> None:
    (change,) = [
        entry for entry in ENTRIES if named(entry) == "PUT /projects/{id}/members/{user_id}"
    ]
    assert [(row.name, row.is_needed) for row in change.in_body] == [
        ("access_level", True),
        ("expires_at", False),
    ]
    assert [row.name for row in change.in_path] == ["id", "user_id"]
    assert change.paths == ["/projects/{id}/members/{user_id}", "/groups/{id}/members/{user_id}"]
    assert change.answers[0].named == "Member"
    assert set(change.refusals) >= {400, 401, 403, 404}


def test_the_example_of_moving_a_group_moves_it_into_another() -> None:
    (move,) = [entry for entry in ENTRIES if named(entry) == "POST /groups/{id}/transfer"]
    assert "--data group_id=" in move.command
    assert all(row.meaning for row in move.in_body)


def test_objects_say_what_is_not_always_there() -> None:
    objects = {each.name: each for each in named_objects()}
    optional = [row.name for row in objects["OwnToken"].rows if not row.is_needed]
    assert optional == ["access_level"]
    pipelines = [row for row in objects["Package"].rows if row.name.startswith("pipeline")]
    assert [(row.kind, row.named) for row in pipelines] == [
        ("Pipeline or null", "Pipeline"),
        ("list of Pipeline", "Pipeline"),
    ]


def test_every_parameter_of_an_address_has_an_example() -> None:
    assert all(parameter.example is not None for parameter in PATH_PARAMETERS.values())
