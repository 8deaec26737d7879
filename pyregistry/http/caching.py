"""Headers that tell caches what they may keep, and for whom."""

from typing import Final

from pyramid.request import Request
from pyramid.response import Response

CREDENTIAL_HEADERS: Final = (
    "Authorization",
    "PRIVATE-TOKEN",
    "JOB-TOKEN",
    "Deploy-Token",
    "Cookie",
)
"""Every header that may carry a credential, and so decide what is answered."""

_NOT_PASSED_ON: Final = frozenset({"Authorization", "Cookie"})
"""What clients leave out when a redirect leads them to another host; they know no others."""

VARY_ON_CREDENTIALS: Final = ", ".join(CREDENTIAL_HEADERS)
VARY_PAGE: Final = f"Accept, Accept-Encoding, {VARY_ON_CREDENTIALS}"

_YEAR: Final = 365 * 24 * 60 * 60


def carries_lasting_credentials(request: Request) -> bool:
    """Whether the request has credentials that clients would send on to another host.

    Curl, requests and others drop `Authorization` where a redirect leads to another host, and
    keep every header that they do not know, GitLab's tokens among them.
    """
    lasting = set(CREDENTIAL_HEADERS) - _NOT_PASSED_ON
    return any(header in request.headers for header in lasting)


def revalidated(*, anyone: bool) -> str:
    """`Cache-Control` of what changes: kept, but asked about before every use."""
    return "public, no-cache" if anyone else "private, no-cache"


def describe_read(request: Request) -> None:
    """Give the answer to a read of something that changes its caching headers."""
    headers = request.response.headers
    headers["Cache-Control"] = revalidated(anyone=request.identity is None)
    headers["Vary"] = VARY_ON_CREDENTIALS


def describe_secret(request: Request) -> None:
    """Give an answer that holds a secret the header that forbids to keep it anywhere."""
    request.response.headers["Cache-Control"] = "no-store"


def immutable(*, anyone: bool) -> str:
    """`Cache-Control` of what never changes under its address."""
    return f"{'public' if anyone else 'private'}, max-age={_YEAR}, immutable"


def become_not_modified(response: Response) -> Response:
    """Make a response a 304 whose headers keep true what the client has stored.

    The client puts them in place of those that it stored (RFC 9111 section 3.2). Pyramid's
    default Content-Type would turn a stored page in JSON into one in HTML without a link.
    """
    response.status = 304
    for header in ("Content-Type", "Content-Length"):
        response.headers.pop(header, None)
    return response
