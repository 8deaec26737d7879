"""The id of a request: in its answer, and in every line that the log has about it.

Who reports a failure names the id, and whoever reads the log finds the reason by it.
"""

import logging
import random
import re
from collections.abc import Callable, MutableMapping
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any, Final

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid.tweens import INGRESS

from pyregistry.http.observation import EXCEPTION
from pyregistry.http.refusals import refusal_response

HEADER: Final = "X-Request-Id"
FROM_PROXY: Final = "pyregistry.request_id"
"""Where the environ has the id that a trusted proxy gave; no header can put it there."""
NO_REQUEST: Final = "-"

_BITS: Final = 64
# It stands in log lines and in headers: nothing that could end either, or fill a log.
_HARMLESS: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

logger = logging.getLogger(__name__)
_current: ContextVar[str] = ContextVar("pyregistry.request_id", default=NO_REQUEST)


def current_request_id() -> str:
    """The id of the request that this thread answers; `-` where it answers none."""
    return _current.get()


def name_request(environ: MutableMapping[str, Any]) -> str:
    """The id of a request, which the log says from now on. One that is tried again keeps its id."""
    # No secret: nobody may do anything by it.
    request_id: str = environ.get(FROM_PROXY) or f"{random.getrandbits(_BITS):016x}"
    environ[FROM_PROXY] = request_id
    # Not taken back at the end: the body may be sent after this, by the same thread, and
    # that can fail as well. The next request of the thread brings its own.
    _current.set(request_id)
    return request_id


def forget_request() -> None:
    """What this thread says from now on is of no request, until it answers the next one."""
    _current.set(NO_REQUEST)


def is_harmless(request_id: str) -> bool:
    """Whether an id from outside may stand in the log: up to 64 letters, digits, `.`, `_`, `-`."""
    return _HARMLESS.fullmatch(request_id) is not None


def request_ids(
    handler: Callable[[Request], Response], _registry: object
) -> Callable[[Request], Response]:
    """The outermost tween: every request has an id, and every answer names it."""

    def answer(request: Request) -> Response:
        request_id = name_request(request.environ)
        try:
            response = handler(request)
        except Exception:  # noqa: BLE001 -- whatever it is, it is answered
            response = _failure(request)
        response.headers[HEADER] = request_id
        return response

    return answer


def _failure(request: Request) -> Response:
    """The answer where what should have told of a refusal has failed itself."""
    try:
        # To say that there is nothing, it may have asked a database that does not answer.
        response: Response = request.invoke_exception_view()
    except Exception as error:
        request.environ[EXCEPTION] = error
        logger.exception("%s could not be answered", request.method)
        sentence = "The registry made a mistake; its log says which."
        response = refusal_response(request, HTTPStatus.INTERNAL_SERVER_ERROR, sentence)
    return response


def includeme(config: Configurator) -> None:
    """Put the tween around everything else."""
    config.add_tween("pyregistry.http.request_ids.request_ids", under=INGRESS)
