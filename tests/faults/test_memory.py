"""The memory of every process under a load that goes on: it does not grow."""

import threading
import time
from pathlib import Path
from statistics import median

import pytest

from tests.faults.cluster import Cluster
from tests.faults.load import load_on
from tests.faults.programs import until

pytestmark = [pytest.mark.faults, pytest.mark.postgresql]

WARM_UP = 2_000
"""Answers until everything is loaded that is ever loaded, and every thread has worked."""
SECONDS = 120
GROWTH = 1.10
SAMPLES = 10
"""How many, one a second, make a figure: a single one depends on what is done at that moment."""


def memory_of(process: int) -> int:
    """Bytes that a process takes: its own, and its share of what it has in common with others."""
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"nothing is known of the memory of {process}")


def test_it_stays_flat(cluster: Cluster) -> None:
    processes = [process for host in cluster.hosts for process in host.processes]
    samples: dict[int, list[int]] = {process: [] for process in processes}
    pace = threading.Event()
    with load_on(cluster, "memory") as load:
        until(lambda: len(load.answers) > WARM_UP, "the processes were warm")
        begun, warm = time.monotonic(), len(load.answers)
        while time.monotonic() - begun < SECONDS:
            for process, found in samples.items():
                found.append(memory_of(process))
            pace.wait(1)
        answered = len(load.answers) - warm
    assert load.failed_gets() == []
    said = []
    for process, found in samples.items():
        first, last = median(found[:SAMPLES]), median(found[-SAMPLES:])
        said.append(f"{process}: {first / 2**20:.1f} to {last / 2**20:.1f} MiB")
        assert last <= first * GROWTH, (process, found)
    print(f"{answered} answers; " + ", ".join(said))
