"""One answer of a server, exactly as it came."""

import http.client
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

from benchmarks.comparison.asks import Question

PATIENCE = 120
"""Seconds until a server is given up."""


@dataclass(frozen=True)
class Answer:
    """A status, headers and a body, not decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def answer_to(question: Question, method: str = "GET", body: bytes | None = None) -> Answer:
    """Ask once, on a connection of its own. The names of headers are in small letters."""
    connection = http.client.HTTPConnection("127.0.0.1", question.port, timeout=PATIENCE)
    with closing(connection):
        connection.request(method, question.path, body, question.headers)
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, response.read())


def checked(question: Question) -> Answer:
    """The answer to a question. Raises `AssertionError` where it is not the expected one."""
    answer = answer_to(question)
    if answer.status != question.status:
        said = answer.body[:200].decode(errors="replace")
        raise AssertionError(f"{question.path}: {answer.status} and not {question.status}: {said}")
    return answer
