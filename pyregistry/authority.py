"""Who asks, and whether they may still do what they began: the policy, put together."""

from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound
from pyramid.request import Request
from sqlalchemy.orm import Session

from pyregistry.accounts.services.sessions import identify_session
from pyregistry.accounts.services.verification import (
    VerifiedPassword,
    identify_verified,
    may_be_account,
    verify_for_basic,
)
from pyregistry.authnz.credentials import Presented
from pyregistry.authnz.identity import Authority, Identity, Viewer
from pyregistry.authnz.permissions import Permissions
from pyregistry.authnz.policy import SecurityPolicy, permits
from pyregistry.components import Components
from pyregistry.errors import NotFound
from pyregistry.http.observation import observation_of
from pyregistry.namespaces.models import NamespaceKind
from pyregistry.packaging.services.lookup import resolve_id
from pyregistry.resources.base import Resource
from pyregistry.resources.namespaces import NamespaceResource
from pyregistry.tokens.secrets import PREFIXES, looks_like_token
from pyregistry.tokens.services.identify import identify_token, remember_use


@dataclass(frozen=True, slots=True)
class TokenUse:
    """A note that a token was used."""

    token_id: int
    address: str | None
    used_at: datetime


def write_token_uses(session: Session, uses: Sequence[TokenUse]) -> None:
    """The recorder's writer: the last use of each token."""
    last = {use.token_id: use for use in uses}
    for token_id in sorted(last):
        use = last[token_id]
        remember_use(session, token_id, use.address, use.used_at)


def note_use(request: Request, identity: Identity) -> None:
    """Have the use of a token remembered, after the request, and the log told whose it is."""
    observe(request.environ, identity)
    use = token_use(identity, request.client_addr, request.now)
    if use is not None:
        request.note_once_answered(use)


def observe(environ: MutableMapping[str, Any], identity: Identity) -> None:
    """Tell the log whose a request is."""
    observation = observation_of(environ)
    observation.user_id = identity.user_id
    observation.username = identity.username
    observation.credential = identity.credential.kind.value


def token_use(identity: Identity, address: str | None, now: datetime) -> TokenUse | None:
    """The note that the identity's token was used; None where its credential is none."""
    if identity.credential.kind not in PREFIXES:
        return None
    return TokenUse(identity.credential.id, address, now)


_Remembered = dict[tuple[str, str], VerifiedPassword | None]


def identify_password(
    request: Request, session: Session, presented: Presented, now: datetime
) -> Identity | None:
    """Whose the user name and password are, where the settings let accounts use Basic.

    What begins as a token does is never tried as a password. Raises `TooManyRequests`.
    """
    components: Components = request.components
    username = presented.username
    if not components.settings.passwords_basic or username is None:
        return None
    if looks_like_token(presented.secret) or not may_be_account(username, presented.secret):
        return None
    verified = _verified(request, username, presented.secret)
    return identify_verified(session, verified, now) if verified is not None else None


def _verified(request: Request, username: str, password: str) -> VerifiedPassword | None:
    """The account of the password, found at most once a request, however often it is tried.

    Views and refusals may ask several times who the caller is, and an upload does inside
    its writing transaction: it must not be hashed again there, nor one mistake count twice.
    """
    remembered: _Remembered = request.environ.setdefault("pyregistry.password", {})
    key = (username, password)
    if key not in remembered:
        remembered[key] = _verify(request, username, password)
    return remembered[key]


def _verify(request: Request, username: str, password: str) -> VerifiedPassword | None:
    components: Components = request.components
    components.throttle.check_sign_in(username, request.remote_addr)
    verified = verify_for_basic(components.database, username, password)
    if verified is None:
        components.throttle.sign_in_failed(username, request.remote_addr)
    return verified


Reauthorize = Callable[[Request, Session, int, Permissions], Authority]


def reauthorization(policy: SecurityPolicy) -> Reauthorize:
    """A function that asks again, inside a writing transaction, whether the caller may act.

    It takes the request, the session, a project's id and a permission, and gives as what
    they act in the project. It raises `InvalidCredentials`, `HTTPForbidden`, `HTTPNotFound` (the
    package registry was turned off) or `NotFound` (the project is gone) where they may not, or
    no longer.
    Nothing is remembered from the beginning of the request, not even the time: the token
    may have been revoked or have expired since, the member removed, the project deleted.
    """

    def reauthorize(
        request: Request, session: Session, project_id: int, permission: Permissions
    ) -> Authority:
        components: Components = request.components
        now = components.clock()
        identity = policy.identify(request, session, now)
        viewer = Viewer.of(identity, now)
        resolution = resolve_id(session, project_id, NamespaceKind.PROJECT, viewer)
        if not resolution.namespaces:
            raise NotFound("The project was deleted while the file was sent.")
        lineage = resolution.namespaces[::-1]
        nowhere = Resource(request, None, "")
        context = NamespaceResource(request, nowhere, lineage[0].path, lineage, resolution)
        result = permits(identity, context, permission)
        if not lineage[0].packages_available:
            raise HTTPNotFound
        if not result or identity is None:
            raise HTTPForbidden(result=result)
        return identity.authority_in(record.id for record in lineage)

    return reauthorize


def includeme(config: Configurator) -> None:
    """Set the security policy and `request.reauthorize`."""
    policy = SecurityPolicy(identify_token, identify_session, note_use, identify_password)
    config.set_security_policy(policy)
    config.add_request_method(reauthorization(policy), "reauthorize")
