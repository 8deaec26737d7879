"""The trusted publishers of a project: adding, finding and removing them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pyregistry.accounts.models import User
from pyregistry.errors import Conflict, Invalid
from pyregistry.events.actions import Action
from pyregistry.members.services.authority import Granter, managing_role
from pyregistry.namespaces.models import Namespace
from pyregistry.namespaces.services.events import record_change
from pyregistry.namespaces.services.locking import lock_tree
from pyregistry.sentences import shown
from pyregistry.slices import Order, Slice, Window, read_slice
from pyregistry.trusted_publishing.claims import check_claims
from pyregistry.trusted_publishing.errors import PublisherExists, PublisherNotFound
from pyregistry.trusted_publishing.models import TrustedPublisher
from pyregistry.trusted_publishing.services.revoke import revoke_tokens_of

MAXIMUM_PUBLISHERS: Final = 100
"""Trusted publishers of one project."""
_LONGEST_NAME: Final = 255


@dataclass(frozen=True, slots=True)
class NewPublisher:
    """A trusted publisher as somebody asks for it; nothing of it is checked yet."""

    name: str
    issuer: str
    claims: object


@dataclass(frozen=True, slots=True)
class ListedPublisher:
    """A trusted publisher, and the user name of who added it; None where the user is gone."""

    publisher: TrustedPublisher
    creator: str | None


def add_publisher(
    session: Session,
    project_id: int,
    wanted: NewPublisher,
    issuers: Collection[str],
    by: Granter,
    now: datetime,
) -> TrustedPublisher:
    """Let jobs publish into a project whose ID tokens have the wanted issuer and claims.

    Raises `RoleTooLow` for who is no Maintainer any more; `Invalid` for a name or claims that
    cannot be, and an issuer that is none of `issuers`, those that the registry trusts;
    `PublisherExists`, and `Conflict` beyond 100 of them.
    """
    lock_tree(session, project_id)
    managing_role(session, project_id, by, now, what="trusted publishers")
    name = _checked_name(wanted.name)
    _check_issuer(wanted.issuer, issuers)
    publisher = TrustedPublisher(
        project_id=project_id,
        name=name,
        issuer=wanted.issuer,
        claims=check_claims(wanted.claims),
        creator_id=by.actor.user_id,
        created_at=now,
    )
    _check_room(session, project_id, name)
    session.add(publisher)
    session.flush()
    _record(session, Action.TRUSTED_PUBLISHER_ADDED, publisher, by, now)
    return publisher


def remove_publisher(
    session: Session, project_id: int, publisher_id: int, by: Granter, now: datetime
) -> None:
    """Let the jobs in no more, and revoke the tokens of those that it let in.

    Raises `RoleTooLow` for who is no Maintainer any more, and `PublisherNotFound`.
    """
    lock_tree(session, project_id)
    managing_role(session, project_id, by, now, what="trusted publishers")
    publisher = find_publisher(session, project_id, publisher_id)
    revoke_tokens_of(session, publisher.id, by.actor, now)
    _record(session, Action.TRUSTED_PUBLISHER_REMOVED, publisher, by, now)
    session.delete(publisher)
    session.flush()


def find_publisher(session: Session, project_id: int, publisher_id: int) -> TrustedPublisher:
    """One trusted publisher of a project. Raises `PublisherNotFound`."""
    publisher = session.scalars(
        select(TrustedPublisher).where(
            TrustedPublisher.id == publisher_id, TrustedPublisher.project_id == project_id
        )
    ).one_or_none()
    if publisher is None:
        raise PublisherNotFound
    return publisher


def publishers_slice(session: Session, project_id: int, window: Window) -> Slice[ListedPublisher]:
    """Some of the trusted publishers of a project, the oldest first.

    Raises as `read_slice` does.
    """
    statement = (
        select(TrustedPublisher, User.username)
        .outerjoin(User, User.id == TrustedPublisher.creator_id)
        .where(TrustedPublisher.project_id == project_id)
    )
    return read_slice(
        session,
        statement,
        Order((TrustedPublisher.id,)),
        window,
        lambda row: ListedPublisher(row[0], row[1]),
    )


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise Invalid(
            f"A trusted publisher needs a name of 1 to {_LONGEST_NAME} printable characters.",
            about="name",
        )
    return name


def _check_issuer(issuer: str, issuers: Collection[str]) -> None:
    if not issuers:
        raise Invalid(
            "No issuer is trusted here: ask an administrator to name it in the setting"
            " pyregistry.oidc.issuers."
        )
    if issuer not in issuers:
        raise Invalid(
            f"The issuer {shown(issuer)} is not trusted here: take one of"
            f" {', '.join(issuers)}, or ask an administrator to add it."
        )


def _check_room(session: Session, project_id: int, name: str) -> None:
    names = select(TrustedPublisher.name).where(TrustedPublisher.project_id == project_id)
    if session.scalar(select(func.count()).select_from(names.subquery())) == MAXIMUM_PUBLISHERS:
        raise Conflict(
            f"The project has {MAXIMUM_PUBLISHERS} trusted publishers: remove one first."
        )
    if session.scalars(names.where(TrustedPublisher.name == name)).first() is not None:
        raise PublisherExists


def _record(
    session: Session, action: Action, publisher: TrustedPublisher, by: Granter, now: datetime
) -> None:
    project = session.get_one(Namespace, publisher.project_id)
    described: dict[str, Any] = {"issuer": publisher.issuer, "claims": publisher.claims}
    added = action is Action.TRUSTED_PUBLISHER_ADDED
    what = {"trusted_publisher_id": publisher.id, "name": publisher.name}
    change = (None, described) if added else (described, None)
    record_change(session, action, project, change, by.actor, now, **what)
