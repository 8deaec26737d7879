"""The address that a request was made to, and the one that it came from.

Behind a reverse proxy the server sees the proxy's address and not the
client's, and the address that the proxy calls and not the one in the
browser. Proxies tell in `X-Forwarded-*` headers; so may anybody, therefore
only the headers of trusted proxies count.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

from pyregistry.http.page_validators import note_header
from pyregistry.http.request_ids import FROM_PROXY, is_harmless

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication

Peer = IPv4Network | IPv6Network | Literal["unix"]

# Who is at the other end of a Unix socket has no IP address: WSGI servers
# leave REMOTE_ADDR empty, or put a word there.
UNIX_SOCKET: Final = "unix"

_HOST: Final = re.compile(
    r"([A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::([0-9]{1,5}))?"
)
_PREFIX: Final = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")
_PORT: Final = re.compile(r"[0-9]{1,5}")
_KEPT: Final = 4096
_LAST_PORT: Final = 65535
_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}

_REQUEST_ID: Final = "HTTP_X_REQUEST_ID"
_PAGE_VALIDATOR: Final = "HTTP_X_PAGE_VALIDATOR"
_FORWARDED: Final = (
    *("HTTP_X_FORWARDED", "HTTP_FORWARDED", "HTTP_X_REAL_IP"),
    *(_REQUEST_ID, _PAGE_VALIDATOR),
)


class TrustedProxies:
    """WSGI middleware: sets the client's and the public address in the environ.

    A request from one of `networks` (IP networks, and "unix" for whatever has
    no IP address) may say in its headers

    - `X-Forwarded-For`: the client. Read from right to left: the first
      address that is not trusted. It becomes `REMOTE_ADDR`;
    - `X-Forwarded-Proto`, `X-Forwarded-Host` and `X-Forwarded-Port`: the
      address that the client called;
    - `X-Forwarded-Prefix`: the start of the path that the proxy has taken
      away. It becomes `SCRIPT_NAME`;
    - `X-Request-Id`: how the request is called in the log;
    - `X-Page-Validator`, where they `keep_pages`: which half of a request for a page this is
      (`pyregistry.http.page_validators`).

    Where several trusted proxies have each added a value, that of the one
    nearest to the client counts. Malformed values count as absent.

    `public_url` (absolute, without its last slash), where given, decides about
    scheme, host, port and prefix of every request, trusted or not. Its prefix
    is taken off the path unless the proxy says by `X-Forwarded-Prefix` that it
    has done so itself.

    The application sees none of these headers, nor `Forwarded` and `X-Real-IP`.
    """

    gives_way: Final = True  # pyregistry.http.giving_way

    def __init__(
        self,
        app: "WSGIApplication",
        networks: Sequence[Peer],
        public_url: str | None = None,
        *,
        keep_pages: bool = False,
    ) -> None:
        self._app = app
        self._keep_pages = keep_pages
        self._networks = tuple(networks)
        # The same proxies ask all the time.
        self._trusts = lru_cache(maxsize=_KEPT)(self._is_trusted)
        self._public = urlsplit(public_url) if public_url else None

    def __call__(
        self, environ: dict[str, Any], start_response: "StartResponse"
    ) -> "Iterable[bytes]":
        forwarded = {key: environ.pop(key) for key in list(environ) if key.startswith(_FORWARDED)}
        peer = environ.get("REMOTE_ADDR") or ""
        stripped = ""
        # Most that come without a proxy have none of them.
        if forwarded and self._trusts(peer):
            client, hops = self._client(peer, forwarded.get("HTTP_X_FORWARDED_FOR", ""))
            if client != peer:
                environ["REMOTE_ADDR"] = environ["REMOTE_HOST"] = client
                environ.pop("REMOTE_PORT", None)
            headers = _Headers(forwarded, hops)
            _set_forwarded_address(environ, headers)
            stripped = headers.matching("PREFIX", _PREFIX)
            if is_harmless(request_id := forwarded.get(_REQUEST_ID, "")):
                environ[FROM_PROXY] = request_id
            if self._keep_pages:
                note_header(environ, forwarded.get(_PAGE_VALIDATOR, ""))
        if self._public is not None:
            _set_address(environ, self._public.scheme, self._public.netloc)
            _set_public_prefix(environ, self._public.path, stripped)
        elif stripped:
            environ["SCRIPT_NAME"] = stripped + environ.get("SCRIPT_NAME", "")
        return self._app(environ, start_response)

    def _is_trusted(self, peer: str) -> bool:
        address = _address(peer.partition("%")[0])
        if address is None:
            return UNIX_SOCKET in self._networks
        return any(
            not isinstance(network, str) and address in network for network in self._networks
        )

    def _client(self, peer: str, header: str) -> tuple[str, int]:
        """The client's address, and how many trusted proxies lie before it."""
        client, hops = peer, 1
        for item in reversed(header.split(",")):
            address = _address(_without_port(item.strip()))
            if address is None:
                break
            client = str(address)
            if not self._trusts(client):
                break
            hops += 1
        return client, hops


