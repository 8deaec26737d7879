"""ID tokens (OpenID Connect Core 1.0, RFC 7519): what an issuer says of one of its jobs."""

import binascii
import hashlib
import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pyregistry.http.objects import read_object
from pyregistry.sentences import shown
from pyregistry.trusted_publishing.errors import InvalidIDToken
from pyregistry.trusted_publishing.keys import IssuerKeys

MAXIMUM_LENGTH: Final = 16 * 1024
"""Characters of an ID token. Those of GitLab and GitHub have two to four thousand."""
LEEWAY: Final = timedelta(seconds=30)
"""How far the clocks of the issuer and of the registry may be apart."""
MAXIMUM_AGE: Final = timedelta(hours=24)
"""The time since it was issued: a job gets its token when it begins, and publishes last."""

_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_LATEST: Final = 2**40
"""A time so far away that it is a mistake: 34,000 years."""
_REFUSED_HEADERS: Final = frozenset({"crit", "b64", "jwk", "jku", "x5u", "x5c"})
"""They would change what is verified, or bring a key along."""


@dataclass(frozen=True, slots=True)
class IDToken:
    """A verified ID token."""

    issuer: str
    audience: str
    claims: dict[str, Any]
    digest: bytes
    """By which it is remembered that it was exchanged."""
    expires_at: datetime
    """After this nobody takes it any more."""


def verify_id_token(text: str, keys: IssuerKeys, now: datetime) -> IDToken:
    """The ID token that `text` is, if an issuer that is trusted signed it and it is in time.

    Whether its audience is this registry is left to the caller. The key may be fetched:
    never call this inside a transaction. Raises `InvalidIDToken`.
    """
    header, unverified = _parts(text)
    issuer = unverified.get("iss")
    if not isinstance(issuer, str) or issuer not in keys.issuers:
        named = shown(issuer) if isinstance(issuer, str) else "that it names"
        raise InvalidIDToken(
            f"The issuer {named} is not trusted here: an administrator names those that are in"
            " the setting pyregistry.oidc.issuers."
        )
    from pyregistry.trusted_publishing.signatures import verified_payload

    algorithm, key_id = _algorithm_of(header), _key_id_of(header)
    payload = verified_payload(text, keys.find(issuer, key_id, algorithm, now))
    if payload is None:
        raise InvalidIDToken(f"The signature of the ID token is not that of {issuer}.")
    claims = _object(payload, "payload")
    audience = claims.get("aud")
    if not isinstance(audience, str):
        raise InvalidIDToken("The ID token must have one audience, as a text and not as a list.")
    return IDToken(
        issuer=issuer,
        audience=audience,
        claims=claims,
        digest=_digest(issuer, claims.get("jti")),
        expires_at=_end_of(claims, now),
    )


def _parts(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and payload, of which nothing is verified."""
    if len(text) > MAXIMUM_LENGTH:
        raise InvalidIDToken(f"The ID token is longer than {MAXIMUM_LENGTH} characters.")
    if not _COMPACT.fullmatch(text):
        raise InvalidIDToken(
            "The ID token is not a signed JSON Web Token: send its three parts as the issuer"
            " gave them."
        )
    header, payload, _ = text.split(".")
    return _object(_decoded(header), "header"), _object(_decoded(payload), "payload")


def _decoded(part: str) -> bytes:
    try:
        return urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        raise InvalidIDToken("A part of the ID token is not base64url.") from None


def _object(text: bytes, part: str) -> dict[str, Any]:
    try:
        return read_object(text)
    except ValueError:
        raise InvalidIDToken(f"The {part} of the ID token is not a valid JSON object.") from None


def _algorithm_of(header: dict[str, Any]) -> str:
    refused = sorted(_REFUSED_HEADERS & header.keys())
    if refused:
        raise InvalidIDToken(f"An ID token with {refused[0]} in its header is not taken.")
    from pyregistry.trusted_publishing.signatures import ALGORITHMS

    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise InvalidIDToken(
            f"The ID token must be signed by one of the algorithms {', '.join(ALGORITHMS)}."
        )
    return algorithm


def _key_id_of(header: dict[str, Any]) -> str | None:
    key_id = header.get("kid")
    if key_id is not None and not isinstance(key_id, str):
        raise InvalidIDToken("The kid in the header of the ID token must be a text.")
    return key_id


def _digest(issuer: str, identifier: object) -> bytes:
    if not isinstance(identifier, str) or not identifier:
        raise InvalidIDToken("The ID token has no jti, so nobody could tell when it is used twice.")
    # No issuer holds a line break: no two pairs give the same text.
    return hashlib.sha256(f"{issuer}\n{identifier}".encode("utf-8", "surrogatepass")).digest()


def _end_of(claims: dict[str, Any], now: datetime) -> datetime:
    """When the ID token ends; checks all its times."""
    present, leeway = now.timestamp(), LEEWAY.total_seconds()
    expires, issued = _seconds(claims, "exp"), _seconds(claims, "iat")
    if present >= expires + leeway:
        raise InvalidIDToken("The ID token has expired: get a new one.")
    begins = _seconds(claims, "nbf") if "nbf" in claims else issued
    if max(begins, issued) > present + leeway:
        raise InvalidIDToken(
            "The ID token is not valid yet: the clock of its issuer, or of the registry, is wrong."
        )
    oldest = MAXIMUM_AGE.total_seconds()
    if present - issued > oldest:
        raise InvalidIDToken("The ID token was issued more than 24 hours ago: get a new one.")
    return datetime.fromtimestamp(min(expires, issued + oldest), UTC) + LEEWAY


def _seconds(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    # True is a number to Python.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LATEST:
        raise InvalidIDToken(f"The claim {name} of the ID token is missing, or is no time.")
    return float(value)
