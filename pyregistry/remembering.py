"""Pages that were answered before, answered again without asking everything again.

Who asks, what they may read and what the page shows are decided by the application, as for every
request. When the same request comes again, with the same credential, one question is asked: has
anything changed since that decides it? That is one look at shared memory on SQLite and one
prepared query on PostgreSQL. Where nothing has, the same bytes are the answer: whatever takes a
right from somebody, or changes a page, counts in the same transaction (`AccessSerial`, serials).
What ends by time is compared with the clock. Requests are limited, noted, counted and logged as
ever.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from pyramid.registry import Registry

from pyregistry.authority import observe, token_use
from pyregistry.components import Components
from pyregistry.freshness.questions import QUESTION_ERRORS, Standing
from pyregistry.http.giving_way import give_way
from pyregistry.http.observation import observation_of
from pyregistry.http.request_ids import HEADER, name_request
from pyregistry.packaging.names import valid_package_name
from pyregistry.quotas import PREFIX, count_known, told
from pyregistry.simple.answers import Answer, Offer, offered
from pyregistry.simple.cache import PageCache
from pyregistry.tokens.secrets import PREFIXES

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication

_SIMPLE: Final = "simple"
_ENDPOINT: Final = f"/{_SIMPLE}/"
# 204 says the validator of a page to a proxy that keeps it.
_STATUSES: Final = ("200 ", "204 ", "304 ")
_METHODS: Final = ("GET", "HEAD")
_QUERY: Final = re.compile(r"(?:format=[A-Za-z0-9./+%]{1,60})?")
_FOR_ONE_REQUEST: Final = (HEADER.lower(), "set-cookie")

Headers = list[tuple[str, str]]


class Remembering:
    """WSGI middleware around the application: remembers its answers with simple pages."""

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
        if not _may_be_remembered(environ):
            give_way(environ)
            return self._app(environ, start_response)
        answers = self._components.answers
        key = answers.key_of(environ)
        answer, has_come = answers.find(key)
        name = _name_in(environ["PATH_INFO"])
        standing = None
        try:
            holds = answer is not None and _holds(answer, self._components)
            if has_come and not holds:
                # Before anything is decided: what changes meanwhile makes the answer useless.
                standing = self._components.freshness.standing(name)
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
        return self._remembered(key, name, standing, environ, start_response)

    def _given_again(
        self, answer: Answer, environ: dict[str, Any], start_response: "StartResponse"
    ) -> list[bytes] | None:
        """The body of the answer, which has begun; None where the application has to give it."""
        components, now = self._components, self._components.clock()
        body = _kept_body(answer, components.pages)
        if body is None:
            return None
        quota = count_known(environ, components.request_limits, answer.identity, now)
        if quota is not None and quota.is_exceeded:
            # It is counted, and the application refuses it.
            return None
        headers: Headers = [*answer.headers, (HEADER, name_request(environ))]
        if quota is not None:
            headers += told(quota).items()
        observation_of(environ).view = answer.view
        if answer.identity is not None:
            observe(environ, answer.identity)
            use = token_use(answer.identity, environ.get("REMOTE_ADDR"), now)
            if use is not None:
                components.recorder.add(use)
        start_response(answer.status, headers)
        return [body]

    def _remembered(
        self,
        key: bytes,
        name: str | None,
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
        if offer is not None and offer.name == name and started:
            status, headers = started[-1]
            if _may_be_kept(status, headers, offer):
                answer = _answer(standing, environ, status, headers, offer)
                self._components.answers.keep(key, answer)
        return body


def _may_be_remembered(environ: dict[str, Any]) -> bool:
    """Whether a request may ask for a simple page, and says nothing that is not looked at."""
    return (
        _ENDPOINT in environ.get("PATH_INFO", "")
        and environ.get("REQUEST_METHOD") in _METHODS
        # Nobody fills the memory with queries that say nothing.
        and _QUERY.fullmatch(environ.get("QUERY_STRING", "")) is not None
        and "HTTP_COOKIE" not in environ
        and environ.get("CONTENT_LENGTH") in (None, "", "0")
        and "HTTP_TRANSFER_ENCODING" not in environ
    )


def _kept_body(answer: Answer, pages: PageCache) -> bytes | None:
    """None where the bytes are not kept any more, or only in the other coding."""
    if not answer.has_body:
        return b""
    page = pages.get(answer.page_key, answer.page_validator)
    if page is None:
        return None
    return page.gzip_body if answer.is_compressed else page.body


def _holds(answer: Answer, components: Components) -> bool:
    """Whether the same request would be answered in the same way now.

    Raises one of `QUESTION_ERRORS`.
    """
    if answer.ends_at is not None and answer.ends_at <= components.clock():
        return False
    freshness = components.freshness
    # Before the question: what changes after this is found the next time.
    mark = freshness.mark()
    if mark is None or mark != answer.mark:
        if freshness.standing(answer.name) != answer.standing:
            return False
        answer.mark = mark
    return True


def _name_in(path_info: str) -> str | None:
    """The package that a path asks for, as the path spells it; None for the list of names.

    What is no name is None as well: its answer is not one with a page.
    """
    above, _, name = path_info.rstrip("/").rpartition("/")
    is_list = name == _SIMPLE and not above.endswith(f"/{_SIMPLE}")
    return None if is_list or not valid_package_name(name) else name


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
    return Answer(
        standing=standing,
        mark=None,
        ends_at=offer.identity.ends_at if offer.identity is not None else None,
        status=status,
        headers=kept,
        name=offer.name,
        identity=offer.identity,
        page_key=offer.page.key,
        page_validator=offer.page.validator,
        is_compressed=("Content-Encoding", "gzip") in kept,
        has_body=status.startswith("200") and environ["REQUEST_METHOD"] == "GET",
        view=observation_of(environ).view,
    )
