"""Everything that Prometheus reads: what processes have counted, and what is asked now."""

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from pyregistry.clock import Clock
from pyregistry.db import Database
from pyregistry.health.checks import Health
from pyregistry.version import __version__
from pyregistry.watching.metrics import Metrics
from pyregistry.watching.processes import describe_processes
from pyregistry.watching.services.holdings import describe_holdings
from pyregistry.watching.services.queue import describe_queue
from pyregistry.watching.shared_folder import files_of, forget_living, processes_of

logger = logging.getLogger(__name__)

Reading = Callable[[Session, datetime], Iterable[Metric]]
"""What is read from the database for each scrape, and when: in few queries, that use an index."""

READINGS: Final[tuple[Reading, ...]] = (describe_holdings, describe_queue)
_DATABASE: Final = "database"
_ODD_VERSION: Final = re.compile(r"version=(?![0-9]{1,4}(?:\.[0-9]{1,4}){0,2}\s*(?:;|$))")


class Scrape(Collector):
    """One answer to Prometheus. The same for every process that counts in the same folder."""

    def __init__(
        self,
        metrics: Metrics,
        health: Health,
        database: Database,
        clock: Clock,
        connections_limit: int,
        readings: tuple[Reading, ...] = READINGS,
    ) -> None:
        """`connections_limit`: how many connections to the database a process may have in use."""
        self._metrics = metrics
        self._health = health
        self._database = database
        self._clock = clock
        self._connections_limit = connections_limit
        self._readings = readings

    def encoded(self, accept: str | None) -> tuple[bytes, str]:
        """The text in the format that the caller prefers, and its media type."""
        registry = CollectorRegistry()
        registry.register(self)
        encode, content_type = choose_encoder(_understood(accept or ""))
        return encode(registry), content_type

    def collect(self) -> Iterator[Metric]:
        """All metrics. What the database cannot say is left out, and the rest is there."""
        yield InfoMetricFamily(
            "pyregistry_build", "The version of the registry.", value={"version": __version__}
        )
        problems = self._health.problems()
        works = GaugeMetricFamily(
            "pyregistry_works", "Whether a part of the registry works: 1 or 0.", labels=["part"]
        )
        for part, problem in problems.items():
            works.add_metric([part], float(problem is None))
        yield works
        yield GaugeMetricFamily(
            "pyregistry_database_connections_limit",
            "Connections to the database that each process may have in use.",
            value=self._connections_limit,
        )
        yield from self._counted()
        if problems.get(_DATABASE) is None:
            yield from self._read()

    def _counted(self) -> Iterator[Metric]:
        self._metrics.count()
        folder = self._metrics.folder
        if folder is None:
            yield from self._metrics.registry.collect()
            yield from describe_processes([os.getpid()])
            return
        alive, ended = processes_of(folder)
        for process in ended:
            forget_living(folder, process)
        yield from MultiProcessCollector.merge(files_of(folder))
        yield from describe_processes(alive)

    def _read(self) -> list[Metric]:
        try:
            with self._database.reading() as session:
                now = self._clock()
                return [metric for reading in self._readings for metric in reading(session, now)]
        except SQLAlchemyError:
            logger.exception("metrics of the database could not be read")
            return []


def _understood(accept: str) -> str:
    """The formats whose versions are numbers: prometheus_client fails at what else is sent."""
    return ",".join(each for each in accept.split(",") if not _ODD_VERSION.search(each))
