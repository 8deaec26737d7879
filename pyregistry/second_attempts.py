"""Requests that are tried again: what the database could not do at first, clients never see.

pyramid_retry runs a whole request anew, with a new request object and a new transaction. It
keeps the body for that, so only requests with a short one, or none, have several attempts. Uploads
and the others that have transactions of their own repeat those; until they begin to read the body
they are tried again as a whole, too.

What an attempt leaves outside of the transaction must not be there twice: `note_once_answered`
holds notes back until there is an answer, and whatever else is counted says in the environ that
it was.
"""

from collections.abc import Callable, MutableMapping
from typing import Any, Final

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid_retry import (
    BeforeRetry,
    IBeforeRetry,
    RetryableExecutionPolicy,
    is_error_retryable,
    mark_error_retryable,
)

from pyregistry.components import Components
from pyregistry.http.attempts import forget_marks
from pyregistry.http.parameters import MAXIMUM_BODY
from pyregistry.retries import ATTEMPTS, Failure, failure_of, note_repetition, pause
from pyregistry.transactions import within_transaction

_TRANSFER_ENCODING: Final = "HTTP_TRANSFER_ENCODING"
_INPUT: Final = "wsgi.input"
_LOST: Final = "pyregistry.lost_before_the_body"
"""Where the environ has the error that another attempt follows, whose body nobody has read."""
_ATTEMPTS_LEFT: Final = "pyregistry.attempts_left"

ExecutionPolicy = Callable[[dict[str, Any], Any], Response]


class _Body:
    """A body that tells whether anybody has begun to read it."""

    def __init__(self, body: Any) -> None:
        self._body = body
        self.is_untouched = True

    def __getattr__(self, name: str) -> Any:
        self.is_untouched = False
        return getattr(self._body, name)


def attempts_for(request: Request) -> int:
    """pyramid_retry's activate hook: how often a request is tried in all.

    More than once means that the body is read before anything is asked: it must be short.
    """
    if not within_transaction(request):
        if not isinstance(request.environ[_INPUT], _Body):
            request.environ[_INPUT] = _Body(request.environ[_INPUT])
        return 1
    if not _has_short_body(request):
        return 1
    try:
        request.make_body_seekable()
    except OSError:
        # It broke off: whoever needs the body is told so, and that has its answer.
        return 1
    return ATTEMPTS


def _has_short_body(request: Request) -> bool:
    environ = request.environ
    if not environ.get("CONTENT_LENGTH"):
        is_first = environ.get("SERVER_PROTOCOL", "").startswith("HTTP/1")
        if _TRANSFER_ENCODING in environ or not is_first:
            return False
        # It has none (RFC 9112 section 6.3); some servers let one read on for ever all the same.
        request.content_length = 0
    length = request.content_length
    return length is not None and length <= MAXIMUM_BODY


def is_tried_again(request: Request, error: BaseException | None) -> bool:
    """Whether there will be another attempt because of this error, whatever is answered now."""
    failure = failure_of(error)
    if failure is None or not failure.may_be_repeated:
        return False
    mark_error_retryable(error)
    return bool(is_error_retryable(request, error)) or _is_begun_again(request.environ, error)


def _is_begun_again(environ: MutableMapping[str, Any], error: BaseException | None) -> bool:
    body = environ.get(_INPUT)
    if not (environ.get(_ATTEMPTS_LEFT) and isinstance(body, _Body) and body.is_untouched):
        return False
    environ[_LOST] = error
    return True


def until_the_body_is_read(policy: ExecutionPolicy) -> ExecutionPolicy:
    """An execution policy that also begins requests again which `policy` tries once."""

    def execute(environ: dict[str, Any], router: Any) -> Response:
        for attempt in range(ATTEMPTS):
            environ[_ATTEMPTS_LEFT] = ATTEMPTS - attempt - 1
            response = policy(environ, router)
            error = environ.pop(_LOST, None)
            if error is None:
                break
            _begin_again(environ, error, attempt)
        return response

    return execute


def note_once_answered(request: Request, note: object) -> None:
    """Give the recorder a note when the request has its answer, and not with every attempt."""
    components: Components = request.components

    def add(request: Request, _response: Response) -> None:
        if not is_tried_again(request, request.exception):
            components.recorder.add(note)

    request.add_response_callback(add)


def begin_again(event: BeforeRetry) -> None:
    """Say in the log that a request is tried again, and wait a moment."""
    _begin_again(event.environ, event.exception, event.environ["retry.attempt"])


def _begin_again(environ: MutableMapping[str, Any], error: BaseException, attempt: int) -> None:
    forget_marks(environ)
    note_repetition(failure_of(error) or Failure.CONFLICT, error)
    pause(attempt)


def includeme(config: Configurator) -> None:
    """Set up pyramid_retry, and `request.note_once_answered`."""
    retrying = RetryableExecutionPolicy(ATTEMPTS, activate_hook=attempts_for)
    config.set_execution_policy(until_the_body_is_read(retrying))
    config.add_subscriber(begin_again, IBeforeRetry)
    config.add_request_method(note_once_answered)
