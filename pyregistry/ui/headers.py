"""Response headers that keep a page harmless and out of shared caches."""

from pyramid.config import Configurator
from pyramid.events import NewResponse

from pyregistry.authnz.credentials import session_secret
from pyregistry.http.addresses import is_for_tools
from pyregistry.http.caching import VARY_ON_CREDENTIALS, revalidated

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        # To tell that a command was copied, and to search while somebody types.
        "connect-src 'self'",
        # A README shows badges and pictures from wherever its author keeps them. The
        # referrer policy below hides from those hosts which page is being read.
        "img-src 'self' https: data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

_EVERY_PAGE = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
_READING = ("GET", "HEAD")
_PAGES_FOR_PEOPLE = {
    "Cache-Control": revalidated(anyone=False),
    "Vary": f"Accept, {VARY_ON_CREDENTIALS}",
}


def protect(event: NewResponse) -> None:
    """Add the headers to whatever a browser would show as a page, refusals too.

    A header that a view has set stays as it is.
    """
    response = event.response
    if response.content_type != "text/html":
        return
    for name, value in _EVERY_PAGE.items():
        response.headers.setdefault(name, value)
    if not is_for_tools(event.request.environ.get("PATH_INFO", "")):
        # What a browser keeps it shows again after signing out, when somebody goes back. But the
        # page of a form that was refused: the way back to it would send the form once more.
        if event.request.method in _READING and session_secret(event.request) is not None:
            response.headers.setdefault("Cache-Control", "no-store")
        for name, value in _PAGES_FOR_PEOPLE.items():
            response.headers.setdefault(name, value)


def includeme(config: Configurator) -> None:
    """Subscribe to responses."""
    config.add_subscriber(protect, NewResponse)
