"""Refusals: what a service raises when it will not do what it was asked.

A refusal carries one sentence that says what to change. The views turn it
into a response with that sentence in the reason phrase *and* in the body:
some clients show one, some the other.
"""

from http import HTTPStatus
from typing import ClassVar


class Refusal(Exception):
    """The request is refused, and `sentence` says what to change.

    `sentence` is one line. `status` is the HTTP status that tells the same. `about` names what
    of all that was sent has to change, as forms call it, where it is one thing: the sentence
    then stands beside that field.
    """

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST
    about: str = ""

    def __init__(self, sentence: str, *, about: str = "") -> None:
        super().__init__(sentence)
        self.sentence = " ".join(sentence.split())
        if about:
            self.about = about


class Invalid(Refusal):
    """What was sent breaks a rule; sending it again unchanged will not help."""


class NotAllowed(Refusal):
    """The caller may see this, but not do that."""

    status = HTTPStatus.FORBIDDEN


class NotFound(Refusal):
    """There is no such thing, or the caller may not know of it."""

    status = HTTPStatus.NOT_FOUND


class Conflict(Refusal):
    """Something that exists already stands in the way."""

    status = HTTPStatus.CONFLICT


class PreconditionFailed(Refusal):
    """It is not any more as the caller last saw it."""

    status = HTTPStatus.PRECONDITION_FAILED


class TooManyRequests(Refusal):
    """The caller failed or asked too often, and has to wait `retry_after` seconds."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, sentence: str, retry_after: int) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class TooLarge(Refusal):
    """What was sent is larger than a limit."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
