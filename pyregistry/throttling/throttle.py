"""Limits of failures: who fails too often has to wait.

Only failures count. A correct password is taken as long as its limit is not reached,
a valid token always.
"""

import hashlib
import time
from collections.abc import Iterator
from ipaddress import IPv6Address, IPv6Network, ip_address
from math import ceil
from typing import Final

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import Storage
from limits.strategies import MovingWindowRateLimiter

from pyregistry.errors import TooManyRequests
from pyregistry.settings import Rate, Settings
from pyregistry.throttling.outage import Outages
from pyregistry.throttling.storage import open_storage

_SECONDS_OF_A_MINUTE: Final = 60
_PREFIX_OF_A_CUSTOMER: Final = 64
"""Bits of an IPv6 address: whoever has one address has all that begin like it."""


class Throttle:
    """Counts failures and refuses when there are too many.

    Where the storage does not answer, nothing is counted and nothing refused: the registry
    goes on, and the log says so.
    """

    def __init__(
        self,
        storage: Storage,
        *,
        sign_in_per_account: Rate | None,
        sign_in_per_address: Rate | None,
        token_failures_per_address: Rate | None,
    ) -> None:
        """None turns a limit off."""
        self._limiter = MovingWindowRateLimiter(storage)
        self._sign_in_per_account = _item("sign-in-account", sign_in_per_account)
        self._sign_in_per_address = _item("sign-in-address", sign_in_per_address)
        self._token_failures = _item("token-address", token_failures_per_address)
        self._outages = Outages("Failures are not limited")

    @classmethod
    def of(cls, settings: Settings) -> "Throttle":
        """The throttle with these settings. Raises `SettingsError`."""
        return cls(
            open_storage(settings.throttle_storage),
            sign_in_per_account=settings.throttle_sign_in_per_account,
            sign_in_per_address=settings.throttle_sign_in_per_address,
            token_failures_per_address=settings.throttle_token_failures_per_address,
        )

    def reaches_storage(self) -> bool:
        """Whether the storage of the counts answers; where it does not, nothing is limited."""
        try:
            return bool(self._limiter.storage.check())
        except StorageError:
            return False

    def check_sign_in(self, username: str, address: str | None) -> None:
        """Ask whether somebody may try to sign in; nothing is counted.

        To be asked before the password is: hashing is what costs. Raises `TooManyRequests`,
        in the same words for a user who exists and for one who does not.
        """
        wait = 0
        with self._outages.going_on():
            for item, key in self._sign_in_limits(username, address):
                wait = max(wait, self._wait(item, key))
        if wait:
            raise TooManyRequests(
                f"Too many attempts to sign in have failed: try again in {wait_in_words(wait)}.",
                wait,
            )

    def sign_in_failed(self, username: str, address: str | None) -> None:
        """Count a failed attempt to sign in."""
        with self._outages.going_on():
            for item, key in self._sign_in_limits(username, address):
                self._limiter.hit(item, key)

    def token_failed(self, address: str | None) -> None:
        """Count a request with wrong credentials.

        Raises `TooManyRequests` beyond the limit.
        """
        item, network = self._token_failures, network_of(address)
        if item is None or network is None:
            return
        wait = 0
        with self._outages.going_on():
            if not self._limiter.hit(item, network):
                wait = self._wait(item, network) or 1
        if wait:
            raise TooManyRequests(
                "Too many requests with wrong credentials came from your address: correct the"
                f" token, or try again in {wait_in_words(wait)}.",
                wait,
            )

    def _sign_in_limits(
        self, username: str, address: str | None
    ) -> Iterator[tuple[RateLimitItem, str]]:
        if self._sign_in_per_account is not None:
            yield self._sign_in_per_account, _account(username)
        network = network_of(address)
        if self._sign_in_per_address is not None and network is not None:
            yield self._sign_in_per_address, network

    def _wait(self, item: RateLimitItem, key: str) -> int:
        """Seconds until another failure has room, at least 1; 0 where there is room."""
        reset_time, remaining = self._limiter.get_window_stats(item, key)
        return 0 if remaining > 0 else max(1, ceil(reset_time - time.time()))


def network_of(address: str | None) -> str | None:
    """What an address is counted as: IPv6 by /64, as one customer has at least that.

    None for what is no IP address, such as the other end of a Unix socket: it would be
    everybody's.
    """
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return None
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), _PREFIX_OF_A_CUSTOMER), strict=False))


def _account(username: str) -> str:
    """The key of a user name, existing or not: as short for every name, and without its text."""
    name = username.strip().lower()
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()


def _item(namespace: str, rate: Rate | None) -> RateLimitItem | None:
    if rate is None:
        return None
    return RateLimitItemPerSecond(rate.amount, int(rate.window.total_seconds()), namespace)


def wait_in_words(seconds: int) -> str:
    """A time to wait, as a sentence says it."""
    if seconds == 1:
        return "1 second"
    if seconds <= _SECONDS_OF_A_MINUTE:
        return f"{seconds} seconds"
    return f"{ceil(seconds / _SECONDS_OF_A_MINUTE)} minutes"
