"""Every endpoint of the API, asked nonsense by an administrator: a sentence, and no change.

`nonsense.py` lists it. A new endpoint is asked by its row in `endpoints.py`; where it takes
parameters, a row in `nonsense.py` says which.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from webob import Request, Response

from pyregistry.authnz.roles import Role
from tests.conftest import NewDatabase
from tests.factories.world import basic
from tests.functional.support import database_dump
from tests.policy.callers import PROJECT
from tests.policy.conftest import Application, worlds
from tests.policy.endpoints import ENDPOINTS, Endpoint
from tests.policy.nonsense import (
    BODIES,
    CURSORS,
    JSON_TYPE,
    MOVES,
    NAME_A_GROUP,
    NO_KEY_IS,
    NO_PAGE_IS,
    NO_PARAMETER_IS,
    NO_QUERY_IS,
    PAGING,
    QUERY_VALUES,
    SEGMENTS,
    SOME_PARAMETERS_ARE,
    TAKES_NOTHING,
    VALID,
    query_parameters,
)
from tests.policy.reading import Setting
from tests.policy.staging import Stage

Headers = dict[str, str]
NEXT_CURSOR = re.compile(r'cursor=([\w-]+)[^>]*>; rel="next"')
UNSAFE = ("POST", "PUT", "PATCH")
OF_THE_API = [
    row
    for row in ENDPOINTS
    if row.address.startswith("/api/v4/")
    # Indexes, files and uploads are not asked in JSON, and have tests of their own.
    and not (row.address.endswith("/packages/pypi") or "/pypi/simple" in row.address)
    and "/pypi/files" not in row.address
]
READING = [row for row in OF_THE_API if row.method == "GET"]
WITH_BODY = [
    row for row in OF_THE_API if row.method in UNSAFE and not row.address.endswith(TAKES_NOTHING)
]
WITH_ID = [row for row in OF_THE_API if "{" in row.address]


SAMPLE = ("/projects/{project}/members", "/groups/{group}/deploy_tokens", "{group}/audit_events")
"""Endpoints that the quick tests ask, too."""


def sampled(rows: list[Endpoint]) -> list[Any]:
    """All of them, most for thorough tests only."""
    return [
        pytest.param(row, marks=() if row.address.endswith(SAMPLE) else pytest.mark.thorough)
        for row in rows
    ]


def case_name(part: object) -> str:
    """Rows are named by what they are."""
    return f"{part.method} {part.address}" if isinstance(part, Endpoint) else str(part)


def valid_body(row: Endpoint) -> dict[str, Any]:
    """What the endpoint takes, of the longest end of its address."""
    ends = [end for method, end in VALID if method == row.method and row.address.endswith(end)]
    assert ends, f"say in tests/policy/nonsense.py what {row.method} {row.address} takes"
    return VALID[row.method, max(ends, key=len)]


def with_value(body: dict[str, Any], name: str, text: str) -> bytes:
    """A JSON object in which one value is written as `text`."""
    parts = [f"{json.dumps(key)}: {json.dumps(body[key])}" for key in body if key != name]
    return ("{" + ", ".join([f"{json.dumps(name)}: {text}", *parts]) + "}").encode()


class Asking:
    """An administrator, and the job that creates job tokens, in a registry of their own."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.world = stage, stage.world
        stage.world.user("newcomer")
        stage.world.user("admin", is_admin=True)
        self.world.member("acme/team", "admin", Role.OWNER)
        self._admin = stage.world.as_("admin")
        self._job = basic(stage.world.access_token(PROJECT, Role.MAINTAINER))

    def ask(self, row: Endpoint, **request: Any) -> Response:
        """Send a request to the endpoint of a row."""
        return self.send(row, row.address.format(**self.stage.values), **request)

    def send(
        self,
        row: Endpoint,
        address: str,
        *,
        query: str = "",
        body: bytes = b"",
        content_type: str | None = None,
    ) -> Response:
        """Send a request with the method of a row to an address."""
        headers = self._job if row.address.endswith("/job_tokens") else self._admin
        request = Request.blank("/", method=row.method, headers=headers, body=body)
        path, _, rest = address.partition("?")
        request.environ["PATH_INFO"] = unquoted(path)
        request.environ["QUERY_STRING"] = "&".join(filter(None, (rest, query)))
        request.environ["REMOTE_ADDR"] = "192.0.2.7"
        if content_type is not None:
            request.headers["Content-Type"] = content_type
        return request.get_response(self.world.app.app)

    @contextmanager
    def nothing_changes(self) -> Iterator[None]:
        """Compare the whole database before and after."""
        before = database_dump(self.world)
        yield
        assert database_dump(self.world) == before


