"""A load of uploads, pulls and deletes, and what must be true of the registry after it."""

import hashlib
import queue
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.factories.distributions import Distribution, wheel
from tests.faults.clients import API, BROKEN, Answered, Client, Unanswered
from tests.faults.cluster import PROJECT, Cluster
from tests.faults.programs import until

UPLOADERS = 2
PULLERS = 3
VERSIONS = 25
"""How many releases a package has."""
KEPT = 8
"""Files that exist throughout."""
READ = (f"{API}/packages", API, f"/{PROJECT}/-/simple/", f"{API}/packages?order_by=created_at")
"""What is looked at besides."""
KINDS = ("upload", "pull", "delete", "read")


@dataclass(frozen=True)
class Sent:
    """A release of one file that a client has sent."""

    name: str
    version: str
    distribution: Distribution = field(repr=False)


@dataclass
class Ledger:
    """What clients were told, by all of them together."""

    kept: list[Sent] = field(default_factory=list)
    acknowledged: list[Sent] = field(default_factory=list)
    unknown: list[Sent] = field(default_factory=list)
    """Uploads without an answer that says whether they were taken."""
    deleted: list[Sent] = field(default_factory=list)
    not_deleted: list[Sent] = field(default_factory=list)
    """Deletes without an answer that says whether they were done."""
    failed_pulls: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    """What the clients themselves could not cope with."""


class Load:
    """Clients that go on until the block ends: two publish, three pull, one deletes, one reads."""

    def __init__(self, cluster: Cluster, label: str) -> None:
        self._cluster = cluster
        self.label = label
        self._stopping = threading.Event()
        self._to_delete: queue.SimpleQueue[Sent] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._clients: list[Client] = []
        self.ledger = Ledger()
        self.done: Counter[str] = Counter()

    def __enter__(self) -> Self:
        self._publish_what_is_kept()
        work = [
            *((f"upload-{number}", self._upload) for number in range(UPLOADERS)),
            *((f"pull-{number}", self._pull) for number in range(PULLERS)),
            ("delete", self._delete),
            ("read", self._read),
        ]
        for name, target in work:
            self._threads.append(threading.Thread(target=self._run, args=(name, target)))
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def goes_on(self, times: int = 5) -> None:
        """Wait until every kind of client has got so many more answers that it wanted."""
        before = Counter(self.done)
        until(
            lambda: all(self.done[kind] - before[kind] >= times for kind in KINDS),
            f"the load went on: {self.done} since {before}",
        )

    @property
    def answers(self) -> list[Answered]:
        """What all clients were answered."""
        return [answer for client in self._clients for answer in client.answers]

    def failed_gets(self) -> list[Answered]:
        """The answers to GET that say that something is broken, and those that never came."""
        gets = (answer for answer in self.answers if answer.method == "GET")
        return [answer for answer in gets if answer.status == BROKEN or answer.status >= 500]

    def summary(self) -> str:
        """What clients saw, in one line for each kind of request."""
        lines = []
        for method in ("GET", "POST", "DELETE"):
            answers = [answer for answer in self.answers if answer.method == method]
            statuses = Counter(answer.status for answer in answers)
            slowest = max((answer.seconds for answer in answers), default=0.0)
            lines.append(f"{method}: {dict(sorted(statuses.items()))}, slowest {slowest:.2f} s")
        return "; ".join(lines)

    def _client(self) -> Client:
        client = Client(self._cluster)
        self._clients.append(client)
        return client

    def _publish_what_is_kept(self) -> None:
        client = self._client()
        for number in range(KEPT):
            sent = made(f"{self.label}-kept", f"{number}.0")
            answer = client.publish(sent.distribution)
            assert answer.status == 200, answer
            self.ledger.kept.append(sent)

    def _run(self, name: str, work: Callable[[str, Client], Iterator[str]]) -> None:
        try:
            for kind in work(name, self._client()):
                self.done[kind] += 1
                if self._stopping.is_set():
                    return
        except Exception as error:  # noqa: BLE001 -- told by the test, which runs in another thread
            self.ledger.errors.append(f"{name}: {error!r}")

    def _upload(self, name: str, client: Client) -> Iterator[str]:
        number = 0
        while True:
            package, version = divmod(number, VERSIONS)
            sent = made(f"{self.label}-{name}-{package}", f"{version}.0")
            number += 1
            if client.publish(sent.distribution).status != 200:
                self.ledger.unknown.append(sent)
                yield "unknown upload"
                continue
            if number % 2 == 0:
                self._to_delete.put(sent)
            else:
                self.ledger.acknowledged.append(sent)
            yield "upload"

    def _pull(self, _name: str, client: Client) -> Iterator[str]:
        # The same in every run; which file is pulled when is of no importance.
        chosen = random.Random(_name)
        while True:
            sent = chosen.choice(self.ledger.kept)
            try:
                client.download(client.files(sent.name)[sent.distribution.filename])
            except (Unanswered, KeyError) as error:
                self.ledger.failed_pulls.append(f"{sent}: {error!r}")
                yield "failed pull"
            else:
                yield "pull"

    def _read(self, _name: str, client: Client) -> Iterator[str]:
        while True:
            for path in READ:
                status = client.ask("GET", path).status
                yield "read" if status == 200 else f"read with {status}"

    def _delete(self, _name: str, client: Client) -> Iterator[str]:
        while True:
            try:
                sent = self._to_delete.get(timeout=0.2)
            except queue.Empty:
                yield "nothing to delete"
                continue
            if _delete(client, sent):
                self.ledger.deleted.append(sent)
                yield "delete"
            else:
                self.ledger.not_deleted.append(sent)
                yield "unknown delete"


def made(name: str, version: str) -> Sent:
    """A release whose file is like no other, of a few to a few hundred kilobytes."""
    seed = f"{name} {version}"
    return made_of(name, version, 1 + int(hashlib.sha256(seed.encode()).hexdigest(), 16) % 200)


def made_of(name: str, version: str, size: int) -> Sent:
    """A release whose file is like no other, of so many kilobytes."""
    seed = f"{name} {version}"
    payload = random.Random(seed).randbytes(size * 1024)
    distribution = wheel(name, version, files={f"{name.replace('-', '_')}/data.bin": payload})
    return Sent(name, version, distribution)


def _delete(client: Client, sent: Sent) -> bool:
    """Whether the client was told that the release is gone."""
    try:
        release = client.release_id(sent.name, sent.version)
    except Unanswered:
        return False
    # nginx sends a DELETE again where a host breaks off: then the first may have been done.
    return release is not None and client.delete(release).status in (204, 404)


@contextmanager
def load_on(cluster: Cluster, label: str) -> Iterator[Load]:
    """A load; when the block ends, what was not answered is settled."""
    load = Load(cluster, label)
    with load:
        yield load
    print(f"\n{label}: {dict(load.done)}; {load.summary()}")
    assert load.ledger.errors == []
