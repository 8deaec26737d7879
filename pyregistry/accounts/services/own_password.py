"""Changing one's own password."""

from datetime import datetime

from sqlalchemy import delete

from pyregistry.accounts.errors import WrongPassword
from pyregistry.accounts.models import BrowserSession
from pyregistry.accounts.services.events import described, record_changed
from pyregistry.accounts.services.passwords import hash_password
from pyregistry.accounts.services.users import hold_user
from pyregistry.accounts.services.verification import verify_account
from pyregistry.authnz.identity import Actor, Identity
from pyregistry.authnz.permissions import CredentialKind
from pyregistry.db import Database


def change_own_password(
    database: Database,
    identity: Identity,
    current_password: str,
    new_password: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Give the caller a new password, and end their browser sessions but the one they use.

    Raises `WrongPassword` where `current_password` is not theirs (whoever calls this limits how
    often, as at the sign-in page), `InvalidUser` for a bad new password, and `UserNotFound`.
    """
    # No transaction is open while passwords are hashed, as when they sign in.
    verified = verify_account(database, identity.username, current_password)
    if verified is None or verified.user_id != identity.user_id:
        raise WrongPassword
    new_hash = hash_password(new_password)
    with database.writing() as session:
        user = hold_user(session, verified.user_id)
        # Blocked, or given another password in the meantime.
        if user.blocked_at is not None or user.password_hash != verified.password_hash:
            raise WrongPassword
        before = described(user)
        user.password_hash = new_hash
        session.execute(
            delete(BrowserSession).where(
                BrowserSession.user_id == user.id, BrowserSession.id != _kept(identity)
            ),
            execution_options={"synchronize_session": False},
        )
        record_changed(session, user, before, actor, now, new_password=True)


def _kept(identity: Identity) -> int:
    """The id of the session that the caller uses; 0, which none has, where they use none."""
    credential = identity.credential
    return credential.id if credential.kind is CredentialKind.BROWSER_SESSION else 0
