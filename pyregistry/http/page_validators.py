"""The validator of a simple page, for a reverse proxy that keeps pages by it.

The proxy asks on every request which bytes this client would get now, and sends those that it
keeps under that very validator; `deploy/nginx.conf` does. The question goes to the address of the
page itself, with the client's own headers: who asks, and what they may read, is checked as for the
page. A header says that it is a question, which counts where it comes from a trusted proxy and the
settings say that there is one which asks.
"""

from collections.abc import Mapping, MutableMapping
from http import HTTPStatus
from typing import Any, Final

HEADER: Final = "X-Page-Validator"
"""Of a request: the question, or the validator that the proxy was told a moment ago.
Of an answer: the validator."""

WHICH_HALF: Final = "pyregistry.page_validator"
"""Where the environ has that header of a proxy that is trusted; no header can put it there."""

_ONLY: Final = "only"


def note_header(environ: MutableMapping[str, Any], value: str) -> None:
    """Take the header of a proxy that is trusted."""
    if value:
        environ[WHICH_HALF] = value


def is_question(environ: Mapping[str, Any]) -> bool:
    """Whether the proxy asks for the validator of a page, and not for the page."""
    return bool(environ.get(WHICH_HALF) == _ONLY)


def was_told(environ: Mapping[str, Any]) -> bool:
    """Whether the proxy fetches a page whose validator it was told for the same request."""
    return bool(environ.get(WHICH_HALF, _ONLY) != _ONLY)


def is_half(environ: Mapping[str, Any], status: int) -> bool:
    """Whether the client's request is watched, and was counted, as another one.

    A question that was answered is the request, whether the proxy has the page or fetches it
    now. One that was not is none: the proxy hands the request itself on.
    """
    if is_question(environ):
        return status != HTTPStatus.NO_CONTENT
    return was_told(environ) and status == HTTPStatus.OK
