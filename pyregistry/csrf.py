"""Protection against forged forms."""

from pyramid.config import Configurator
from pyramid.csrf import CookieCSRFStoragePolicy
from pyramid.request import Request

from pyregistry.authnz.permissions import CredentialKind
from pyregistry.components import Components


def needs_check(request: Request) -> bool:
    """Whether a form could have been forged: only what a browser sends by itself can.

    A token is never sent by itself, so a request with one needs no proof, and its body
    is not read to look for one.
    """
    identity = request.identity
    return identity is None or identity.credential.kind is CredentialKind.BROWSER_SESSION


def includeme(config: Configurator) -> None:
    """Require a CSRF token of every unsafe request that a browser could be made to send."""
    components: Components = config.registry["pyregistry.components"]
    public_url = components.settings.public_url or ""
    config.set_default_csrf_options(require_csrf=True, callback=needs_check)
    config.set_csrf_storage_policy(
        CookieCSRFStoragePolicy(
            cookie_name="pyregistry_csrf",
            secure=public_url.startswith("https:"),
            httponly=True,
            samesite="Lax",
            path="/",
        )
    )
