"""The answers that were given last, and what tells requests apart that may be answered alike."""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, Final

from pyregistry.freshness.questions import Standing
from pyregistry.http.page_validators import WHICH_HALF
from pyregistry.remembered.offers import Offer

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
_MOST_ANSWERS: Final = 10_000
"""About 4 KB each, without bodies: pages lie in a cache of their own, files in the storage."""
_MOST_BYTES: Final = 16 * 1024 * 1024
"""Of the bodies that are kept here."""
_LARGEST_BODY: Final = 64 * 1024
_DIGEST_BYTES: Final = 16


@dataclass(slots=True)
class Answer:
    """An answer that was given to a request, and is right for the same one at one standing.

    `mark` is the last at which the standing was found unchanged (`Freshness.mark`); `used` says
    from where and in which second it was given last.
    """

    offer: Offer
    standing: Standing
    mark: object
    status: str
    headers: tuple[tuple[str, str], ...]
    view: str
    used: tuple[str | None, datetime] | None = None

    @property
    def size(self) -> int:
        """How many bytes lie in memory for it besides its headers."""
        return self.offer.body.size


class AnswerMemory:
    """The answers that were given last, by everything in a request that decides them.

    A request is remembered only when it comes again: many come once, such as those of a job
    that has its own token. Keys are digests with a secret of this process: no credential lies in
    memory for being remembered. Safe to use from several threads.
    """

    def __init__(self, most: int = _MOST_ANSWERS, most_bytes: int = _MOST_BYTES) -> None:
        """At most so many answers, whose bodies have at most so many bytes together."""
        self._most = most
        self._most_bytes = most_bytes
        self._kept_bytes = 0
        self._secret = secrets.token_bytes(32)
        self._answers: OrderedDict[bytes, Answer | None] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._answers)

    @property
    def kept_bytes(self) -> int:
        """What the bodies take that are kept here."""
        return self._kept_bytes

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
            self._forget_oldest()
        return answer, has_come

    def keep(self, key: bytes, answer: Answer) -> None:
        """Keep an answer for the request with that key, unless its body is too long."""
        if answer.size > _LARGEST_BODY:
            return
        with self._lock:
            self._count(self._answers.pop(key, None), -1)
            self._answers[key] = answer
            self._count(answer, +1)
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        while len(self._answers) > self._most or self._kept_bytes > self._most_bytes:
            self._count(self._answers.popitem(last=False)[1], -1)

    def _count(self, answer: Answer | None, times: int) -> None:
        self._kept_bytes += times * answer.size if answer is not None else 0
