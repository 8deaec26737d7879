"""Asking another index: pages and files, with credentials for that index alone."""

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Retry, Timeout, make_headers

from pyregistry.intake.errors import CannotFetch
from pyregistry.intake.pages import ACCEPT, Page
from pyregistry.sentences import shown, shown_size
from pyregistry.version import __version__

MAXIMUM_PAGE: Final = 128 * 1024 * 1024
"""Bytes of a page. The list of the largest public index has about a quarter of that."""
_CHUNK: Final = 256 * 1024
_REDIRECTS: Final = 5
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_TRIED_AGAIN: Final = Retry(
    total=3,
    # A certificate that is wrong stays so.
    other=0,
    redirect=0,
    status_forcelist=(429, 502, 503, 504),
    backoff_factor=0.5,
    retry_after_max=60,
)
_PATIENCE: Final = Timeout(connect=10, read=60)
_SCHEMES: Final = {"http": 80, "https": 443}

Origin = tuple[str, str, int]
"""Scheme, host and port: whom credentials are for."""


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and a password, or a token in its place."""

    username: str
    password: str = field(repr=False)


class IndexClient:
    """Asks one index. It may be used by several threads at once.

    Hosts of private networks are asked, too: whoever runs a command names the index. Credentials
    are sent to the scheme, host and port of the index itself, and to nobody else, wherever it
    redirects or links to.
    """

    def __init__(self, index: str, login: Login | None, connections: int) -> None:
        """Raises `CannotFetch` for what is no address, or has credentials in it."""
        self.index = index if index.endswith("/") else index + "/"
        self._origin = _origin_of(self.index)
        self._login = login
        self._pool = urllib3.PoolManager(
            # One more, for pages that are read meanwhile.
            maxsize=connections + 1,
            retries=_TRIED_AGAIN,
            timeout=_PATIENCE,
            ssl_context=ssl.create_default_context(),
        )

    def page(self, path: str = "") -> Page:
        """A page below the index. Raises `CannotFetch`."""
        with self._opened(urljoin(self.index, path), {"Accept": ACCEPT}) as (address, response):
            content_type = response.headers.get("Content-Type", "")
            body = b"".join(_limited(response, MAXIMUM_PAGE, decoded=True))
        return Page(address, content_type, body)

    @contextmanager
    def file(self, address: str, most: int) -> Iterator[Iterable[bytes]]:
        """The bytes of a file, at most so many. Raises `CannotFetch`, while it is read, too."""
        # As it lies there: what is packed once more for the way would have another digest.
        with self._opened(address, {"Accept-Encoding": "identity"}) as (_, response):
            yield _limited(response, most, decoded=False)

    def close(self) -> None:
        """Close all connections."""
        self._pool.clear()

    @contextmanager
    def _opened(
        self, address: str, headers: dict[str, str]
    ) -> Iterator[tuple[str, BaseHTTPResponse]]:
        """The answer, after redirects, with the address that it came from."""
        try:
            for _ in range(_REDIRECTS + 1):
                response = self._ask(address, headers)
                try:
                    if response.status not in _MOVED:
                        _check_status(address, response)
                        yield address, response
                        return
                    address = _next_address(address, response.headers.get("Location"))
                finally:
                    response.close()
        except (HTTPError, OSError) as error:
            raise CannotFetch(f"{shown(address)} cannot be fetched: {_reason(error)}.") from None
        raise CannotFetch(f"{shown(address)} redirects again and again.")

    def _ask(self, address: str, headers: dict[str, str]) -> BaseHTTPResponse:
        sent = {"User-Agent": f"pyregistry/{__version__}", **headers}
        origin = _origin_of(address)
        if self._login is not None and origin == self._origin:
            # urllib3 writes Latin-1 by itself; indexes read UTF-8 (RFC 7617).
            login = f"{self._login.username}:{self._login.password}".encode()
            sent |= make_headers(basic_auth=login.decode("latin-1"))
        return self._pool.request(
            "GET", address, headers=sent, redirect=False, preload_content=False
        )


def _origin_of(address: str) -> Origin:
    try:
        parts = urlsplit(address)
        port, has_login = parts.port, parts.username is not None or parts.password is not None
    except ValueError:
        parts, port, has_login = urlsplit(""), None, False
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise CannotFetch(f"{shown(address)} is no address that begins with http:// or https://.")
    if has_login:
        raise CannotFetch("An address holds a user name or a password: give them by themselves.")
    return parts.scheme, parts.hostname, port or _SCHEMES[parts.scheme]


def _next_address(address: str, location: str | None) -> str:
    if location is None:
        raise CannotFetch(f"{shown(address)} redirects to nowhere.")
    try:
        following = urljoin(address, location)
    except ValueError:
        following = location  # no address, which is said below
    scheme = _origin_of(following)[0]
    if _origin_of(address)[0] == "https" and scheme != "https":
        raise CannotFetch(f"{shown(address)} redirects to an address without https.")
    return following


def _check_status(address: str, response: BaseHTTPResponse) -> None:
    if response.status in (401, 403):
        raise CannotFetch(f"{shown(address)} asks for other credentials ({response.status}).")
    if response.status != 200:  # noqa: PLR2004 -- the status
        raise CannotFetch(f"{shown(address)} was answered {response.status}.")


def _limited(response: BaseHTTPResponse, most: int, *, decoded: bool) -> Iterator[bytes]:
    left = most
    read = partial(response.read, _CHUNK, decode_content=decoded)
    try:
        while chunk := read():
            left -= len(chunk)
            if left < 0:
                raise CannotFetch(f"It has more than {shown_size(most)}.")
            yield chunk
    except (HTTPError, OSError) as error:
        raise CannotFetch(f"It broke off: {_reason(error)}.") from None


def _reason(error: Exception) -> str:
    # It may quote what the other side has sent.
    text = "".join(each if each.isprintable() else " " for each in str(error))
    return " ".join(text.split())[:200].rstrip(".") or type(error).__name__
