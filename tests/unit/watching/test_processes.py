"""What the kernel says of processes."""

import os
import resource
import time

from pyregistry.watching.processes import describe_processes

NOBODY = 2**22 + 1
"""More than any process has for an id."""


def described(*processes: int) -> dict[tuple[str, str], float]:
    """What is told, by name and process."""
    return {
        (sample.name, sample.labels["pid"]): sample.value
        for metric in describe_processes(processes)
        for sample in metric.samples
    }


def test_a_process_and_one_that_has_ended() -> None:
    here = str(os.getpid())
    found = described(os.getpid(), NOBODY)
    assert {process for _, process in found} == {here}
    assert found["process_resident_memory_bytes", here] > 10 * 1024**2
    assert 0 < found["process_cpu_seconds_total", here] <= time.process_time() + 60
    assert 0 < found["process_start_time_seconds", here] <= time.time() + 1
    assert found["process_open_fds", here] >= 3
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert found["process_max_fds", here] == limit


def test_names_hold_where_there_is_nothing_to_tell() -> None:
    assert len({metric.name for metric in describe_processes([])}) == 5
    assert described() == {}
