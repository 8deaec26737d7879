"""Limits of requests: how many a caller may send in a period, right or wrong.

Periods begin at whole multiples of their length since 1970, as GitLab's do: with a rate per
minute, when the minute of the clock does.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage

from pyregistry.settings import Rate, Settings
from pyregistry.throttling.outage import Outages
from pyregistry.throttling.storage import open_storage


@dataclass(frozen=True, slots=True)
class RequestLimit:
    """A limit, by the name that GitLab's headers give it."""

    name: str
    rate: Rate


class Quota(NamedTuple):
    """What a caller has used of a limit in the present period, this request included.

    `resets_at` and `retry_after` say when the next period begins: in seconds since 1970, and
    from now.
    """

    name: str
    limit: int
    observed: int
    resets_at: int
    retry_after: int

    @property
    def remaining(self) -> int:
        """How many requests are left."""
        return max(0, self.limit - self.observed)

    @property
    def is_exceeded(self) -> bool:
        """Whether this request is one too many."""
        return self.observed > self.limit


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one kind of traffic: of who has proved who they are, and of an address."""

    per_identity: RequestLimit | None
    per_address: RequestLimit | None

    def __bool__(self) -> bool:
        return self.per_identity is not None or self.per_address is not None


class RequestLimits:
    """Counts requests. Where the storage does not answer nothing is counted; the log says so."""

    def __init__(
        self, storage: Storage | None, *, api: Limits, packages: Limits, copies: Limits
    ) -> None:
        """`storage` may be None where no limit is set. `copies` are notes of copied commands."""
        self._storage = storage
        self.is_elsewhere: Final = not isinstance(storage, MemoryStorage | None)
        """Whether another process counts, which is waited for."""
        self._outages = Outages("Requests are not limited")
        self.api: Final = api
        self.packages: Final = packages
        self.copies: Final = copies

    @classmethod
    def of(cls, settings: Settings) -> "RequestLimits":
        """The limits that the settings describe. Raises `SettingsError`."""
        api = Limits(
            _limit("throttle_authenticated_api", settings.throttle_api_per_identity),
            _limit("throttle_unauthenticated_api", settings.throttle_api_per_address),
        )
        packages = Limits(
            _limit("throttle_authenticated_packages_api", settings.throttle_packages_per_identity),
            _limit("throttle_unauthenticated_packages_api", settings.throttle_packages_per_address),
        )
        copies = _limit("throttle_copies", settings.throttle_copies)
        limits = {"api": api, "packages": packages, "copies": Limits(copies, copies)}
        storage = open_storage(settings.throttle_storage) if any(limits.values()) else None
        return cls(storage, **limits)

    def count(self, limit: RequestLimit, caller: str, now: datetime) -> Quota | None:
        """Count a request of a caller; None where the storage fails."""
        if self._storage is None or self._outages.lasts():
            return None
        length = int(limit.rate.window.total_seconds())
        period, passed = divmod(int(now.timestamp()), length)
        key = f"requests/{limit.name}/{length}/{period}/{caller}"
        try:
            observed = self._storage.incr(key, length)
        except StorageError as error:
            self._outages.note(error)
            return None
        return Quota(
            limit.name,
            limit.rate.amount,
            observed,
            resets_at=(period + 1) * length,
            retry_after=length - passed,
        )


def _limit(name: str, rate: Rate | None) -> RequestLimit | None:
    return RequestLimit(name, rate) if rate is not None else None
