"""Adding, changing and removing members, and the rules that hold for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from pyregistry.accounts.models import User
from pyregistry.accounts.services.bots import end_jobs_of
from pyregistry.accounts.services.users import check_person
from pyregistry.authnz.identity import Actor
from pyregistry.authnz.roles import Role
from pyregistry.events.actions import Action
from pyregistry.members.errors import (
    InvalidRole,
    LastOwner,
    MemberExists,
    MemberNotFound,
    RoleTooLow,
)
from pyregistry.members.services.authority import Granter, managing_role
from pyregistry.members.services.roles import effective_role, other_owners, own_membership
from pyregistry.namespaces.models import Membership, Namespace
from pyregistry.namespaces.services.events import Change, record_change
from pyregistry.namespaces.services.locking import lock_tree
from pyregistry.namespaces.services.members import set_member


@dataclass(frozen=True, slots=True)
class Grant:
    """A role, and the moment at which it ends; None: never.

    With `keeps_end` a member who is changed keeps the end they have.
    """

    role: Role
    expires_at: datetime | None = None
    keeps_end: bool = False


def add_member(
    session: Session, namespace_id: int, user: User, grant: Grant, by: Granter, now: datetime
) -> Membership:
    """Make a user a member of a group or project.

    Raises `MemberExists`, and as `change_member` does.
    """
    lock_tree(session, namespace_id)
    own = managing_role(session, namespace_id, by, now, what="members")
    if own_membership(session, namespace_id, user.id, now) is not None:
        raise MemberExists
    return _give(session, namespace_id, user, grant, own, by, now)


def change_member(
    session: Session, namespace_id: int, user_id: int, grant: Grant, by: Granter, now: datetime
) -> Membership:
    """Give a member another role or end.

    Raises `MemberNotFound`; `RoleTooLow` where the role, or the member's own, is above that
    of the granter; `LastOwner`; `InvalidRole` for a role below the one that comes from
    above; `Invalid` for an end that has passed, and for a bot, whose role comes and goes with
    its access token.
    """
    lock_tree(session, namespace_id)
    own = managing_role(session, namespace_id, by, now, what="members")
    if own_membership(session, namespace_id, user_id, now) is None:
        raise MemberNotFound
    user = session.get_one(User, user_id)
    return _give(session, namespace_id, user, grant, own, by, now)


def give_role(
    session: Session, namespace_id: int, user: User, grant: Grant, by: Granter, now: datetime
) -> Membership:
    """Make a user a member, or change the member that they are. Raises as `change_member` does."""
    lock_tree(session, namespace_id)
    own = managing_role(session, namespace_id, by, now, what="members")
    return _give(session, namespace_id, user, grant, own, by, now)


def remove_member(
    session: Session, namespace_id: int, user_id: int, by: Granter, now: datetime
) -> None:
    """Take away the role that a user has in the namespace itself; all may take away their own.

    With a bot, the job tokens that it created are revoked.
    Raises `MemberNotFound`, `RoleTooLow` or `LastOwner`.
    """
    lock_tree(session, namespace_id)
    leaves = user_id == by.actor.user_id
    # Asked first: who may remove nobody learns from no answer who is there.
    own = None if leaves else managing_role(session, namespace_id, by, now, what="members")
    membership = own_membership(session, namespace_id, user_id, now)
    if membership is None:
        raise MemberNotFound
    user = session.get_one(User, user_id)
    if own is not None:
        _check_may_touch(session, namespace_id, user, own, now)
    namespace = session.get_one(Namespace, namespace_id)
    if not user.is_bot:
        check_owner_remains(session, namespace, membership, None, now)
    details = {"job_tokens_revoked": end_jobs_of(session, user.id, now)} if user.is_bot else {}
    record_removed(session, namespace, user, membership, by.actor, now, **details)
    session.delete(membership)
    session.flush()


def _give(
    session: Session,
    namespace_id: int,
    user: User,
    grant: Grant,
    own: Role,
    by: Granter,
    now: datetime,
) -> Membership:
    """Give a role, as the granter who has the role `own` there."""
    namespace = session.get_one(Namespace, namespace_id)
    _check_may_touch(session, namespace_id, user, own, now)
    check_person(user)
    if grant.role > own:
        raise RoleTooLow(
            f"You are {own.label} here: you cannot give the role {grant.role.label}.",
            about="role",
        )
    inherited = effective_role(session, namespace_id, user.id, now, above_only=True)
    if inherited is not None and grant.role < inherited:
        raise InvalidRole(
            f"{user.username} is {inherited.label} by a group above: a role here must be "
            "the same or higher."
        )
    membership = own_membership(session, namespace_id, user.id, now)
    before = _described(membership)
    expires_at = grant.expires_at
    if membership is not None:
        if grant.keeps_end:
            expires_at = membership.expires_at
        after = Grant(grant.role, expires_at)
        check_owner_remains(session, namespace, membership, after, now)
    membership = set_member(
        session, namespace_id, user.id, grant.role, expires_at=expires_at, now=now
    )
    action = Action.MEMBER_ADDED if before is None else Action.MEMBER_CHANGED
    change = (before, _described(membership))
    if change[0] != change[1]:
        _record(session, action, namespace, user, change, by.actor, now)
    return membership


def _check_may_touch(
    session: Session, namespace_id: int, user: User, own: Role, now: datetime
) -> None:
    theirs = effective_role(session, namespace_id, user.id, now)
    if theirs is not None and theirs > own:
        raise RoleTooLow(
            f"{user.username} is {theirs.label} here: only who is that, too, may change it."
        )


def check_owner_remains(
    session: Session,
    namespace: Namespace,
    membership: Membership,
    after: Grant | None,
    now: datetime,
) -> None:
    """Raise `LastOwner` for what leaves nobody as Owner, now or when the last of them ends.

    `after` is what becomes of the membership; None: it is removed.
    """
    if membership.role != Role.OWNER:
        return
    lasts = membership.expires_at is None
    stays = after is not None and after.role is Role.OWNER
    if stays and after is not None and (after.expires_at is None or not lasts):
        return
    others = other_owners(session, membership, now)
    if not others or (lasts and all(other.expires_at is not None for other in others)):
        raise LastOwner(
            f"{namespace.full_path} would be left without an Owner: make somebody else Owner "
            "first, without an end."
        )


def record_removed(
    session: Session,
    namespace: Namespace,
    user: User,
    membership: Membership,
    actor: Actor,
    now: datetime,
    **details: Any,
) -> None:
    """Record that a user loses the role that they have in a group or project."""
    change = (_described(membership), None)
    _record(session, Action.MEMBER_REMOVED, namespace, user, change, actor, now, **details)


def _described(membership: Membership | None) -> dict[str, Any] | None:
    """A membership as events record it."""
    if membership is None:
        return None
    end = membership.expires_at
    return {"access_level": membership.role, "expires_at": end.isoformat() if end else None}


def _record(
    session: Session,
    action: Action,
    namespace: Namespace,
    user: User,
    change: Change,
    actor: Actor,
    now: datetime,
    **details: Any,
) -> None:
    whom = {"user_id": user.id, "username": user.username}
    record_change(session, action, namespace, change, actor, now, **whom, **details)
