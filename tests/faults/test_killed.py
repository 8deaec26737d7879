"""Parts of a cluster are killed in the middle of a load of uploads, pulls and deletes."""

from collections.abc import Callable

import pytest

from tests.faults.cluster import Cluster
from tests.faults.load import load_on
from tests.faults.truth import check_kept_promises, check_rows_and_objects, settle

pytestmark = [pytest.mark.faults, pytest.mark.postgresql]


def worker(cluster: Cluster, goes_on: Callable[[], None]) -> None:
    for each in cluster.hosts:
        each.kill_worker()
        goes_on()
        each.wait_for_workers()


def host(cluster: Cluster, goes_on: Callable[[], None]) -> None:
    for each in cluster.hosts:
        each.kill()
        goes_on()
        each.start()


def volume_server(cluster: Cluster, goes_on: Callable[[], None]) -> None:
    for number in range(2):
        cluster.objects.kill_volume_server(number)
        goes_on()
        cluster.objects.start_volume_server(number)


def database(cluster: Cluster, goes_on: Callable[[], None]) -> None:
    for _ in range(2):
        cluster.database.restart_at_once()
        goes_on()


@pytest.mark.parametrize("kill", [worker, host, volume_server, database])
def test_nothing_is_lost(cluster: Cluster, kill: Callable[..., None]) -> None:
    with load_on(cluster, kill.__name__.replace("_", "-")) as load:
        load.goes_on()
        kill(cluster, load.goes_on)
        load.goes_on()
    assert load.ledger.failed_pulls == []
    assert load.failed_gets() == []
    settle(cluster, load.ledger)
    for each in cluster.hosts:
        # What killed uploads have left goes, and nothing else does.
        each.command("storage", "sweep", "--grace", "0")
        assert list(each.spool.iterdir()) == []
    check_kept_promises(cluster, load.ledger)
    check_rows_and_objects(cluster)
