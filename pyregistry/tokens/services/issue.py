"""Issuing a token: what every kind has in common."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from pyregistry.authnz.permissions import KIND_SCOPES, CredentialKind, Scope
from pyregistry.errors import Invalid
from pyregistry.tokens.models import Token
from pyregistry.tokens.secrets import digest, generate

MAXIMUM_NAME_LENGTH = 255
MAXIMUM_DESCRIPTION_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class NewToken:
    """What is asked of a new token; `expires_at` None: it is valid until it is revoked."""

    kind: CredentialKind
    name: str
    scopes: Collection[Scope]
    expires_at: datetime | None = None
    description: str | None = None


def issue_token(
    session: Session,
    wanted: NewToken,
    *,
    user_id: int | None = None,
    namespace_id: int | None = None,
    longest: timedelta | None = None,
    now: datetime,
) -> tuple[Token, str]:
    """Add the row of a new token, and return it with its secret, which is not kept.

    Raises `Invalid` for an empty or too long name, a too long description, no scope, one that
    tokens of its kind cannot have, an end that has passed, or one that is further away than
    `longest` (None: tokens may be valid for ever).
    """
    check_wanted(wanted, longest, now)
    secret = generate(wanted.kind)
    token = Token(
        kind=wanted.kind,
        digest=digest(secret),
        name=wanted.name.strip(),
        description=wanted.description,
        scopes=sorted(wanted.scopes),
        user_id=user_id,
        namespace_id=namespace_id,
        created_at=now,
        expires_at=wanted.expires_at,
    )
    session.add(token)
    session.flush()
    return token, secret


def check_wanted(wanted: NewToken, longest: timedelta | None, now: datetime) -> None:
    """Raise `Invalid` for what `issue_token` would not issue."""
    _check_name(wanted.name.strip())
    _check_description(wanted.description)
    _check_scopes(wanted.kind, wanted.scopes)
    _check_end(wanted.expires_at, longest, now)


def _check_end(expires_at: datetime | None, longest: timedelta | None, now: datetime) -> None:
    if expires_at is not None and expires_at <= now:
        raise Invalid(
            "The token would have expired already: choose a later date for expires_at.",
            about="expires_at",
        )
    if longest is not None and (expires_at is None or expires_at > now + longest):
        raise Invalid(
            f"A token may be valid for {longest.days} days here: let it expire earlier.",
            about="expires_at",
        )


def _check_name(name: str) -> None:
    if not name or len(name) > MAXIMUM_NAME_LENGTH or not name.isprintable():
        raise Invalid(
            f"A token needs a name of 1 to {MAXIMUM_NAME_LENGTH} characters, none of them a "
            "control character.",
            about="name",
        )


def _check_description(description: str | None) -> None:
    if description is not None and len(description) > MAXIMUM_DESCRIPTION_LENGTH:
        raise Invalid(
            f"The parameter description may have {MAXIMUM_DESCRIPTION_LENGTH} characters at most.",
            about="description",
        )


def _check_scopes(kind: CredentialKind, scopes: Collection[Scope]) -> None:
    possible = KIND_SCOPES[kind]
    if not scopes or not possible.issuperset(scopes):
        raise Invalid(f"A {kind.label} needs scopes out of: {', '.join(sorted(possible))}.")
