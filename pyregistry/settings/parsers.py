"""From the text of a setting to its value.

A parser takes the text without surrounding white space, never empty, and
raises `ValueError` with the half-sentence that says what to give instead. No
parser repeats the text in its error: it may be a secret.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_network
from pathlib import Path
from typing import Final, Literal
from urllib.parse import SplitResult, urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from pyregistry.proxies import UNIX_SOCKET, Peer

_NUMBER_WITH_UNIT: Final = re.compile(r"([0-9]{1,15}) ?([A-Za-z]*)")

_SIZE_UNITS: Final = {
    "": 1,
    "b": 1,
    "kb": 1000,
    "mb": 1000**2,
    "gb": 1000**3,
    "tb": 1000**4,
    "kib": 1024,
    "mib": 1024**2,
    "gib": 1024**3,
    "tib": 1024**4,
}

_DURATION_UNITS: Final = {
    "s": 1,
    "second": 1,
    "seconds": 1,
    "m": 60,
    "minute": 60,
    "minutes": 60,
    "h": 3600,
    "hour": 3600,
    "hours": 3600,
    "d": 86400,
    "day": 86400,
    "days": 86400,
    "week": 7 * 86400,
    "weeks": 7 * 86400,
}

# A duration is added to the present; a century stays far from the last year
# that a date can have.
_LONGEST_DURATION: Final = timedelta(days=36500)

_BOOLEANS: Final = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}

_HOST_NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_PATH_PREFIX: Final = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
_INTERNAL_PATH: Final = re.compile(r"(/[A-Za-z0-9_-]{1,64}){1,8}/")
_LONGEST_TITLE: Final = 100

# The names under which people know PostgreSQL's address, and the driver used.
_DRIVERS: Final = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


def whole_number(minimum: int, maximum: int) -> Callable[[str], int]:
    """A parser of whole numbers from `minimum` to `maximum`, both included."""

    def parse(text: str) -> int:
        if re.fullmatch(r"[0-9]{1,15}", text) and minimum <= int(text) <= maximum:
            return int(text)
        raise ValueError(f"give a whole number from {minimum} to {maximum}")

    return parse


def size(minimum: int) -> Callable[[str], int]:
    """A parser of sizes in bytes, `minimum` or more: `500`, `100 MiB`, `2 GB`."""

    def parse(text: str) -> int:
        match = _NUMBER_WITH_UNIT.fullmatch(text)
        unit = _SIZE_UNITS.get(match[2].lower()) if match else None
        if match is None or unit is None:
            raise ValueError(
                "give a whole number and a unit (B, KiB, MiB, GiB, TiB, kB, MB, GB or TB),"
                " such as '100 MiB' or '2 GiB'"
            )
        if int(match[1]) * unit < minimum:
            raise ValueError(f"give a size of {minimum} bytes or more")
        return int(match[1]) * unit

    return parse


def duration(bare: str) -> Callable[[str], timedelta]:
    """A parser of durations above zero: `90 seconds`, `12 hours`, `14 days`.

    A number without a unit counts in `bare`, one of the units.
    """

    def parse(text: str) -> timedelta:
        match = _NUMBER_WITH_UNIT.fullmatch(text)
        unit = _DURATION_UNITS.get((match[2] or bare).lower()) if match else None
        if match is None or unit is None:
            raise ValueError(
                "give a whole number and a unit (seconds, minutes, hours, days or weeks),"
                f" such as '12 hours'; a number alone counts in {bare}"
            )
        seconds = int(match[1]) * unit
        if not 0 < seconds <= _LONGEST_DURATION.total_seconds():
            raise ValueError(f"give a duration above zero and up to {_LONGEST_DURATION.days} days")
        return timedelta(seconds=seconds)

    return parse


def boolean(text: str) -> bool:
    """True or false, as people write them in ini files."""
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise ValueError("give true or false") from None


def choice(*names: str) -> Callable[[str], str]:
    """A parser that accepts exactly the given names."""

    def parse(text: str) -> str:
        if text in names:
            return text
        raise ValueError(f"give {' or '.join(names)}")

    return parse


def title(text: str) -> str:
    """A line of printable text for the heading of pages."""
    if len(text) > _LONGEST_TITLE or not text.isprintable():
        raise ValueError(f"give one line of up to {_LONGEST_TITLE} printable characters")
    return text


def folder(text: str) -> Path:
    """A folder; it need not exist yet. `Settings.parse` makes it absolute."""
    if "\0" in text:
        raise ValueError("give the path of a folder")
    return Path(text)


def internal_path(text: str) -> str:
    """A path of addresses between two slashes, of characters that no server escapes."""
    if _INTERNAL_PATH.fullmatch(text) is None:
        raise ValueError("give a path with a slash at both ends, such as '/_/accel/'")
    return text


def database_url(text: str) -> URL:
    """An SQLAlchemy address of SQLite or PostgreSQL, with the driver that pyregistry uses.

    `postgres://` and `postgresql://` become `postgresql+psycopg://`.
    """
    url = _sqlalchemy_url(text)
    if url is None or url.drivername not in _DRIVERS:
        raise ValueError(
            "give a database address such as 'sqlite:////folder/file.sqlite3' or"
            " 'postgresql://user:password@host/database'"
        )
    if url.drivername.startswith("sqlite") and (url.host or url.username):
        raise ValueError("a SQLite address has three slashes before its file, four when absolute")
    if url.drivername.startswith("sqlite") and url.database in (None, "", ":memory:"):
        # In memory, each thread would have a database of its own.
        raise ValueError("give a SQLite address with a file, such as 'sqlite:////folder/file'")
    return url.set(drivername=_DRIVERS[url.drivername])


def _sqlalchemy_url(text: str) -> URL | None:
    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        # Returned, not raised: the text of these errors quotes the password.
        return None


def public_url(text: str) -> str:
    """An absolute address in its shortest form, scheme and host in lower case.

    It has no last slash, and no port that its scheme implies.
    """
    parts = _split_address(text)
    if parts is None or parts.scheme not in {"http", "https"} or not _is_host(parts):
        raise ValueError("give an absolute address such as 'https://packages.example.org'")
    if parts.username is not None or "?" in text or "#" in text:
        raise ValueError("give an address without user name, '?' and '#'")
    path = parts.path.rstrip("/")
    if not _PATH_PREFIX.fullmatch(path):
        raise ValueError(
            "give an address whose path has only letters, digits, '.', '_', '~' and '-'"
            " between its slashes, such as 'https://example.org/registry'"
        )
    default_port = ":443" if parts.scheme == "https" else ":80"
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(default_port)}{path}"


def _split_address(text: str) -> SplitResult | None:
    if not text.isascii() or not text.isprintable() or " " in text:
        return None
    try:
        parts = urlsplit(text)
        valid_port = parts.port is None or parts.port > 0
    except ValueError:
        return None
    return parts if valid_port and not parts.netloc.endswith(":") else None


def _is_host(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    if ":" not in host:
        return _HOST_NAME.fullmatch(host) is not None
    try:
        return IPv6Address(host).scope_id is None
    except ValueError:
        return False


def peers(text: str) -> tuple[Peer, ...]:
    """IP addresses and networks, and `unix`, separated by white space or commas."""
    return tuple(_peer(item) for item in re.split(r"[\s,]+", text) if item)


def _peer(item: str) -> IPv4Network | IPv6Network | Literal["unix"]:
    if item == UNIX_SOCKET:
        return UNIX_SOCKET
    try:
        return ip_network(item)
    except ValueError:
        raise ValueError(
            "give IP addresses and networks without host bits, such as '127.0.0.1 10.0.0.0/8"
            " fd00::/8', or 'unix' for a Unix socket"
        ) from None
