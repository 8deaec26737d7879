"""What a process counts for Prometheus. `docs/health.md` lists the same for people."""

import os
from functools import cache
from pathlib import Path
from typing import Final

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values

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

    Everything here costs a few microseconds a request, and no query. Labels have few values:
    names of views, methods and statuses, never an address or a name that somebody chose.
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

    def begin(self) -> None:
        """Count a request that has come."""
        self._in_progress.inc()

    def end(self, exchange: Exchange) -> None:
        """Count a request that was answered."""
        seen = exchange.observation
        method = exchange.method if exchange.method in _METHODS else _OTHER_METHOD
        self._in_progress.dec()
        self._requests_of(seen.view, method, exchange.status).inc()
        self._durations_of(seen.view).observe(exchange.seconds_to_answer)
        if exchange.received_bytes:
            self._received.inc(exchange.received_bytes)
        self._sent.inc(exchange.sent_bytes)
        if seen.upload in UPLOADS:
            self._uploads.labels(seen.upload).inc()
        if seen.download in DOWNLOADS:
            self._downloads.labels(seen.download).inc()

    def leave(self) -> None:
        """Take back that a request has come: it is counted as another one."""
        self._in_progress.dec()

    def page_looked_up(self, found: bool) -> None:
        """Count a look into the cache of index pages."""
        (self._hits if found else self._misses).inc()

    def _show_zeros(self) -> None:
        """Have what has not happened yet shown as zero: then its first time is an increase."""
        for outcome in UPLOADS:
            self._uploads.labels(outcome)
        for way in DOWNLOADS:
            self._downloads.labels(way)
        self._hits, self._misses = map(self._page_lookups.labels, (HIT, MISS))
