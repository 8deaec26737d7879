"""The security policy: from a request's credentials to what they permit."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pyramid.authorization import ACLHelper, Authenticated, Everyone
from pyramid.httpexceptions import HTTPUnauthorized
from pyramid.interfaces import ISecurityPolicy
from pyramid.request import Request, RequestLocalCache
from pyramid.security import Allowed, Denied
from sqlalchemy.orm import Session
from zope.interface import implementer

from pyregistry.authnz.credentials import (
    MalformedCredentials,
    Presented,
    presented_credentials,
    session_secret,
)
from pyregistry.authnz.identity import Identity, Lineage
from pyregistry.authnz.permissions import (
    KIND_SCOPES,
    PERMISSION_CREDENTIALS,
    SCOPE_PERMISSIONS,
    CredentialKind,
    Permissions,
)

Identify = Callable[[Session, Presented, datetime, Lineage | None], Identity | None]
"""Whose a presented credential is, or None: nobody's. With a lineage it may leave out the
principals of memberships elsewhere."""
LineageOf = Callable[[Request], Lineage | None]
"""The lineage whose principals are enough to permit a request; None: there is no such."""
IdentifyPassword = Callable[[Request, Session, Presented, datetime], Identity | None]
"""Whose a presented credential is as the password of an account, or None: nobody's."""
IdentifySession = Callable[[Session, str, datetime], Identity | None]
NoteUse = Callable[[Request, Identity], None]


_acl = ACLHelper()


class RefusedCredential(Denied):
    """Denied because of the credential, whatever its owner may do. `msg` is for the caller."""


class InvalidCredentials(HTTPUnauthorized):
    """Credentials were sent, and they are wrong, expired or revoked."""


@implementer(ISecurityPolicy)
class SecurityPolicy:
    """Who asks is asked on every request, at most once; nothing of it is remembered after."""

    def __init__(
        self,
        identify_token: Identify,
        identify_session: IdentifySession,
        note_use: NoteUse,
        identify_password: IdentifyPassword,
        lineage_of: LineageOf = lambda _request: None,
    ) -> None:
        """`note_use` is told of every request that a token was used for.

        `identify_password` is asked about what is nobody's token, `lineage_of` about a request
        before anybody's memberships are loaded.
        """
        self._identify_token = identify_token
        self._identify_password = identify_password
        self._identify_session = identify_session
        self._note_use = note_use
        self._place_of = lineage_of
        self._cache = RequestLocalCache(self._load_identity)

    def identity(self, request: Request) -> Identity | None:
        """The caller; None for nobody.

        Raises `InvalidCredentials` for wrong credentials, `TooManyRequests` for too many.
        """
        identity: Identity | None = self._cache.get_or_create(request)
        return identity

    def whole_identity(self, request: Request) -> Identity | None:
        """The caller with all principals, which the rest of the request then knows, too.

        To be asked before anything is refused. Raises as `identity` does.
        """
        identity = self.identity(request)
        if identity is not None and identity.lineage is not None:
            identity = self.identify(request, request.db, request.now)
            self._cache.set(request, identity)
        return identity

    def authenticated_userid(self, request: Request) -> int | None:
        """The id of the caller's user."""
        identity = self.identity(request)
        return identity.user_id if identity is not None else None

    def permits(self, request: Request, context: Any, permission: str) -> Allowed | Denied:
        """Whether the caller may do `permission` on `context`, with the credential they sent."""
        identity = self.identity(request)
        result = permits(identity, context, permission)
        if result or identity is None or identity.lineage is None:
            return result
        return permits(self.whole_identity(request), context, permission)

    def remember(self, _request: Request, _userid: Any, **_kwargs: Any) -> list[tuple[str, str]]:
        """No headers: the sign-in page sets its own cookie."""
        return []

    def forget(self, _request: Request, **_kwargs: Any) -> list[tuple[str, str]]:
        """No headers: the sign-out page deletes its own cookie."""
        return []

    def identify(
        self, request: Request, session: Session, now: datetime, lineage: Lineage | None = None
    ) -> Identity | None:
        """Ask the database behind `session` anew who the caller is at `now`.

        `lineage` is the only one whose principals are needed, if it is given.
        Raises `InvalidCredentials`, or `TooManyRequests` before another password is looked
        at. A browser session that is over is no offence: the visitor is nobody again.
        """
        identities: list[Identity] = []
        try:
            for presented in presented_credentials(request):
                identity = self._identify_token(
                    session, presented, now, lineage
                ) or self._identify_password(request, session, presented, now)
                if identity is None:
                    raise InvalidCredentials
                identities.append(identity)
        except MalformedCredentials as error:
            raise InvalidCredentials from error
        if len({(found.credential.kind, found.credential.id) for found in identities}) > 1:
            # Whose request would it be?
            raise InvalidCredentials
        if identities:
            return identities[0]
        secret = session_secret(request)
        if secret is None:
            return None
        return self._identify_session(session, secret, now)

    def _load_identity(self, request: Request) -> Identity | None:
        identity = self.identify(request, request.db, request.now, self._place_of(request))
        if identity is not None:
            self._note_use(request, identity)
        return identity


def permits(identity: Identity | None, context: Any, permission: str) -> Allowed | Denied:
    """Whether an identity (None: nobody) may do `permission` on `context`."""
    if identity is not None:
        refusal = credential_refusal(identity, permission)
        if refusal is not None:
            return RefusedCredential(refusal)
    return acl_permits(identity, context, permission)


def acl_permits(identity: Identity | None, context: Any, permission: str) -> Allowed | Denied:
    """Whether the access control lists permit it, whatever the credential may carry."""
    return _acl.permits(context, principals(identity), permission)


def principals(identity: Identity | None) -> set[str]:
    """The principals of the caller, for access control lists."""
    if identity is None:
        return {Everyone}
    return {Everyone, Authenticated, *identity.principals}


def credential_refusal(identity: Identity, permission: str) -> str | None:
    """Why the credential may not carry the permission, whoever its owner is; None if it may."""
    credential = identity.credential
    if credential.kind not in PERMISSION_CREDENTIALS.get(Permissions(permission), ()):
        if credential.kind is CredentialKind.BROWSER_SESSION:
            return "A browser session cannot do this: use a token."
        return f"A {credential.kind.label} cannot do this."
    if not any(permission in SCOPE_PERMISSIONS[scope] for scope in credential.scopes):
        had = ", ".join(sorted(credential.scopes))
        needed = " or ".join(
            sorted(
                scope
                for scope in KIND_SCOPES[credential.kind]
                if permission in SCOPE_PERMISSIONS[scope]
            )
        )
        return f"The token has only the scope {had}: this needs one with the scope {needed}."
    return None
