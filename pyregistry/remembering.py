"""Answers that were given before, given again without asking everything again.

Who asks, what they may read and what they are answered is decided by the application, as for every
request. When the same request comes again, with the same credential, one question is asked: has
anything changed since that decides it? That is one look at shared memory on SQLite and one
prepared query on PostgreSQL, and one for all requests that have come together. Where nothing has,
the same bytes are the answer: whatever takes a right from somebody, or changes a page or what a
file is found by, counts in the same transaction (`AccessSerial`, serials). What ends by time is
compared with the clock. Requests are limited, noted, counted and logged as ever, and so are pulls.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pyramid.registry import Registry

from pyregistry.authnz.actors import seen_at
from pyregistry.authority import observe, token_use
from pyregistry.components import Components
from pyregistry.events.services.record import Happening
from pyregistry.freshness.questions import QUESTION_ERRORS, Standing, Subject
from pyregistry.http.arrivals import arrived_at
from pyregistry.http.giving_way import give_way
from pyregistry.http.observation import SENT, observation_of
from pyregistry.http.request_ids import HEADER, name_request
from pyregistry.quotas import PREFIX, count_known, told
from pyregistry.remembered.answers import Answer
from pyregistry.remembered.offers import NO_BYTES, Offer, offered
from pyregistry.remembered.requests import asked_by
from pyregistry.tokens.secrets import PREFIXES

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication

# 204 says the validator of a page to a proxy that keeps it.
_STATUSES: Final = ("200 ", "204 ", "304 ")
_FOR_ONE_REQUEST: Final = (HEADER.lower(), "set-cookie")

Headers = list[tuple[str, str]]


class Remembering:
    """WSGI middleware around the application: remembers its answers with pages and files."""

    def __init__(self, app: "WSGIApplication", registry: Registry) -> None:
        """`registry`: Pyramid's, which has the components."""
        self._app = app
        self._registry = registry

    @property
    def _components(self) -> Components:
        components: Components = self._registry["pyregistry.components"]
        return components

    def __call__(
        self, environ: dict[str, Any], start_response: "StartResponse"
    ) -> "Iterable[bytes]":
        asked = asked_by(environ)
        if asked is None:
            give_way(environ)
            return self._app(environ, start_response)
        components = self._components
        if components.request_limits.is_elsewhere:
            give_way(environ)
        answers = components.answers
        key = answers.key_of(environ)
        answer, has_come = answers.find(key)
        standing = None
        try:
            holds = answer is not None and _holds(answer, environ, components)
            if has_come and not holds:
                # Before anything is decided: what changes meanwhile makes the answer useless.
                waits = partial(give_way, environ)
                standing = components.freshness.standing(asked.subject, waits)
        except QUESTION_ERRORS:
            # The application asks the database, too, and tells why it does not answer.
            holds = False
        if answer is not None and holds:
            body = self._given_again(answer, environ, start_response)
            if body is not None:
                return body
        give_way(environ)
        if standing is None:
            return self._app(environ, start_response)
        return self._remembered(key, asked.subject, standing, environ, start_response)

    def _given_again(
        self, answer: Answer, environ: dict[str, Any], start_response: "StartResponse"
    ) -> "Iterable[bytes] | None":
        """The body of the answer, which has begun; None where the application has to give it."""
        components, now, offer = self._components, self._components.clock(), answer.offer
        # Who is counted here is not counted again by the application.
        quota = count_known(environ, components.request_limits, offer.identity, now)
        if quota is not None and quota.is_exceeded:
            # The application refuses it.
            return None
        # Last, as it may hold an open file.
        body = offer.body.again(environ)
        if body is None:
            return None
        headers: Headers = [*answer.headers, (HEADER, name_request(environ))]
        if quota is not None:
            headers += told(quota).items()
        observation_of(environ).view = answer.view
        _note(answer, environ, components, now)
        start_response(answer.status, headers)
        return body

    def _remembered(
        self,
        key: bytes,
        subject: Subject,
        standing: Standing,
        environ: dict[str, Any],
        start_response: "StartResponse",
    ) -> "Iterable[bytes]":
        """The application's own answer, kept for the next time."""
        started: list[tuple[str, Headers]] = []

        def start(status: str, headers: Headers, *error: Any) -> Any:
            started.append((status, list(headers)))
            return start_response(status, headers, *error)

        body = self._app(environ, start)
        offer = offered(environ)
        if offer is not None and offer.subject == subject and started:
            status, headers = started[-1]
            if _may_be_kept(status, headers, offer):
                answer = _answer(standing, environ, status, headers, offer)
                self._components.answers.keep(key, answer)
        return body


def _note(answer: Answer, environ: dict[str, Any], components: Components, now: datetime) -> None:
    """Tell the log, and note for the recorder, what the application would.

    That a token was used is noted once in a second, for each address.
    """
    offer, address = answer.offer, environ.get("REMOTE_ADDR")
    if offer.identity is not None:
        observe(environ, offer.identity)
        used = (address, now.replace(microsecond=0))
        if used != answer.used:
            answer.used = used
            use = token_use(offer.identity, address, now)
            if use is not None:
                components.recorder.add(use)
    if offer.pulled is not None:
        components.recorder.add(_pulled_again(offer.pulled, environ, now))
        observation_of(environ).download = SENT


def _pulled_again(pulled: Happening, environ: dict[str, Any], now: datetime) -> Happening:
    actor = seen_at(pulled.actor, environ.get("REMOTE_ADDR"), environ.get("HTTP_USER_AGENT"))
    return replace(pulled, actor=actor, occurred_at=now)


def _holds(answer: Answer, environ: dict[str, Any], components: Components) -> bool:
    """Whether the same request would be answered in the same way now.

    Raises one of `QUESTION_ERRORS`.
    """
    offer = answer.offer
    ends_at = offer.identity.ends_at if offer.identity is not None else None
    if ends_at is not None and ends_at <= components.clock():
        return False
    freshness, waits = components.freshness, partial(give_way, environ)
    # Before the question: what changes after this is found the next time.
    mark = freshness.mark(offer.subject, arrived_at(environ), waits)
    if mark is None or mark != answer.mark:
        if freshness.standing(offer.subject, waits) != answer.standing:
            return False
        answer.mark = mark
    return True


def _may_be_kept(status: str, headers: Headers, offer: Offer) -> bool:
    identity = offer.identity
    return (
        status.startswith(_STATUSES)
        # A password is verified each time.
        and (identity is None or identity.credential.kind in PREFIXES)
        and all(name.lower() != "set-cookie" for name, _ in headers)
    )


def _answer(
    standing: Standing, environ: dict[str, Any], status: str, headers: Headers, offer: Offer
) -> Answer:
    kept = tuple(
        (name, value)
        for name, value in headers
        if name.lower() not in _FOR_ONE_REQUEST and not name.startswith(PREFIX)
    )
    has_body = status.startswith("200") and environ["REQUEST_METHOD"] == "GET"
    return Answer(
        offer=offer if has_body else replace(offer, body=NO_BYTES),
        standing=standing,
        mark=None,
        status=status,
        headers=kept,
        view=observation_of(environ).view,
    )
