"""The server that `pserve` starts for production: gunicorn, several worker processes.

    [server:main]
    use = egg:pyregistry-server#gunicorn
    workers = 2

`docs/settings.md` lists what the section may hold. Bodies of requests are passed on while they
come in: nothing is written to the disk, or held in memory, before the application asks for it.
"""

import os
import signal
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from pyregistry.listening import bound_sockets
from pyregistry.settings import SettingsError, port_of
from pyregistry.settings.errors import not_accepted
from pyregistry.settings.parsers import whole_number
from pyregistry.worker_process import HANDLED_SIGNALS, WorkerProcess

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

_DAY: Final = 24 * 60 * 60

# Key, default, and what it may be.
_NUMBERS: Final[Mapping[str, tuple[int, Callable[[str], int]]]] = {
    "workers": (2, whole_number(1, 1000)),
    "threads": (8, whole_number(1, 1000)),
    "connection_limit": (1000, whole_number(1, 100_000)),
    "stop_timeout": (30, whole_number(0, _DAY)),
    "client_timeout": (60, whole_number(1, _DAY)),
    # Longer than nginx keeps a connection that it does not use: who closes it first must be the
    # one that sends requests.
    "keep_alive": (75, whole_number(0, _DAY)),
}
_PLACES: Final = frozenset({"host", "port", "unix_socket", "unix_socket_perms"})

# A worker needs this long, in seconds, to write down what it has counted after its last request.
_FAREWELL: Final = 15

# Seconds after which a worker whose main thread does nothing any more is replaced. Requests, of
# whatever length, run in other threads.
_HEARTBEAT: Final = 120


def gunicorn_server(
    _global_config: Mapping[str, str], **section: str
) -> "Callable[[WSGIApplication], None]":
    """The Paste server factory: binds the address, and returns what serves an application.

    What it returns forks `workers` processes, starts another for each that ends, and serves
    until SIGTERM: then no more connections are accepted, the requests that have begun are
    finished, each worker runs `pyregistry.lifecycle.stop()`, and the program exits with status
    0. After `stop_timeout` seconds, or at SIGINT or SIGQUIT, it no longer waits for requests.

    Raises `SystemExit` with one sentence where the section or the environment's `PORT` is
    wrong, or the address is taken.
    """
    return prefork_server(section, WorkerProcess)


def prefork_server(
    section: Mapping[str, str], process: type[Worker]
) -> "Callable[[WSGIApplication], None]":
    """As `gunicorn_server`; `process` is what serves in each of the worker processes."""
    try:
        numbers = _numbers(section)
        places = {"host": "127.0.0.1", **{key: section[key] for key in _PLACES & set(section)}}
        sockets = bound_sockets(places, port_of(section, os.environ))
    except SettingsError as error:
        raise SystemExit(error.sentence) from None
    except ValueError as error:
        raise SystemExit(f"The server's section of the ini file is wrong: {error}.") from None
    # gunicorn makes sockets of its own from these numbers, and closes them.
    addresses = [f"fd://{bound.detach()}" for bound in sockets]

    def serve(app: "WSGIApplication") -> None:
        _Gunicorn(app, _options(numbers, addresses, process)).run()

    return serve


def _numbers(section: Mapping[str, str]) -> dict[str, int]:
    """The numbers of the section, and the defaults of those that it does not have."""
    for key in section:
        if key not in _NUMBERS and key not in _PLACES:
            known = ", ".join(sorted({*_NUMBERS, *_PLACES}))
            raise SettingsError(f"The server does not take {key!r}; it takes {known}.")
    numbers = {}
    for key, (default, parse) in _NUMBERS.items():
        try:
            numbers[key] = parse(section[key].strip()) if key in section else default
        except ValueError as error:
            raise not_accepted(key, section[key], str(error)) from None
    return numbers


def _options(
    numbers: Mapping[str, int], addresses: list[str], process: type[Worker]
) -> dict[str, Any]:
    """What gunicorn is told."""
    return {
        "bind": addresses,
        "workers": numbers["workers"],
        "threads": numbers["threads"],
        "worker_class": process,
        "worker_connections": numbers["threads"] + numbers["connection_limit"],
        # The parent waits for longer than the workers do, or it would kill one that is
        # writing down what it has counted.
        "graceful_timeout": numbers["stop_timeout"] + _FAREWELL,
        "timeout": _HEARTBEAT,
        "keepalive": numbers["keep_alive"],
        "limit_request_line": 8190,
        # Whose headers count is decided by pyregistry.proxies, which must see them: gunicorn
        # heeds none, and so need not look who sends them.
        "forwarded_allow_ips": "*",
        "secure_scheme_headers": {},
        "forwarder_headers": "",
        # A socket in the home folder by which the server could be changed while it runs.
        "control_socket_disable": True,
        "errorlog": None,
        "logger_class": _Log,
        "post_fork": _post_fork(numbers),
    }


def _post_fork(numbers: Mapping[str, int]) -> Callable[[Any, Any], None]:
    def post_fork(_arbiter: Any, worker: Any) -> None:
        worker.cfg.set("graceful_timeout", numbers["stop_timeout"])
        worker.client_timeout = float(numbers["client_timeout"])

    return post_fork


class _Log(Logger):
    """Passes on what gunicorn says to the handlers of the ini file."""

    def setup(self, cfg: Any) -> None:
        """Have no handlers and no level of its own."""
        super().setup(cfg)
        self.error_log.setLevel("NOTSET")
        self.error_log.propagate = True


class _Parent(Arbiter):
    """gunicorn's parent process, whose signals reach workers that have just been forked.

    Until a worker has its own handlers it has those of the parent, which put a signal where
    nobody looks any more: a stop would wait for that worker until its time is over.
    """

    def spawn_worker(self) -> Any:
        """Fork a worker, in which signals wait until it can handle them."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED_SIGNALS)
        try:
            return super().spawn_worker()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Gunicorn(BaseApplication):
    """gunicorn around an application that exists already."""

    def __init__(self, app: "WSGIApplication", options: Mapping[str, Any]) -> None:
        self._app = app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Take the options; no file and no variable of the environment is asked."""
        for key, value in self._options.items():
            self.cfg.set(key, value)

    def load(self) -> "WSGIApplication":
        """The application."""
        return self._app

    def run(self) -> None:
        """Serve until a signal. Raises `SystemExit`."""
        _Parent(self).run()
