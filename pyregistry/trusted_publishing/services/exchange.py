"""The exchange: an ID token for a job token, which is what PyPI calls minting."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import TRUSTED_PUBLISHER, Actor
from pyregistry.builds.services.record import BuildFacts, record_build
from pyregistry.db import Database, delete_some
from pyregistry.events.actions import Action
from pyregistry.namespaces.models import Namespace
from pyregistry.namespaces.services.locking import lock_tree
from pyregistry.tokens.models import Token
from pyregistry.tokens.services.events import described, record_token
from pyregistry.tokens.services.jobs import create_job_token
from pyregistry.trusted_publishing.audiences import Audiences
from pyregistry.trusted_publishing.claims import hold
from pyregistry.trusted_publishing.errors import InvalidPublisher, NotEnabled, ReusedIDToken
from pyregistry.trusted_publishing.facts import facts_of, kept_claims
from pyregistry.trusted_publishing.id_tokens import IDToken, verify_id_token
from pyregistry.trusted_publishing.keys import IssuerKeys
from pyregistry.trusted_publishing.models import TrustedPublisher, UsedIDToken

LIFETIME: Final = timedelta(minutes=15)
"""How long the job token is valid, as at PyPI."""
_REMEMBERED_LONGER: Final = timedelta(minutes=5)
"""Than the token is taken: the clocks of several hosts differ."""
_FORGOTTEN_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class Minted:
    """A new job token, which is shown this once."""

    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Exchange:
    """Where ID tokens are exchanged."""

    database: Database
    keys: IssuerKeys
    audiences: Audiences

    def mint(self, text: str, caller: Actor, now: datetime) -> Minted:
        """Verify an ID token, and give a job token of the project that trusts its bearer.

        Keys may be fetched before, never inside, the one transaction: that the ID token is
        used up, the build, the job token and the event. The project is looked for before it,
        too: an issuer may have many publishers, and SQLite has one write lock. Raises
        `ExchangeRefused`; then the ID token is not used up.
        """
        if not self.keys.issuers:
            raise NotEnabled
        id_token = verify_id_token(text, self.keys, now)
        project_key = self.audiences.named_project(id_token.audience)
        project_id = self.database.read(
            lambda session: _project_for(session, id_token, project_key)
        )

        def mint(session: Session) -> str:
            _use_up(session, id_token, now)
            publisher = _publisher_in(session, id_token, project_id)
            facts = facts_of(id_token.issuer, id_token.claims)
            token, secret = _create(session, publisher, id_token, facts, now)
            record_token(
                session,
                Action.TOKEN_CREATED,
                token,
                (None, described(token)),
                _actor(publisher, token, caller),
                now,
                build=facts.known(),
                issuer=id_token.issuer,
            )
            return secret

        return Minted(self.database.write(mint), now + LIFETIME)


def _use_up(session: Session, id_token: IDToken, now: datetime) -> None:
    """Remember the ID token. Of two at once, the second waits for the first, and is refused."""
    forget_expired_id_tokens(session, now, _FORGOTTEN_AT_ONCE)
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    statement = (
        insert(UsedIDToken)
        .values(digest=id_token.digest, expires_at=id_token.expires_at + _REMEMBERED_LONGER)
        .on_conflict_do_nothing()
        .returning(UsedIDToken.digest)
    )
    if session.scalars(statement).first() is None:
        raise ReusedIDToken


def forget_expired_id_tokens(session: Session, now: datetime, at_most: int) -> int:
    """Forget ID tokens that have expired, and would be refused for that; how many there were."""
    return delete_some(session, UsedIDToken.digest, UsedIDToken.expires_at < now, at_most)


def _project_for(session: Session, id_token: IDToken, project_key: str | None) -> int:
    """The id of the one project that trusts the ID token's bearer. Raises `InvalidPublisher`."""
    named = () if project_key is None else (Namespace.full_path_key == project_key,)
    projects = {publisher.project_id for publisher in _fitting(session, id_token, *named)}
    if len(projects) > 1:
        raise InvalidPublisher(
            "The ID token fits trusted publishers of several projects: name the project in its"
            " audience, which is the registry's audience, a slash, and the path of the project."
        )
    if not projects:
        raise _nobody_trusts_it()
    return projects.pop()


def _publisher_in(session: Session, id_token: IDToken, project_id: int) -> TrustedPublisher:
    """The trusted publisher of a project that fits, the project locked.

    It is read under the lock: removing it revokes the tokens that it gave, and must see all of
    them. Raises `InvalidPublisher`.
    """
    lock_tree(session, project_id)
    candidates = _fitting(session, id_token, Namespace.id == project_id)
    if not candidates:
        raise _nobody_trusts_it()
    return candidates[0]


def _nobody_trusts_it() -> InvalidPublisher:
    return InvalidPublisher(
        "The ID token is valid, but no project has a trusted publisher with its issuer and"
        " claims: compare the claims with those that the project demands."
    )


def _fitting(
    session: Session, id_token: IDToken, *among: ColumnElement[bool]
) -> Sequence[TrustedPublisher]:
    """The trusted publishers whose claims hold, of projects with a package registry."""
    statement = (
        select(TrustedPublisher)
        .join(Namespace, Namespace.id == TrustedPublisher.project_id)
        .where(
            TrustedPublisher.issuer == id_token.issuer,
            Namespace.packages_available,
            *among,
        )
        .order_by(TrustedPublisher.id)
    )
    return [each for each in session.scalars(statement) if hold(each.claims, id_token.claims)]


def _create(
    session: Session,
    publisher: TrustedPublisher,
    id_token: IDToken,
    facts: BuildFacts,
    now: datetime,
) -> tuple[Token, str]:
    build = record_build(
        session,
        publisher.project_id,
        facts,
        issuer=id_token.issuer,
        claims=kept_claims(id_token.claims),
        now=now,
    )
    return create_job_token(
        session, build, lifetime=LIFETIME, trusted_publisher_id=publisher.id, now=now
    )


def _actor(publisher: TrustedPublisher, token: Token, caller: Actor) -> Actor:
    """Who started the job, let in by the trusted publisher."""
    return Actor(
        username=token.username,
        credential_kind=TRUSTED_PUBLISHER,
        credential_name=publisher.name,
        address=caller.address,
        user_agent=caller.user_agent,
        build_id=token.build_id,
    )
