"""Job tokens: what one job of a continuous integration system publishes with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.authnz.permissions import REGISTRY_SCOPES, CredentialKind
from pyregistry.builds.models import Build
from pyregistry.builds.services.forget import forget_builds
from pyregistry.builds.services.record import BuildFacts, record_build
from pyregistry.errors import Invalid
from pyregistry.events.actions import Action
from pyregistry.namespaces.services.locking import lock_tree
from pyregistry.tokens.models import Token
from pyregistry.tokens.services.events import described, record_token
from pyregistry.tokens.services.issue import NewToken, issue_token

SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(days=1)
USUAL = timedelta(hours=1)
_KEPT = timedelta(days=1)
_WRONG_LIFETIME = "A job token is valid for 60 to 86400 seconds: change expires_in."


@dataclass(frozen=True, slots=True)
class Minter:
    """Who asks for a job token: the bot of an access token.

    `still_permitted` raises where it may no longer create job tokens.
    """

    actor: Actor
    token_id: int
    still_permitted: Callable[[Session], None]


def lifetime_of(seconds: int | None) -> timedelta:
    """How long a job token is valid; an hour where nothing is said. Raises `Invalid`."""
    if seconds is None:
        return USUAL
    # Compared as numbers: there are more seconds than a timedelta can hold.
    if not SHORTEST.total_seconds() <= seconds <= LONGEST.total_seconds():
        raise Invalid(_WRONG_LIFETIME)
    return timedelta(seconds=seconds)


def mint_job_token(
    session: Session,
    project_id: int,
    facts: BuildFacts,
    *,
    lifetime: timedelta,
    by: Minter,
    now: datetime,
) -> tuple[Token, str]:
    """Create the token of a job with these facts, and return it with its secret.

    It ends with the access token that asked for it, at the latest. Raises `Invalid` as
    `record_build` and `create_job_token` do, and whatever `by.still_permitted` raises.
    """
    # Who revokes the access token holds the same lock, and revokes what it has minted.
    lock_tree(session, project_id)
    by.still_permitted(session)
    build = record_build(session, project_id, facts, now=now)
    token, secret = create_job_token(
        session, build, lifetime=lifetime, minted_by_id=by.token_id, now=now
    )
    end = session.scalars(select(Token.expires_at).where(Token.id == by.token_id)).one()
    if token.expires_at is not None and end is not None:
        token.expires_at = min(token.expires_at, end)
    session.flush()
    change = (None, described(token))
    record_token(session, Action.TOKEN_CREATED, token, change, by.actor, now, build=facts.known())
    return token, secret


def create_job_token(
    session: Session,
    build: Build,
    *,
    lifetime: timedelta,
    minted_by_id: int | None = None,
    trusted_publisher_id: int | None = None,
    now: datetime,
) -> tuple[Token, str]:
    """Create the token of the job that `build` describes, and return it with its secret.

    It was let in by an access token (`minted_by_id`) or by a trusted publisher. Raises
    `Invalid` for a lifetime under a minute or over a day.
    """
    if not SHORTEST <= lifetime <= LONGEST:
        raise Invalid(_WRONG_LIFETIME)
    forget_old_job_tokens(session, now, project_id=build.project_id)
    token, secret = issue_token(
        session,
        NewToken(CredentialKind.JOB_TOKEN, _name(build), REGISTRY_SCOPES, now + lifetime),
        namespace_id=build.project_id,
        now=now,
    )
    # Who creates a job token may name anybody: only an issuer's word is taken for a name.
    token.username = build.started_by if build.issuer is not None else None
    token.build_id = build.id
    token.minted_by_id = minted_by_id
    token.trusted_publisher_id = trusted_publisher_id
    session.flush()
    return token, secret


def _name(build: Build) -> str:
    """What events call the token: the job, or else the pipeline."""
    if build.job_id is not None:
        return f"job {build.job_id}"[:255]
    if build.pipeline_id is not None:
        return f"pipeline {build.pipeline_id}"[:255]
    return f"build {build.id}"


def forget_old_job_tokens(
    session: Session, now: datetime, *, project_id: int | None = None, at_most: int | None = None
) -> int:
    """Delete job tokens that are long over, of one project or of all; how many there were.

    Every job has one: they must not pile up. Events keep the names. Builds go with them that
    published nothing, or nothing that is still there.
    """
    old = select(Token.id).where(
        Token.kind == CredentialKind.JOB_TOKEN, Token.expires_at < now - _KEPT
    )
    if project_id is not None:
        old = old.where(Token.namespace_id == project_id)
    forgotten = session.scalars(
        delete(Token)
        .where(Token.id.in_(old.limit(at_most).with_for_update(skip_locked=True)))
        .returning(Token.build_id)
    ).all()
    forget_builds(session, forgotten)
    return len(forgotten)
