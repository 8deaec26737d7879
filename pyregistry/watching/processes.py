"""Memory, CPU time and files of the processes that count together."""

from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client import Metric, ProcessCollector
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

_SHOWN: Final = (
    "process_resident_memory_bytes",
    "process_cpu_seconds",
    "process_start_time_seconds",
    "process_open_fds",
    "process_max_fds",
)
_COUNTER: Final = "counter"
_LABEL: Final = "pid"


def describe_processes(processes: Iterable[int]) -> Iterator[Metric]:
    """What the kernel says of each process, with the names that all Prometheus clients use.

    A process that has ended meanwhile is left out.
    """
    families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
    for process in processes:
        for found in _collected(process):
            if found.name not in _SHOWN:
                continue
            if found.name not in families:
                kind = CounterMetricFamily if found.type == _COUNTER else GaugeMetricFamily
                families[found.name] = kind(found.name, found.documentation, labels=[_LABEL])
            families[found.name].add_metric([str(process)], found.samples[0].value)
    yield from families.values()


def _collected(process: int) -> list[Metric]:
    return list(ProcessCollector(pid=lambda: process, registry=None).collect())
