"""Protection against forged forms."""

from pyramid.config import Configurator
from pyramid.csrf import CookieCSRFStoragePolicy
from pyramid.exceptions import BadCSRFOrigin
from pyramid.interfaces import ICSRFStoragePolicy
from pyramid.request import Request
from zope.interface import implementer

from pyregistry.authnz.permissions import CredentialKind
from pyregistry.http.parameters import check_body_size, check_form


def needs_check(request: Request) -> bool:
    """Whether a form could have been forged: only what a browser sends by itself can.

    A request with a token needs no proof, and its body is not read to look for one. Any other
    body is read: raises `TooLarge` or `Invalid` for one that no form of ours can be. Raises
    `BadCSRFOrigin` for either where a page of another site sent it: who can set cookies for this
    host, as a neighbour in its domain can, knows the proof.
    """
    identity = request.identity
    check_site(request)
    if identity is not None and identity.credential.kind is not CredentialKind.BROWSER_SESSION:
        return False
    check_body_size(request)
    check_form(request)
    return True


def check_site(request: Request) -> None:
    """Raise `BadCSRFOrigin` for what a page of another site had a browser send.

    A browser that was given a token for Basic authentication sends it by itself with
    every later request, wherever that came from, and says where in these headers. Tools
    send neither.
    """
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        raise BadCSRFOrigin("a page of another site sent this")
    origin = request.headers.get("Origin")
    # The scheme is left out: a proxy may not tell of its own.
    if origin is not None and _without_usual_port(origin.partition("://")[2]) != (
        _without_usual_port(request.host)
    ):
        raise BadCSRFOrigin("a page of another site sent this")


def _without_usual_port(host: str) -> str:
    """A host as browsers name it in `Origin`; in `Host` some clients say its port even so."""
    return host.removesuffix(":80").removesuffix(":443")


@implementer(ICSRFStoragePolicy)
class CookiePolicy:
    """Keeps the token in a cookie, which is secure where the request is."""

    def __init__(self) -> None:
        self._by_scheme = {
            scheme: CookieCSRFStoragePolicy(
                cookie_name="pyregistry_csrf",
                secure=scheme == "https",
                httponly=True,
                samesite="Lax",
                path="/",
            )
            for scheme in ("http", "https")
        }

    def new_csrf_token(self, request: Request) -> str:
        """A new token; it replaces the one before."""
        token: str = self._by_scheme[request.scheme].new_csrf_token(request)
        return token

    def get_csrf_token(self, request: Request) -> str:
        """The token of the request's browser, new where it has none."""
        token: str = self._by_scheme[request.scheme].get_csrf_token(request)
        return token

    def check_csrf_token(self, request: Request, supplied_token: object) -> bool:
        """Whether the token that was sent is the browser's, in constant time.

        A file in its place is none.
        """
        policy = self._by_scheme[request.scheme]
        is_text = isinstance(supplied_token, str)
        return is_text and bool(policy.check_csrf_token(request, supplied_token))


def includeme(config: Configurator) -> None:
    """Require a CSRF token of every unsafe request that a browser could be made to send."""
    config.set_default_csrf_options(require_csrf=True, callback=needs_check)
    config.set_csrf_storage_policy(CookiePolicy())