def unquoted(path: str) -> str:
    """The path as WSGI has it: bytes as the letters of Latin-1."""
    found = bytearray()
    octets = path.encode()
    while octets:
        if octets[:1] == b"%" and len(octets) > 2:
            try:
                found.append(int(octets[1:3], 16))
                octets = octets[3:]
                continue
            except ValueError:
                pass  # broken: servers leave it as it is
        found += octets[:1]
        octets = octets[1:]
    return found.decode("latin-1")


@pytest.fixture(
    scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def asking(
    application: Application,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Asking]:
    """The registry that is asked, on SQLite and on PostgreSQL."""
    new_database: NewDatabase = request.getfixturevalue(f"new_{request.param}")
    with asked(application, new_database, tmp_path_factory.mktemp("nonsense")) as asking:
        yield asking


@pytest.fixture(scope="session")
def on_sqlite(
    application: Application, new_sqlite: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Asking]:
    """The same on SQLite alone, for what is refused before any database is asked."""
    with asked(application, new_sqlite, tmp_path_factory.mktemp("nonsense")) as asking:
        yield asking


@contextmanager
def asked(application: Application, new_database: NewDatabase, folder: Path) -> Iterator[Asking]:
    """A registry to be asked."""
    with worlds(application, new_database, folder, oidc__issuers="https://issuer.example") as new:
        yield Asking(Stage(new(), application[1], Setting("private", "private")))


def refusal_of(response: Response, statuses: tuple[int, ...]) -> str:
    """The sentence of a refusal in the shape of the API."""
    assert response.status_int in statuses, (response.status, response.text[:500])
    assert response.content_type == "application/json"
    assert list(response.json) == ["message"]
    sentence: str = response.json["message"]
    assert "Traceback" not in sentence
    assert len(sentence) < 400
    return sentence


def check_answer(response: Response) -> None:
    """Whatever was asked: JSON, or nothing, and no mistake of the registry's own."""
    assert response.status_int < 500, (response.status, response.text[:500])
    if response.status_int >= 400:
        refusal_of(response, (response.status_int,))
    elif response.body and response.content_type != "application/x-ndjson":
        assert response.content_type == JSON_TYPE
        json.loads(response.body, parse_constant=pytest.fail)


def test_lists_are_asked_for_what_they_take() -> None:
    rows = {row.address: query_parameters(row) for row in READING}
    assert "order_by" in rows["/api/v4/projects/{project}/packages"]
    assert "query" in rows["/api/v4/groups/{group}/members"]
    assert "author_id" in rows["/api/v4/audit_events"]


def test_every_endpoint_that_takes_parameters_says_which() -> None:
    assert [row for row in WITH_BODY if not valid_body(row)] == []


@pytest.mark.parametrize("row", sampled(WITH_BODY), ids=case_name)
def test_a_body_that_makes_no_sense(on_sqlite: Asking, row: Endpoint) -> None:
    with on_sqlite.nothing_changes():
        for what, body in BODIES.items():
            response = on_sqlite.ask(row, body=body.content, content_type=body.content_type)
            assert refusal_of(response, body.statuses), what


@pytest.mark.parametrize("row", sampled(WITH_BODY), ids=case_name)
def test_a_value_that_no_parameter_has(asking: Asking, row: Endpoint) -> None:
    body = valid_body(row)
    with asking.nothing_changes():
        for name in body:
            for what, value in NO_PARAMETER_IS.items():
                content = with_value(body, name, value)
                response = asking.ask(row, body=content, content_type=JSON_TYPE)
                if name in NAME_A_GROUP and what == "a long number":
                    assert "no group" in refusal_of(response, (404,))
                    continue
                sentence = refusal_of(response, (400, 422))
                assert names(sentence, name), (name, what, sentence)
            for value in ("%00", "a%00b"):
                content = f"{name}={value}".encode()
                response = asking.ask(
                    row, body=content, content_type="application/x-www-form-urlencoded"
                )
                assert name in refusal_of(response, (400,))


@pytest.mark.parametrize("row", sampled(WITH_BODY), ids=case_name)
def test_a_value_that_few_parameters_have(asking: Asking, row: Endpoint) -> None:
    body = valid_body(row)
    before = database_dump(asking.world)
    for name in body.keys() - set(MOVES):
        for value in SOME_PARAMETERS_ARE.values():
            content = with_value(body, name, value)
            response = asking.ask(row, body=content, content_type=JSON_TYPE)
            check_answer(response)
            if response.status_int < 400:
                before = database_dump(asking.world)
    assert database_dump(asking.world) == before


@pytest.mark.parametrize("row", sampled(READING), ids=case_name)
def test_a_page_that_is_none(on_sqlite: Asking, row: Endpoint) -> None:
    plain = on_sqlite.ask(row)
    is_list = plain.status_int == 200 and isinstance(plain.json, list)
    with on_sqlite.nothing_changes():
        for name in PAGING:
            for value in NO_PAGE_IS:
                response = on_sqlite.ask(row, query=f"{name}={value.format(name=name)}")
                check_answer(response)
                if is_list and "package_files" not in row.address:
                    assert name in refusal_of(response, (400,)), value


@pytest.mark.parametrize("row", sampled(READING), ids=case_name)
def test_a_query_that_makes_no_sense(asking: Asking, row: Endpoint) -> None:
    with asking.nothing_changes():
        for name in (*PAGING, *query_parameters(row)):
            for value in QUERY_VALUES:
                response = asking.ask(row, query=f"{name}={value.format(name=name)}")
                check_answer(response)
                if response.status_int == 400:
                    assert names(response.json["message"], unquote(name).removesuffix("[]")), name
        for value in NO_QUERY_IS:
            for name in ("page", "search", value):
                refusal_of(asking.ask(row, query=f"{name}={value}"), (400,))
        for cursor in CURSORS:
            check_answer(asking.ask(row, query=f"pagination=keyset&cursor={cursor}"))


@pytest.mark.parametrize("row", sampled(READING), ids=case_name)
def test_a_cursor_that_was_tampered_with(asking: Asking, row: Endpoint) -> None:
    first = asking.ask(row, query="pagination=keyset&per_page=1")
    link = NEXT_CURSOR.search(first.headers.get("Link", ""))
    if link is None:
        return  # no list that pages by key, or a short one
    padded = link[1] + "=" * (-len(link[1]) % 4)
    try:
        names, values = json.loads(urlsafe_b64decode(padded))
    except (TypeError, ValueError):
        return  # an id alone: of the audit log
    for place in range(len(values)):
        for value in NO_KEY_IS:
            texts = [json.dumps(each) for each in values]
            texts[place] = value
            text = f"[{json.dumps(names)}, [{', '.join(texts)}]]"
            cursor = urlsafe_b64encode(text.encode()).decode().rstrip("=")
            check_answer(asking.ask(row, query=f"pagination=keyset&cursor={cursor}"))


@pytest.mark.parametrize("row", sampled(WITH_ID), ids=case_name)
def test_a_segment_that_names_nothing(on_sqlite: Asking, row: Endpoint) -> None:
    parts = row.address.split("/")
    with on_sqlite.nothing_changes():
        for place in (place for place, part in enumerate(parts) if part.startswith("{")):
            for segment in SEGMENTS:
                address = "/".join([*parts[:place], segment, *parts[place + 1 :]])
                response = on_sqlite.send(row, address.format(**on_sqlite.stage.values))
                check_answer(response)
                assert response.status_int in (400, 404, 405), (address, response.status)


@pytest.mark.parametrize("row", sampled(WITH_BODY), ids=case_name)
def test_what_makes_sense_is_taken(asking: Asking, row: Endpoint) -> None:
    # Else the cases above would prove little.
    body = json.dumps(valid_body(row)).encode()
    response = asking.ask(row, body=body, content_type=JSON_TYPE)
    if "{missing}" in row.address:
        taken: tuple[int, ...] = (404,)
    elif row.address.endswith("/admin/token"):
        taken = (422,)  # such a token there never was
    elif row.address.endswith("/transfer"):
        taken = (400,)  # it is there already
    else:
        taken = (200, 201, 204, 409)
    assert response.status_int in taken, response.text


def names(sentence: str, parameter: str) -> bool:
    """Whether a sentence tells which parameter it is about."""
    word = parameter.rpartition("_")[2].removesuffix("s")
    return word in sentence
