"""What a process counts for Prometheus. `docs/health.md` lists the same for people."""

import os
import threading
from collections import Counter as Numbers
from collections import deque
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values

from pyregistry.soon import Soon
from pyregistry.watching.exchange import Exchange
from pyregistry.watching.shared_folder import shared_folder

# A second sample for each counter, with the time at which it began, which hardly anybody reads.
prometheus_client.disable_created_metrics()

UPLOADS: Final = ("published", "unchanged")
DOWNLOADS: Final = ("sent", "redirected")
HIT: Final = "hit"
MISS: Final = "miss"

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER_METHOD: Final = "other"
"""Clients may make up as many methods as they like."""
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)
_SUM_OF_THE_LIVING: Final = "livesum"
_SOON: Final = 0.2

_Item = TypeVar("_Item")


class _Process:
    """The id of this process. To ask the system with each number takes as long as to count."""

    def __init__(self) -> None:
        self._note()
        os.register_at_fork(after_in_child=self._note)

    def _note(self) -> None:
        self._id = os.getpid()

    def id(self) -> int:
        return self._id


if shared_folder() is not None:
    values.ValueClass = values.MultiProcessValue(_Process().id)


class Metrics:
    """The counts of one process; in `folder`, where given, those of all that count there.

    What happens is noted at once and counted a fifth of a second later, much of it together: that
    costs about a microsecond a request. A process that is killed loses what it has not counted.
    Labels have few values: names of views, methods and statuses, never an address or a name that
    somebody chose.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.registry = registry = CollectorRegistry()
        self._requests = Counter(
            "pyregistry_requests_total",
            "Requests that were answered.",
            ("view", "method", "status"),
            registry=registry,
        )
        self._durations = Histogram(
            "pyregistry_request_duration_seconds",
            "Time until the answer began.",
            ("view",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._in_progress = Gauge(
            "pyregistry_requests_in_progress",
            "Requests that are being answered.",
            multiprocess_mode=_SUM_OF_THE_LIVING,
            registry=registry,
        )
        self._received = Counter(
            "pyregistry_received_bytes_total", "Bytes of the bodies of requests.", registry=registry
        )
        self._sent = Counter(
            "pyregistry_sent_bytes_total", "Bytes of the bodies of answers.", registry=registry
        )
        self._uploads = Counter(
            "pyregistry_uploads_total", "Files that were taken.", ("outcome",), registry=registry
        )
        self._downloads = Counter(
            "pyregistry_downloads_total", "Files that were given out.", ("way",), registry=registry
        )
        self._page_lookups = Counter(
            "pyregistry_page_cache_lookups_total",
            "Index pages that were looked up in the cache.",
            ("result",),
            registry=registry,
        )
        self.connections = Gauge(
            "pyregistry_database_connections_in_use",
            "Connections to the database that are in use.",
            multiprocess_mode=_SUM_OF_THE_LIVING,
            registry=registry,
        )
        # To find the counter of a label by its values takes as long as to count.
        self._requests_of = cache(self._requests.labels)
        self._durations_of = cache(self._durations.labels)
        self._show_zeros()
        self._begun: deque[None] = deque()
        self._left: deque[None] = deque()
        self._ended: deque[Exchange] = deque()
        self._lookups: deque[bool] = deque()
        self._counting = threading.Lock()
        self._count_soon = Soon(_SOON, self.count)

    def begin(self) -> None:
        """Note that a request has come."""
        self._begun.append(None)
        self._count_soon()

    def end(self, exchange: Exchange) -> None:
        """Note that a request was answered."""
        self._ended.append(exchange)
        self._count_soon()

    def leave(self) -> None:
        """Take back that a request has come: it is counted as another one."""
        self._left.append(None)
        self._count_soon()

    def page_looked_up(self, found: bool) -> None:
        """Note a look into the cache of index pages; it belongs to a request."""
        self._lookups.append(found)

    def count(self) -> None:
        """Count what was noted until now."""
        with self._counting:
            lookups = _taken(self._lookups)
            self._hits.inc(sum(lookups))
            self._misses.inc(len(lookups) - sum(lookups))
            # First what has ended: it has begun before.
            left, ended = _taken(self._left), _taken(self._ended)
            begun = _taken(self._begun)
            self._in_progress.inc(len(begun) - len(ended) - len(left))
            self._count_exchanges(ended)

    def _count_exchanges(self, exchanges: list[Exchange]) -> None:
        requests = Numbers(map(_labels_of, exchanges))
        for labels, number in requests.items():
            self._requests_of(*labels).inc(number)
        for exchange in exchanges:
            self._durations_of(exchange.observation.view).observe(exchange.seconds_to_answer)
        self._received.inc(sum(exchange.received_bytes for exchange in exchanges))
        self._sent.inc(sum(exchange.sent_bytes for exchange in exchanges))
        for outcome, number in Numbers(each.observation.upload for each in exchanges).items():
            if outcome in UPLOADS:
                self._uploads.labels(outcome).inc(number)
        for way, number in Numbers(each.observation.download for each in exchanges).items():
            if way in DOWNLOADS:
                self._downloads.labels(way).inc(number)

    def _show_zeros(self) -> None:
        """Have what has not happened yet shown as zero: then its first time is an increase."""
        for outcome in UPLOADS:
            self._uploads.labels(outcome)
        for way in DOWNLOADS:
            self._downloads.labels(way)
        self._hits, self._misses = map(self._page_lookups.labels, (HIT, MISS))


def _labels_of(exchange: Exchange) -> tuple[str, str, int]:
    method = exchange.method if exchange.method in _METHODS else _OTHER_METHOD
    return exchange.observation.view, method, exchange.status


def _taken(noted: deque[_Item]) -> list[_Item]:
    """What is in it, and is not any more; others go on adding."""
    return [noted.popleft() for _ in range(len(noted))]
