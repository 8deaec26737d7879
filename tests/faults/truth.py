"""What must be true of a registry after a fault, whatever clients saw meanwhile."""

from collections import defaultdict

from tests.faults.clients import Client
from tests.faults.cluster import Cluster
from tests.faults.load import Ledger, Sent


def check_kept_promises(cluster: Cluster, ledger: Ledger) -> None:
    """Every acknowledged upload is there with its digest, every acknowledged delete is gone."""
    client = Client(cluster)
    by_name: dict[str, list[Sent]] = defaultdict(list)
    for sent in [*ledger.kept, *ledger.acknowledged]:
        by_name[sent.name].append(sent)
    for name, all_sent in by_name.items():
        files = client.files(name)
        for sent in all_sent:
            address = files[sent.distribution.filename]
            assert client.download(address) == sent.distribution.content
    for sent in ledger.deleted:
        assert sent.distribution.filename not in client.files(sent.name), sent
        assert client.release_id(sent.name, sent.version) is None


def settle(cluster: Cluster, ledger: Ledger) -> None:
    """What was not answered is done again, as its clients would: nothing stands in the way."""
    client = Client(cluster)
    for sent in ledger.unknown:
        answer = client.publish(sent.distribution)
        assert answer.status == 200, (answer, answer.body)
        ledger.acknowledged.append(sent)
    for sent in ledger.not_deleted:
        release = client.release_id(sent.name, sent.version)
        if release is not None:
            assert client.delete(release).status == 204
        ledger.deleted.append(sent)
    ledger.unknown, ledger.not_deleted = [], []


def check_storage(cluster: Cluster) -> None:
    """What killed uploads have left is swept, and every file has its bytes, as the command says."""
    for host in cluster.hosts:
        host.command("storage", "sweep", "--grace", "0")
        assert list(host.spool.iterdir()) == []
    report = cluster.hosts[0].command("storage", "verify")
    for trouble in ("Missing", "Wrong digest or size", "Failed"):
        assert f"{trouble}: 0\n" in report, report
