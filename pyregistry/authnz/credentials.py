"""Where clients put their credentials in a request."""

import binascii
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from pyramid.request import Request

from pyregistry.authnz.permissions import TOKENS_OF_USERS, CredentialKind

TOKEN_HEADERS = ("Authorization", "PRIVATE-TOKEN", "JOB-TOKEN", "Deploy-Token")
"""The headers in which a client sends a token by its own decision."""
SESSION_COOKIE = "pyregistry_session"
MAXIMUM_LENGTH = 4096
"""Characters of a header that carries a credential; a longer one is wrong."""


class MalformedCredentials(ValueError):
    """A credential was sent in a form that nothing understands."""


class Place(StrEnum):
    """Where in a request a credential is."""

    BASIC = "Basic"
    BEARER = "Bearer"
    PRIVATE_TOKEN = "PRIVATE-TOKEN"  # noqa: S105 -- the name of a header
    JOB_TOKEN = "JOB-TOKEN"  # noqa: S105
    DEPLOY_TOKEN = "Deploy-Token"  # noqa: S105


PLACE_KINDS: dict[Place, frozenset[CredentialKind]] = {
    Place.BASIC: frozenset(CredentialKind) - {CredentialKind.BROWSER_SESSION},
    Place.BEARER: TOKENS_OF_USERS,
    Place.PRIVATE_TOKEN: TOKENS_OF_USERS,
    Place.JOB_TOKEN: frozenset({CredentialKind.JOB_TOKEN}),
    Place.DEPLOY_TOKEN: frozenset({CredentialKind.DEPLOY_TOKEN}),
}
"""Which kinds of credentials are taken in which place, as GitLab takes them."""

ANY_USERNAME = "__token__"
"""The user name that upload clients send with every token."""
USERNAMES_OF_TOKENS = frozenset({ANY_USERNAME, "gitlab-ci-token"})
"""What clients send for a user name with tokens: no account, no deploy token is called so."""


@dataclass(frozen=True, slots=True)
class Presented:
    """A credential as a request presents it; `username` is that of Basic authentication."""

    secret: str = field(repr=False)
    place: Place
    username: str | None = None

    def allows(self, kind: CredentialKind) -> bool:
        """Whether a credential of that kind is taken here."""
        return kind in PLACE_KINDS[self.place]

    def names(self, username: str | None) -> bool:
        """Whether the user name, where one is sent, is `username`, or stands for any."""
        return self.username in (None, ANY_USERNAME, username)


def presented_credentials(request: Request) -> Iterator[Presented]:
    """What a request presents: in `Authorization` (Basic or Bearer) and in GitLab's headers.

    Raises `MalformedCredentials`. More than one may be sent; all must be right.
    """
    authorization = request.headers.get("Authorization")
    if authorization is not None:
        yield _from_authorization(authorization)
    for place in (Place.PRIVATE_TOKEN, Place.JOB_TOKEN, Place.DEPLOY_TOKEN):
        secret = request.headers.get(place)
        if secret is not None:
            yield Presented(secret, place)


def session_secret(request: Request) -> str | None:
    """The secret of the browser session, if the request carries its cookie."""
    try:
        secret: str | None = request.cookies.get(SESSION_COOKIE)
    except UnicodeDecodeError:
        return None  # Some cookie is not UTF-8: none of ours was ever.
    return secret or None


def _from_authorization(header: str) -> Presented:
    if len(header) > MAXIMUM_LENGTH:
        raise MalformedCredentials("the Authorization header is too long")
    scheme, _, value = header.strip().partition(" ")
    match scheme.lower():
        case "basic":
            return _from_basic(value.strip())
        case "bearer":
            return Presented(value.strip(), Place.BEARER)
        case _:
            raise MalformedCredentials("the Authorization header is neither Basic nor Bearer")


def _from_basic(encoded: str) -> Presented:
    try:
        decoded = b64decode(encoded, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise MalformedCredentials("the Basic credentials are not base64 of UTF-8") from None
    username, colon, password = decoded.partition(":")
    if not colon:
        raise MalformedCredentials("the Basic credentials hold no colon")
    return Presented(password, Place.BASIC, username)
