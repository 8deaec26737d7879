"""What the services of tokens refuse."""

from http import HTTPStatus

from pyregistry.errors import Invalid, NotFound


class TokenNotFound(NotFound):
    """There is no such token, or the caller may not know of it."""

    def __init__(self) -> None:
        super().__init__("Not found: there is no such token here.")


class TokenNotActive(Invalid):
    """The token has expired or was revoked: it cannot be rotated."""


class NoToken(Invalid):
    """What was sent has not the form of a token, or its checksum is wrong."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self) -> None:
        super().__init__("It has not the form of a token, or a character is missing or mistyped.")
