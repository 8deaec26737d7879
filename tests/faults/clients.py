"""Clients of a registry behind nginx: what they send, and what they are answered."""

import hashlib
import http.client
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPMessage
from typing import Any
from urllib.parse import urljoin, urlsplit

from tests.factories import uploads
from tests.factories.distributions import Distribution
from tests.factories.world import basic, fields_of
from tests.faults.cluster import PROJECT, Cluster

PAGE = "application/vnd.pypi.simple.v1+json"
API = f"/api/v4/projects/{PROJECT.replace('/', '%2F')}"
UPLOAD = f"/{PROJECT}/-/legacy/"
BROKEN = 0
"""The status of a request that broke off without an answer."""


@dataclass(frozen=True)
class Answered:
    """The answer to a request, or that there was none."""

    method: str
    path: str
    status: int
    body: bytes = field(repr=False, default=b"")
    headers: HTTPMessage | None = field(repr=False, default=None)
    seconds: float = 0.0
    error: str = ""


class Unanswered(AssertionError):
    """A client did not get what is there."""


class Client:
    """Somebody with one connection, who sends one request after the other and none twice."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._connection = cluster.connection()
        self._headers = basic(cluster.token)
        self.answers: list[Answered] = []

    def publish(self, distribution: Distribution) -> Answered:
        """Upload a file, as twine does."""
        content_type, body = _upload_of(distribution)
        return self.ask("POST", UPLOAD, body, {"Content-Type": content_type})

    def files(self, name: str) -> dict[str, str]:
        """The address of every file of a package, by filename; empty where there is none."""
        path = f"/{PROJECT}/-/simple/{name}/"
        answer = self.ask("GET", path, headers={"Accept": PAGE})
        if answer.status == 404:
            return {}
        self._must_be(answer, 200)
        page = json.loads(answer.body)
        return {
            each["filename"]: f"{urljoin(path, each['url'])}#{each['hashes']['sha256']}"
            for each in page["files"]
        }

    def download(self, address: str) -> bytes:
        """The bytes at an address of a page, compared with the digest that stands there."""
        path, _, sha256 = address.partition("#")
        answer = self.ask("GET", path)
        body = answer.body
        if answer.status == 302 and answer.headers is not None:
            answer = self._from_elsewhere(answer.headers["Location"])
            body = answer.body
        self._must_be(answer, 200)
        if hashlib.sha256(body).hexdigest() != sha256:
            raise Unanswered(f"other bytes than the page says: {answer}")
        return body

    def release_id(self, name: str, version: str) -> int | None:
        """The number of a release, or None where there is none."""
        answer = self.ask("GET", f"{API}/packages?package_name={name}&package_version={version}")
        self._must_be(answer, 200)
        return next((int(each["id"]) for each in json.loads(answer.body)), None)

    def delete(self, release: int) -> Answered:
        """Delete a release."""
        return self.ask("DELETE", f"{API}/packages/{release}")

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answered:
        """Send a request to the front, and read the answer to its last byte."""
        sent = {**self._headers, **(headers or {})}
        answer = _answer(self._connection, method, path, body, sent)
        if answer.status == BROKEN:
            self._connection.close()
        self.answers.append(answer)
        return answer

    def _from_elsewhere(self, address: str) -> Answered:
        parts = urlsplit(address)
        connection = http.client.HTTPConnection(parts.netloc, timeout=60)
        answer = _answer(connection, "GET", f"{parts.path}?{parts.query}", None, {})
        connection.close()
        self.answers.append(answer)
        return answer

    def _must_be(self, answer: Answered, status: int) -> None:
        if answer.status != status:
            raise Unanswered(f"{answer} {answer.body[:200]!r}")


class HalfSent:
    """An upload of which the client has sent one half, and not the other one."""

    def __init__(self, cluster: Cluster, distribution: Distribution) -> None:
        content_type, body = _upload_of(distribution)
        self._rest = body[len(body) // 2 :]
        self._connection = cluster.connection()
        self._connection.putrequest("POST", UPLOAD)
        headers = {**basic(cluster.token), "Content-Type": content_type}
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self._connection.putheader(name, value)
        self._connection.endheaders(body[: len(body) // 2])

    def status(self) -> int:
        """What it is answered after the other half, or in the middle of that."""
        try:
            with suppress(OSError):
                self._connection.send(self._rest)
            return self._connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return BROKEN
        finally:
            self._connection.close()


def _upload_of(distribution: Distribution) -> tuple[str, bytes]:
    return uploads.twine(fields_of(distribution), distribution.filename, distribution.content)


def _answer(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes | None,
    headers: Mapping[str, str],
) -> Answered:
    begun = time.monotonic()
    try:
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        read: Any = response.read()
    except (OSError, http.client.HTTPException) as error:
        took = time.monotonic() - begun
        return Answered(method, path, BROKEN, seconds=took, error=repr(error))
    took = time.monotonic() - begun
    return Answered(method, path, response.status, read, response.headers, took)