class _Headers:
    """The `X-Forwarded-*` headers of a request that came through trusted proxies."""

    def __init__(self, forwarded: dict[str, str], hops: int) -> None:
        self._forwarded = forwarded
        self._hops = hops

    def value(self, name: str) -> str:
        """What the trusted proxy nearest to the client said, or "".

        A proxy either replaces the header or adds to it at the right, so what
        lies further left than there are trusted proxies is a stranger's.
        """
        values = self._forwarded.get(f"HTTP_X_FORWARDED_{name}", "").split(",")
        return values[-min(self._hops, len(values))].strip()

    def matching(self, name: str, pattern: re.Pattern[str]) -> str:
        """The value without a last slash, or "" where it does not match `pattern`."""
        value = self.value(name).rstrip("/")
        return value if pattern.fullmatch(value) else ""


def _set_forwarded_address(environ: dict[str, Any], headers: _Headers) -> None:
    scheme = headers.value("PROTO").lower()
    if scheme not in _DEFAULT_PORTS:
        scheme = ""
    host, host_port = _host_and_port(headers.value("HOST"))
    port = host_port or _valid_port(headers.value("PORT"))
    if not (scheme or host or port):
        return
    scheme = scheme or environ["wsgi.url_scheme"]
    if not host:
        host, own_port = _host_and_port(environ.get("HTTP_HOST", ""))
        port = port or own_port
    if host:
        _set_address(environ, scheme, f"{host}:{port}" if port else host)
    else:
        environ["wsgi.url_scheme"] = scheme


def _set_address(environ: dict[str, Any], scheme: str, netloc: str) -> None:
    """The public scheme and host; `Host` has no port where the scheme implies it."""
    host, port = _host_and_port(netloc)
    default = _DEFAULT_PORTS[scheme]
    environ["wsgi.url_scheme"] = scheme
    environ["HTTP_HOST"] = host if port in {"", default} else f"{host}:{port}"
    environ["SERVER_NAME"] = host
    environ["SERVER_PORT"] = port or default


def _set_public_prefix(environ: dict[str, Any], prefix: str, stripped: str) -> None:
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    # Without the proxy's word a path below the prefix still carries it; with
    # it, the same path is that of a group called as the prefix is.
    if prefix and not stripped and (path == prefix or path.startswith(f"{prefix}/")):
        path = path[len(prefix) :]
    environ["SCRIPT_NAME"] = prefix
    environ["PATH_INFO"] = path


def _host_and_port(text: str) -> tuple[str, str]:
    """Both parts of `host[:port]`; two empty strings where it is malformed."""
    match = _HOST.fullmatch(text)
    if match is None:
        return "", ""
    host, port = match[1], match[2] or ""
    if host.startswith("[") and _address(host[1:-1]) is None:
        return "", ""
    if port and not _valid_port(port):
        return "", ""
    return host, port


def _valid_port(text: str) -> str:
    """The port in its shortest form, or "" where it is none."""
    valid = _PORT.fullmatch(text) and 0 < int(text) <= _LAST_PORT
    return str(int(text)) if valid else ""


def _without_port(item: str) -> str:
    """The address of an `X-Forwarded-For` item: some proxies add a port."""
    if item.startswith("[") and "]" in item:
        return item[1:].partition("]")[0]
    return item.partition(":")[0] if item.count(":") == 1 else item


@lru_cache(maxsize=_KEPT)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    """The IP address, an IPv4 one where it is mapped into IPv6; None for anything else."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return None
        return address.ipv4_mapped or address
    return address
