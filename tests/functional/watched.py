"""The application as it is served: watched, with its log and its metrics."""

import io
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from prometheus_client.parser import text_string_to_metric_families
from webtest import TestApp

from pyregistry.logs import JSONFormatter, RequestFormatter
from pyregistry.watching.middleware import Watched
from tests.factories.world import World

TEXT = "%(levelname)s [%(request_id)s] %(name)s: %(message)s"

Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


def watched(world: World, **environ: str) -> TestApp:
    """A client of the registry, whose requests are watched."""
    app = Watched(world.app.app, world.components.metrics)
    return TestApp(app, extra_environ={"REMOTE_ADDR": "192.0.2.7", **environ})


@dataclass
class Log:
    """What was logged, as people and as programs read it."""

    text: io.StringIO
    json: io.StringIO

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines for programs."""
        return [json.loads(line) for line in self.json.getvalue().splitlines()]

    @property
    def accesses(self) -> list[dict[str, Any]]:
        """The lines of requests."""
        return [line for line in self.lines if line["logger"] == "pyregistry.access"]

    @property
    def everything(self) -> str:
        """All that was written."""
        return self.text.getvalue() + self.json.getvalue()


@contextmanager
def logged(level: int = logging.DEBUG) -> Iterator[Log]:
    """The whole log of what happens inside the block, also what libraries say."""
    log = Log(io.StringIO(), io.StringIO())
    root = logging.getLogger()
    handlers = []
    for stream, formatter in (
        (log.text, RequestFormatter(TEXT)),
        (log.json, JSONFormatter()),
    ):
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        handlers.append(handler)
        root.addHandler(handler)
    before = root.level
    root.setLevel(level)
    try:
        yield log
    finally:
        root.setLevel(before)
        for handler in handlers:
            root.removeHandler(handler)


def samples_of(text: str) -> Samples:
    """What Prometheus reads, by name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    """One sample; 0 where it has never happened."""
    return samples.get((name, frozenset(labels.items())), 0.0)
