"""Where clients put their credentials in a request."""

import binascii
from base64 import b64decode
from collections.abc import Iterator

from pyramid.request import Request

TOKEN_HEADERS = ("Authorization", "PRIVATE-TOKEN")
"""The headers in which a client sends a token by its own decision."""
SESSION_COOKIE = "pyregistry_session"
MAXIMUM_LENGTH = 4096
"""Characters of a header that carries a credential; a longer one is wrong."""


class MalformedCredentials(ValueError):
    """A credential was sent in a form that nothing understands."""


def presented_tokens(request: Request) -> Iterator[str]:
    """The tokens that a request presents: in `Authorization` (Basic with any user name, or
    Bearer) and in GitLab's `PRIVATE-TOKEN`.

    Raises `MalformedCredentials`. More than one may be sent; all must be right.
    """
    authorization = request.headers.get("Authorization")
    if authorization is not None:
        yield _from_authorization(authorization)
    private_token = request.headers.get("PRIVATE-TOKEN")
    if private_token is not None:
        yield private_token


def session_secret(request: Request) -> str | None:
    """The secret of the browser session, if the request carries its cookie."""
    try:
        secret: str | None = request.cookies.get(SESSION_COOKIE)
    except UnicodeDecodeError:
        return None  # Some cookie is not UTF-8: none of ours was ever.
    return secret or None


def _from_authorization(header: str) -> str:
    if len(header) > MAXIMUM_LENGTH:
        raise MalformedCredentials("the Authorization header is too long")
    scheme, _, value = header.strip().partition(" ")
    match scheme.lower():
        case "basic":
            return _password(value.strip())
        case "bearer":
            return value.strip()
        case _:
            raise MalformedCredentials("the Authorization header is neither Basic nor Bearer")


def _password(encoded: str) -> str:
    try:
        decoded = b64decode(encoded, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise MalformedCredentials("the Basic credentials are not base64 of UTF-8") from None
    _, colon, password = decoded.partition(":")
    if not colon:
        raise MalformedCredentials("the Basic credentials hold no colon")
    return password
