"""Uploads by several clients at once, each on a connection that it keeps."""

import http.client
import queue
import threading
import time
from collections.abc import Sequence
from contextlib import closing

from benchmarks.comparison.answers import PATIENCE
from benchmarks.comparison.target import Upload

CLIENTS = 8
_TAKEN = {200, 201}


def send_all(uploads: Sequence[Upload], clients: int = CLIENTS) -> float:
    """Send all uploads; the seconds that it took. Raises `AssertionError` where one is refused."""
    sent, seconds = send_for(uploads, float("inf"), clients)
    assert sent == len(uploads), f"{sent} of {len(uploads)} uploads were sent"
    return seconds


def send_for(
    uploads: Sequence[Upload], seconds: float, clients: int = CLIENTS
) -> tuple[int, float]:
    """Send uploads until none is left or the time is over: how many, and in how many seconds.

    Each that has begun is finished. Raises `AssertionError` where one is refused.
    """
    waiting: queue.SimpleQueue[Upload] = queue.SimpleQueue()
    for upload in uploads:
        waiting.put(upload)
    sent: list[int] = []
    wrong: list[str] = []
    began = time.monotonic()

    def client() -> None:
        try:
            sent.append(_send(waiting, began + seconds))
        except (OSError, http.client.HTTPException, AssertionError) as error:
            wrong.append(repr(error))

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    assert not wrong, wrong[0]
    return sum(sent), took


def _send(waiting: "queue.SimpleQueue[Upload]", until: float) -> int:
    """Send what waits, one after the other, on one connection; how many were taken."""
    count = 0
    connection: http.client.HTTPConnection | None = None
    while time.monotonic() < until:
        try:
            upload = waiting.get_nowait()
        except queue.Empty:
            break
        if connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", upload.port, timeout=PATIENCE)
        connection.request("POST", upload.path, upload.body, upload.headers)
        response = connection.getresponse()
        said = response.read()
        assert response.status in _TAKEN, f"{response.status} {said[:300]!r}"
        count += 1
    if connection is not None:
        with closing(connection):
            pass
    return count
