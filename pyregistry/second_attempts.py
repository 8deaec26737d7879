"""Requests that are tried again: what the database could not do at first, clients never see.

pyramid_retry runs a whole request anew, with a new request object and a new transaction. It
keeps the body for that, so only requests with a short one, or none, have several attempts. Uploads
and the others that have transactions of their own have one: they repeat those.

What an attempt leaves outside of the transaction must not be there twice: `note_once_answered`
holds notes back until there is an answer, and whatever else is counted says in the environ that
it was.
"""

from typing import Final

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid_retry import BeforeRetry, IBeforeRetry, is_error_retryable, mark_error_retryable

from pyregistry.components import Components
from pyregistry.http.attempts import forget_marks
from pyregistry.http.parameters import MAXIMUM_BODY
from pyregistry.retries import ATTEMPTS, Failure, failure_of, note_repetition, pause
from pyregistry.transactions import within_transaction

_TRANSFER_ENCODING: Final = "HTTP_TRANSFER_ENCODING"


def attempts_for(request: Request) -> int:
    """pyramid_retry's activate hook: how often a request is tried in all.

    More than once means that the body is read before anything is asked: it must be short.
    """
    if not within_transaction(request) or not _has_short_body(request):
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
    return bool(is_error_retryable(request, error))


def note_once_answered(request: Request, note: object) -> None:
    """Give the recorder a note when the request has its answer, and not with every attempt."""
    components: Components = request.components

    def add(request: Request, _response: Response) -> None:
        if not is_tried_again(request, request.exception):
            components.recorder.add(note)

    request.add_response_callback(add)


def begin_again(event: BeforeRetry) -> None:
    """Say in the log that a request is tried again, and wait a moment."""
    attempt: int = event.environ["retry.attempt"]
    forget_marks(event.environ)
    note_repetition(failure_of(event.exception) or Failure.CONFLICT, event.exception)
    pause(attempt)


def includeme(config: Configurator) -> None:
    """Set up pyramid_retry, and `request.note_once_answered`."""
    config.add_settings({"retry.attempts": ATTEMPTS, "retry.activate_hook": attempts_for})
    config.include("pyramid_retry")
    config.add_subscriber(begin_again, IBeforeRetry)
    config.add_request_method(note_once_answered)
