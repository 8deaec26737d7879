"""A worker process of gunicorn's parent in which granian serves.

granian's own parent is not used: each of its processes binds the address for itself, so that a
second server on the same port is not noticed and what waits for a process that was killed is lost;
it gives the environment, with its secrets, to every request; it kills a process that does not stop
in time before that has written down what it counted.
"""

import asyncio
import logging
import os
import select
import signal
import socket
import threading
import time
from typing import Any, Final

from granian._futures import _new_cbscheduler
from granian._granian import SocketHolder, WorkerSignal, WSGIWorker
from granian.http import HTTP1Settings
from gunicorn.workers.base import Worker

from pyregistry import lifecycle
from pyregistry.granian_requests import Requests
from pyregistry.silent_clients import SilentClients
from pyregistry.worker_process import HANDLED_SIGNALS

log = logging.getLogger(__name__)

# What is read at once: the head of a request is at most as long, and a piece of a body, too.
_BUFFER_SIZE: Final = 128 * 1024

# Seconds after which the parent is told again that this process lives.
_HEARTBEAT: Final = 1.0


class GranianProcess(Worker):
    """One of several processes that serve the application."""

    client_timeout: float = 60.0

    def __init__(self, *arguments: Any) -> None:
        """As gunicorn's parent makes it, before the fork."""
        super().__init__(*arguments)
        self._is_hurried = False

    def init_process(self) -> None:
        """Serve until the end of this process. Called by gunicorn after the fork."""
        try:
            lifecycle.forked()
            super().init_process()
        finally:
            lifecycle.stop()
            if self.booted:
                logging.shutdown()
                # The threads of granian are not Python's, and may still be at work.
                os._exit(0)

    def init_signals(self) -> None:
        """Handle signals, and those first that came before this process could."""
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED_SIGNALS)

    def handle_quit(self, _number: int, _frame: Any) -> None:
        """Stop, and wait for nobody."""
        self._is_hurried = True
        self.alive = False

    def run(self) -> None:
        """Serve until a signal, or until the parent has gone; then finish what has begun."""
        silent = SilentClients(self.client_timeout, float(self.cfg.keepalive))
        requests = Requests(self.wsgi, silent, is_alone=self.cfg.workers == 1)
        silent.watch([listener.sock for listener in self.sockets])
        serving = [_Listener(self, listener.sock, requests) for listener in self.sockets]
        while self.alive and os.getppid() == self.ppid:
            self.notify()
            select.select([self.PIPE[0]], [], [], _HEARTBEAT)
        ends = time.monotonic() + self.cfg.graceful_timeout
        for listener in serving:
            listener.stop()
        while not all(listener.has_ended() for listener in serving):
            if self._is_hurried or time.monotonic() >= ends:
                log.warning("Stopping: requests were cut off")
                return
            self.notify()

    def handler_settings(self) -> dict[str, Any]:
        """What granian is told, in its own words."""
        keep_alive = float(self.cfg.keepalive)
        return {
            "threads": 1,
            "blocking_threads": 1,
            "py_threads": self.cfg.threads,
            "backpressure": self.cfg.worker_connections,
            "http_mode": "1",
            "http1_opts": HTTP1Settings(
                # granian has one time for both: until a head is complete, and until one begins.
                header_read_timeout=int(1000 * (keep_alive or self.client_timeout)),
                keep_alive=keep_alive > 0,
                max_buffer_size=_BUFFER_SIZE,
            ),
        }


class _Listener:
    """granian at one socket."""

    def __init__(self, process: GranianProcess, bound: socket.socket, requests: Requests) -> None:
        is_unix = bound.family == socket.AF_UNIX
        if not is_unix:
            _give_up_dead_clients(bound, process.client_timeout)
        self._ended = threading.Event()
        self._signal = WorkerSignal()
        self._signal.add_cb(self._ended.set)
        # granian closes it: what a stopping process listens on must be closed in all of them.
        holder = SocketHolder(bound.detach(), is_unix, process.cfg.backlog)
        settings = process.handler_settings()
        self._worker = WSGIWorker(process.age, (None, holder), None, **settings)
        serve = self._worker.serve_mtr_uds if is_unix else self._worker.serve_mtr
        # Nothing of what WSGI needs runs in the loop.
        loop = asyncio.new_event_loop()
        serve(_new_cbscheduler(loop, requests, impl_asyncio=True), loop, self._signal)

    def stop(self) -> None:
        """Accept no more connections, and close each when its request was answered."""
        self._signal.set()

    def has_ended(self) -> bool:
        """Whether no connection is left; waits for it for a moment."""
        return self._ended.wait(_HEARTBEAT / 10)


def _give_up_dead_clients(bound: socket.socket, timeout_seconds: float) -> None:
    """Have the kernel end connections whose client is gone without a word.

    Connections inherit it from the socket that listens. Clients that are there, and say nothing,
    are the concern of `SilentClients`.
    """
    seconds = max(1, int(timeout_seconds))
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 1000 * seconds)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, seconds)
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, max(1, seconds // 4))
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
