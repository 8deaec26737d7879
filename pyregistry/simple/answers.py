"""Answers with simple pages that may be given again, as long as nothing has changed."""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import Any, Final

from pyramid.request import Request

from pyregistry.authnz.identity import Identity
from pyregistry.freshness.questions import Standing
from pyregistry.http.page_validators import WHICH_HALF
from pyregistry.simple.services import PageIdentity

DECIDING_HEADERS: Final = (
    "HTTP_HOST",
    "HTTP_ACCEPT",
    "HTTP_ACCEPT_ENCODING",
    "HTTP_AUTHORIZATION",
    "HTTP_PRIVATE_TOKEN",
    "HTTP_JOB_TOKEN",
    "HTTP_DEPLOY_TOKEN",
    "HTTP_IF_NONE_MATCH",
    "HTTP_SUDO",
)
"""The headers that decide what is answered. Requests with a cookie are not remembered."""

_DECIDING: Final = (
    "REQUEST_METHOD",
    "SCRIPT_NAME",
    "PATH_INFO",
    "QUERY_STRING",
    "wsgi.url_scheme",
    # Whether it is the page that is asked for, or its validator.
    WHICH_HALF,
    *DECIDING_HEADERS,
)
_OFFERED: Final = "pyregistry.simple.offered"
_MOST_ANSWERS: Final = 10_000
"""About 2 KB each, without the page itself, which lies in the cache of pages."""
_DIGEST_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Offer:
    """What the view of a page says of its answer, so that it can be given again.

    `name` is that of the package, or None where the page is a list of names.
    """

    name: str | None
    page: PageIdentity
    identity: Identity | None


def offer(request: Request, name: str | None, page: PageIdentity) -> None:
    """Say what an answer depends on, besides what the request says. For whoever remembers it."""
    identity: Identity | None = request.identity
    if identity is not None:
        # Who it was is told to the log again; what they may do is never asked of this.
        identity = replace(identity, principals=frozenset())
    request.environ[_OFFERED] = Offer(name, page, identity)


def offered(environ: Mapping[str, Any]) -> Offer | None:
    """What the view has said; None where no view of a page has answered."""
    found: Offer | None = environ.get(_OFFERED)
    return found


@dataclass(slots=True)
class Answer:
    """An answer that was given to a request, and is right for the same one at one standing.

    `mark` is the last at which the standing was found unchanged (`Freshness.mark`).
    """

    standing: Standing
    mark: object
    ends_at: datetime | None
    status: str
    headers: tuple[tuple[str, str], ...]
    name: str | None
    identity: Identity | None
    page_key: Hashable
    page_validator: Hashable
    is_compressed: bool
    has_body: bool
    view: str


class AnswerMemory:
    """The answers that were given last, by everything in a request that decides them.

    A request is remembered only when it comes again: many come once, such as those of a job
    that has its own token. Keys are digests with a secret of this process: no credential lies in
    memory for being remembered. Safe to use from several threads.
    """

    def __init__(self, most: int = _MOST_ANSWERS) -> None:
        self._most = most
        self._secret = secrets.token_bytes(32)
        self._answers: OrderedDict[bytes, Answer | None] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._answers)

    def key_of(self, environ: Mapping[str, Any]) -> bytes:
        """What tells apart requests that may be answered differently."""
        deciding = repr(tuple(map(environ.get, _DECIDING)))
        return hashlib.blake2b(
            deciding.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES, key=self._secret
        ).digest()

    def find(self, key: bytes) -> tuple[Answer | None, bool]:
        """The answer that is kept for a request, and whether that has come before.

        From now on it has.
        """
        with self._lock:
            has_come = key in self._answers
            answer = self._answers.setdefault(key, None)
            self._answers.move_to_end(key)
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
        return answer, has_come

    def keep(self, key: bytes, answer: Answer) -> None:
        """Keep an answer for the request with that key."""
        with self._lock:
            self._answers[key] = answer
