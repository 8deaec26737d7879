"""Job tokens: what one job of a continuous integration system publishes with."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from pyregistry.authnz.permissions import REGISTRY_SCOPES, CredentialKind
from pyregistry.builds.models import Build
from pyregistry.errors import Invalid
from pyregistry.tokens.models import Token
from pyregistry.tokens.services.issue import NewToken, issue_token

SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(days=1)
_KEPT = timedelta(days=1)


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
        raise Invalid("A job token is valid for 60 to 86400 seconds: change expires_in.")
    _forget_old(session, build.project_id, now)
    token, secret = issue_token(
        session,
        NewToken(CredentialKind.JOB_TOKEN, _name(build), REGISTRY_SCOPES, now + lifetime),
        namespace_id=build.project_id,
        now=now,
    )
    token.username = build.started_by
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


def _forget_old(session: Session, project_id: int, now: datetime) -> None:
    """Every job has a token: those that are long over must not pile up. Events keep the names."""
    session.execute(
        delete(Token).where(
            Token.namespace_id == project_id,
            Token.kind == CredentialKind.JOB_TOKEN,
            Token.expires_at < now - _KEPT,
        )
    )
