"""Headers that tell caches what they may keep, and for whom."""

from typing import Final

CREDENTIAL_HEADERS: Final = (
    "Authorization",
    "PRIVATE-TOKEN",
    "JOB-TOKEN",
    "Deploy-Token",
    "Cookie",
)
"""Every header that may carry a credential, and so decide what is answered."""

VARY_ON_CREDENTIALS: Final = ", ".join(CREDENTIAL_HEADERS)
VARY_PAGE: Final = f"Accept, Accept-Encoding, {VARY_ON_CREDENTIALS}"

_YEAR: Final = 365 * 24 * 60 * 60


def revalidated(*, anyone: bool) -> str:
    """`Cache-Control` of what changes: kept, but asked about before every use."""
    return "public, no-cache" if anyone else "private, no-cache"


def immutable(*, anyone: bool) -> str:
    """`Cache-Control` of what never changes under its address."""
    return f"{'public' if anyone else 'private'}, max-age={_YEAR}, immutable"
