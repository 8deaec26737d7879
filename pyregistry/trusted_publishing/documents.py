"""Fetching the documents of issuers: their discovery document and their keys.

Only what an administrator named is asked, by https alone, and nobody else's address is
followed: not by a redirect, and not into plain http.
"""

import re
import ssl
import time
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from pyregistry.http.objects import read_object
from pyregistry.sentences import shown
from pyregistry.settings import PREFIX, SettingsError
from pyregistry.settings.oidc import is_https_address

MAXIMUM_DOCUMENT: Final = 256 * 1024
"""Bytes of a document. Those of large public issuers have less than 20 KiB."""
_SECONDS_OF_SILENCE: Final = 5
_SECONDS_OF_ALL: Final = 10
_PIECE: Final = 16 * 1024
_PRINTABLE: Final = re.compile(r"[!-~]*")
_WELL_KNOWN: Final = "/.well-known/openid-configuration"


class Unfetched(Exception):
    """A document could not be had; the text says why, for the log."""


class Documents:
    """Fetches the documents of issuers."""

    def __init__(self, ca_file: Path | None = None) -> None:
        """`ca_file` has authorities besides those of the system. Raises `SettingsError`."""
        context = ssl.create_default_context()
        if ca_file is not None:
            try:
                context.load_verify_locations(ca_file)
            except (OSError, ssl.SSLError):
                raise SettingsError(
                    f"{PREFIX}oidc.ca_file = {str(ca_file)!r} is not valid: give a file with"
                    " certificates in PEM that the registry may read."
                ) from None
        # Put together by hand: urllib's own opener follows redirects, and opens files.
        self._opener = OpenerDirector()
        for handler in (
            ProxyHandler(),
            HTTPSHandler(context=context),
            HTTPDefaultErrorHandler(),
            HTTPErrorProcessor(),
        ):
            self._opener.add_handler(handler)

    def key_set(self, issuer: str) -> dict[str, Any]:
        """The key set (RFC 7517) that the discovery document of an issuer names.

        Raises `Unfetched`.
        """
        configuration = self._fetch(issuer.rstrip("/") + _WELL_KNOWN)
        if configuration.get("issuer") != issuer:
            raise Unfetched("its discovery document is that of another issuer")
        address = configuration.get("jwks_uri")
        if not isinstance(address, str):
            raise Unfetched("its discovery document names no jwks_uri")
        return self._fetch(address)

    def _fetch(self, address: str) -> dict[str, Any]:
        base, _, query = address.partition("?")
        if not is_https_address(base) or not _PRINTABLE.fullmatch(query):
            raise Unfetched(f"{shown(address)} is no https address")
        headers = {"Accept": "application/json", "User-Agent": "pyregistry"}
        deadline = time.monotonic() + _SECONDS_OF_ALL
        try:
            request = Request(address, headers=headers)  # noqa: S310 -- https, see above
            with self._opener.open(request, timeout=_SECONDS_OF_SILENCE) as response:
                body = _read(response, deadline)
        # Not everything that http.client raises is an OSError, such as for a bad status line.
        except (OSError, HTTPException) as error:
            raise Unfetched(f"{address} cannot be fetched ({_reason(error)})") from None
        try:
            return read_object(body)
        except ValueError as error:
            raise Unfetched(f"{address} is no JSON object ({error})") from None


def _read(response: Any, deadline: float) -> bytes:
    """The body, piece by piece: a limit of silence alone would let a slow one last for ever."""
    body = bytearray()
    while piece := response.read1(_PIECE):
        body += piece
        if len(body) > MAXIMUM_DOCUMENT:
            raise Unfetched(f"{response.url} has more than {MAXIMUM_DOCUMENT} bytes")
        if time.monotonic() > deadline:
            raise Unfetched(f"{response.url} takes more than {_SECONDS_OF_ALL} seconds")
    return bytes(body)


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
