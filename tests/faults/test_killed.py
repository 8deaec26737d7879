"""Parts of a cluster are killed in the middle of a load of uploads, pulls and deletes."""

import os
import signal
from collections.abc import Callable

import pytest

from tests.faults.clients import HalfSent
from tests.faults.cluster import Cluster
from tests.faults.hosts import Host
from tests.faults.load import Load, load_on, made_of
from tests.faults.programs import until
from tests.faults.truth import check_kept_promises, check_storage, settle

pytestmark = [pytest.mark.faults, pytest.mark.postgresql]

LARGE = 2_000
"""Kilobytes; more than any upload of the load."""


def in_the_middle_of_an_upload(
    cluster: Cluster, load: Load, number: int, kill: Callable[[Host, int], None]
) -> Host:
    """Kill what receives an upload when half of that has been sent; the host of it."""
    sent = made_of(f"{load.label}-half-sent", f"{number}.0", LARGE)
    half = HalfSent(cluster, sent.distribution)
    found: list[tuple[Host, int]] = []

    def is_received() -> bool:
        for host in cluster.hosts:
            found.extend((host, worker) for worker in host.receiving(LARGE * 1024 // 4))
        return bool(found)

    until(is_received, "half of an upload was there")
    kill(*found[0])
    assert half.status() != 200
    load.ledger.unknown.append(sent)
    return found[0][0]


def worker(cluster: Cluster, load: Load) -> None:
    def kill(_host: Host, worker: int) -> None:
        os.kill(worker, signal.SIGKILL)

    for number in range(4):
        host = in_the_middle_of_an_upload(cluster, load, number, kill)
        load.goes_on()
        host.wait_for_workers()


def host(cluster: Cluster, load: Load) -> None:
    def kill_all(host: Host, _worker: int) -> None:
        host.kill()

    for number in range(2):
        host = in_the_middle_of_an_upload(cluster, load, number, kill_all)
        load.goes_on()
        host.start()


def volume_server(cluster: Cluster, load: Load) -> None:
    for number in range(2):
        cluster.objects.kill_volume_server(number)
        load.goes_on()
        cluster.objects.start_volume_server(number)


def database(cluster: Cluster, load: Load) -> None:
    for _ in range(3):
        cluster.database.restart_at_once()
        load.goes_on()


@pytest.mark.parametrize("kill", [worker, host, volume_server, database])
def test_nothing_is_lost(cluster: Cluster, kill: Callable[[Cluster, Load], None]) -> None:
    with load_on(cluster, kill.__name__.replace("_", "-")) as load:
        load.goes_on()
        kill(cluster, load)
        load.goes_on()
    assert load.ledger.failed_pulls == []
    assert load.failed_gets() == []
    settle(cluster, load.ledger)
    check_storage(cluster)
    check_kept_promises(cluster, load.ledger)


def test_hosts_restarted_in_turn(cluster: Cluster) -> None:
    """What an administrator does for a new version: no client sees anything of it."""
    with load_on(cluster, "restarted") as load:
        load.goes_on()
        for each in cluster.hosts:
            each.stop()
            load.goes_on()
            each.start()
        load.goes_on()
    assert [answer for answer in load.answers if not 200 <= answer.status < 400] == []
    check_kept_promises(cluster, load.ledger)
