"""Memory, CPU time and files of the processes that count together.

prometheus_client could read these as well, but only where `/proc/stat` may be read: a service that
is shut off from the rest of its machine, as systemd's `ProcSubset=pid` does, sees processes alone.
"""

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from prometheus_client import Metric
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

_LABEL: Final = "pid"
_PROCESSES: Final = Path("/proc")
_OPEN_FILES: Final = "Max open files"
_NO_LIMIT: Final = "unlimited"

# Fields of /proc/<pid>/stat after the name of the program (proc_pid_stat(5)).
_USER_TIME, _SYSTEM_TIME, _STARTED, _PAGES = 11, 12, 19, 21


def describe_processes(processes: Iterable[int]) -> Iterator[Metric]:
    """What the kernel says of each process, with the names that all Prometheus clients use.

    A process that has ended meanwhile is left out, and so is all where there is no `/proc`.
    """
    memory = _gauge("process_resident_memory_bytes", "Memory of a process.")
    cpu = CounterMetricFamily("process_cpu_seconds", "CPU time of a process.", labels=[_LABEL])
    started = _gauge("process_start_time_seconds", "When a process began, since 1970.")
    open_files = _gauge("process_open_fds", "Files and connections that a process has open.")
    most_files = _gauge("process_max_fds", "How many a process may have open.")
    families: Mapping[str, CounterMetricFamily | GaugeMetricFamily] = {
        each.name: each for each in (memory, cpu, started, open_files, most_files)
    }
    for process in processes:
        for name, value in _read(process).items():
            families[name].add_metric([str(process)], value)
    yield from families.values()


def _gauge(name: str, text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, labels=[_LABEL])


def _read(process: int) -> dict[str, float]:
    folder = _PROCESSES / str(process)
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        limits = (folder / "limits").read_text().splitlines()
        files = len(os.listdir(folder / "fd"))  # noqa: PTH208 -- as many as there are, quickly
    except OSError:
        return {}
    ticks = os.sysconf("SC_CLK_TCK")
    boot = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    found = {
        "process_resident_memory_bytes": float(fields[_PAGES]) * os.sysconf("SC_PAGE_SIZE"),
        "process_cpu_seconds": (float(fields[_USER_TIME]) + float(fields[_SYSTEM_TIME])) / ticks,
        # To the second: the two clocks are not read at the same moment.
        "process_start_time_seconds": float(round(boot + float(fields[_STARTED]) / ticks)),
        "process_open_fds": float(files),
    }
    for line in limits:
        if line.startswith(_OPEN_FILES):
            most = line.removeprefix(_OPEN_FILES).split()[0]
            found["process_max_fds"] = float("inf" if most == _NO_LIMIT else most)
    return found
