"""Eight clients upload one filename at once, through nginx, to four processes on two hosts."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from pyregistry.db import Database
from pyregistry.events.models import Event
from pyregistry.packaging.models import File
from tests.factories.distributions import Distribution, sdist
from tests.faults.clients import Answered, Client
from tests.faults.cluster import Cluster

pytestmark = [pytest.mark.faults, pytest.mark.postgresql]

CLIENTS = 8


def published_at_once(cluster: Cluster, rivals: Sequence[Distribution]) -> list[Answered]:
    """What each of the clients is answered, all of which begin at the same moment."""
    barrier = Barrier(len(rivals))

    def publish(distribution: Distribution) -> Answered:
        client = Client(cluster)
        # The connection is there already.
        client.files("nothing")
        barrier.wait()
        return client.publish(distribution)

    with ThreadPoolExecutor(len(rivals)) as pool:
        return list(pool.map(publish, rivals))


def rows_of(cluster: Cluster, filename: str) -> list[str]:
    """The digests of the rows with that filename."""
    database = Database(cluster.database.url)
    with database.reading() as session:
        found = list(session.scalars(select(File.sha256).where(File.filename == filename)))
    database.dispose()
    return found


def pushes_of(cluster: Cluster, name: str) -> int:
    """How often the audit log says that a file of a package was published."""
    database = Database(cluster.database.url)
    with database.reading() as session:
        pushed = select(func.count()).where(Event.action == "file.pushed")
        found = session.scalars(pushed.where(Event.package == name)).one()
    database.dispose()
    return found


def objects_among(cluster: Cluster, rivals: Sequence[Distribution]) -> set[str]:
    """Which of these files lie in the bucket."""
    storage = cluster.storage()
    found = {each.sha256 for each in rivals if storage.exists(each.sha256)}
    storage.close()
    return found


def test_with_the_same_bytes(cluster: Cluster) -> None:
    same = sdist("same-bytes")
    answers = published_at_once(cluster, [same] * CLIENTS)
    assert [answer.status for answer in answers] == [200] * CLIENTS
    said = sorted(answer.body.decode().strip() for answer in answers)
    assert said == ["Published."] + [said[-1]] * (CLIENTS - 1)
    assert said[-1] == "This very file was published already; nothing has changed."
    assert rows_of(cluster, same.filename) == [same.sha256]
    assert pushes_of(cluster, "same-bytes") == 1
    assert objects_among(cluster, [same]) == {same.sha256}


def test_with_other_bytes(cluster: Cluster) -> None:
    rivals = [sdist("other-bytes", files={"who.txt": b"%d" % each}) for each in range(CLIENTS)]
    answers = published_at_once(cluster, rivals)
    assert sorted(answer.status for answer in answers) == [200] + [409] * (CLIENTS - 1)
    assert all(b"already exists" in each.body for each in answers if each.status == 409)
    winner = next(rivals[at] for at, answer in enumerate(answers) if answer.status == 200)
    assert rows_of(cluster, winner.filename) == [winner.sha256]
    assert pushes_of(cluster, "other-bytes") == 1
    # What others had stored before they were refused belongs to nobody, until it is swept.
    cluster.hosts[0].command("storage", "sweep", "--grace", "0")
    assert objects_among(cluster, rivals) == {winner.sha256}
    client = Client(cluster)
    address = client.files("other-bytes")[winner.filename]
    assert client.download(address) == winner.content
