"""What the judge finds: it would be of no use if it let everything pass."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from pyregistry.api.openapi.document import document
from tests.openapi.judge import Answered, Asked, Disobeyed, Judge, form_of

JSON = ("Content-Type", "application/json")
MEMBER = {
    "id": 1,
    "username": "ada",
    "name": "Ada",
    "state": "active",
    "locked": False,
    "avatar_url": None,
    "web_url": None,
    "membership_state": "active",
    "access_level": 30,
    "expires_at": None,
    "created_at": "2026-11-23T12:00:00.000Z",
}
MEMBERS = "/projects/{id}/members"
ONE = f"{MEMBERS}/{{user_id}}"
SEGMENTS = ["projects", "acme/core", "members"]


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(document())


def answered(status: int, body: Any, *headers: tuple[str, str]) -> Answered:
    return Answered(status, [JSON, *headers], json.dumps(body).encode())


def asked(query: Mapping[str, list[str]] | None = None, body: Any = None) -> Asked:
    return Asked(query or {}, "application/json", {} if body is None else body)


def test_what_is_as_documented_passes(judge: Judge) -> None:
    judge.check_response("GET", ONE, answered(200, MEMBER))
    judge.check_response("GET", MEMBERS, answered(200, [MEMBER], ("X-Next-Page", "")))
    judge.check_response("DELETE", ONE, Answered(204, [("RateLimit-Limit", "10")], b""))
    judge.check_request("GET", MEMBERS, SEGMENTS, asked({"page": ["2"], "unknown": ["x"]}))
    judge.check_request("POST", MEMBERS, SEGMENTS, asked(body={"user_id": 1, "access_level": "10"}))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (answered(200, {**MEMBER, "secret": 1}), "Additional properties"),
        (answered(200, {name: MEMBER[name] for name in MEMBER if name != "state"}), "required"),
        (answered(200, {**MEMBER, "id": None}), "null"),
        (answered(200, {**MEMBER, "access_level": 31}), "31"),
        (answered(200, {**MEMBER, "expires_at": "2026-02-31"}), "date"),
        (answered(200, {**MEMBER, "created_at": "2026-11-23T12:00:00Z"}), "2026"),
        (answered(200, [MEMBER]), "object"),
        (answered(202, MEMBER), "202 is not documented"),
        (answered(500, {"message": "x"}), "500 is not documented"),
        (answered(404, {"error": "x"}), "message"),
        (answered(401, {"message": "x"}), "lacks the header www-authenticate"),
        (answered(200, MEMBER, ("X-Secret", "1")), "x-secret"),
        (answered(200, MEMBER, ("Link", "x")), "link"),
        (Answered(200, [("Content-Type", "text/html")], b"<p>"), "text/html"),
        (Answered(200, [JSON], b"{"), "no JSON"),
        (Answered(200, [], b""), "media type ''"),
    ],
)
def test_an_answer_that_is_not_documented(judge: Judge, wrong: Answered, said: str) -> None:
    with pytest.raises(Disobeyed, match=said):
        judge.check_response("GET", ONE, wrong)


def test_a_header_that_is_not_documented_so(judge: Judge) -> None:
    with pytest.raises(Disobeyed, match="x-page"):
        judge.check_response("GET", MEMBERS, answered(200, [], ("X-Page", "one")))


def test_a_body_where_there_is_none(judge: Judge) -> None:
    with pytest.raises(Disobeyed, match="204"):
        judge.check_response("DELETE", ONE, answered(204, MEMBER))


@pytest.mark.parametrize(
    ("method", "wrong", "said"),
    [
        ("GET", asked({"page": ["x"]}), "page"),
        ("GET", asked({"per_page": ["1000"]}), "per_page"),
        ("POST", asked(body={"user_id": 1}), "access_level"),
        ("POST", asked(body={"user_id": 1, "username": "ada", "access_level": 10}), "body"),
        ("POST", asked(body={"user_id": [1], "access_level": 10}), "body"),
        ("POST", asked(body=[1]), "body"),
        ("POST", asked(), "body"),
    ],
)
def test_a_request_that_should_have_been_refused(
    judge: Judge, method: str, wrong: Asked, said: str
) -> None:
    with pytest.raises(Disobeyed, match=said):
        judge.check_request(method, MEMBERS, SEGMENTS, wrong)


def test_an_id_that_is_none(judge: Judge) -> None:
    with pytest.raises(Disobeyed, match="user_id"):
        judge.check_request("GET", ONE, [*SEGMENTS, "ada"], asked())


def test_a_query_that_lacks_what_must_be_there(judge: Judge) -> None:
    with pytest.raises(Disobeyed, match="package is required"):
        judge.check_request("GET", "/explain", ["explain"], asked())


def test_a_word_is_nearer_than_a_parameter(judge: Judge) -> None:
    assert judge.path_of("GET", [*SEGMENTS, "all"]) == f"{MEMBERS}/all"
    assert judge.path_of("GET", [*SEGMENTS, "5"]) == ONE
    assert judge.path_of("GET", [*SEGMENTS, "5", "none"]) is None
    assert judge.path_of("PATCH", SEGMENTS) is None


def test_what_is_no_refusal_where_nothing_is(judge: Judge) -> None:
    judge.check_refusal("GET", answered(404, {"message": "Nothing."}))
    judge.check_refusal("OPTIONS", Answered(204, [], b""))
    with pytest.raises(Disobeyed, match="200"):
        judge.check_refusal("GET", answered(200, {}))
    with pytest.raises(Disobeyed, match="message"):
        judge.check_refusal("GET", answered(404, {}))


def test_forms() -> None:
    pairs = [("a", "1"), ("a", "2"), ("b[]", "1"), ("b[]", "2"), (None, "x"), ("file", object())]
    assert form_of(pairs) == {"a": "2", "b": ["1", "2"]}
