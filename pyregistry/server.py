"""The server that `pserve` starts: waitress, with a stop that loses no request.

    [server:main]
    use = egg:pyregistry-server#waitress

`docs/settings.md` lists what the section may hold.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

import plaster
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import create_server

from pyregistry import lifecycle
from pyregistry.listening import bound_sockets
from pyregistry.settings import Settings, SettingsError, port_of

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

log = logging.getLogger(__name__)

DEFAULTS: Final[Mapping[str, str]] = {
    "host": "127.0.0.1",
    "threads": "8",
    "connection_limit": "1000",
    # select() cannot watch that many connections beside open files.
    "asyncore_use_poll": "true",
    "stop_timeout": "30",
}

# What surrounds the file in the body of an upload: form fields with the
# description of the release, and the boundaries between them.
FORM_FIELDS_SIZE: Final = 64 * 1024**2

_UNLIMITED: Final = 2**62

# A client that has just connected sends its request within this time.
_FIRST_BYTES_SECONDS: Final = 1.0

# Two ways of saying where to listen or whom to trust would contradict each other.
_REFUSED_OPTIONS: Final = {
    "listen": "give host and port",
    "sockets": "give host and port",
    "trusted_proxy": "give pyregistry.trusted_proxies in the application's section",
    "trusted_proxy_count": "give pyregistry.trusted_proxies in the application's section",
    "trusted_proxy_headers": "give pyregistry.trusted_proxies in the application's section",
    "clear_untrusted_proxy_headers": "leave it out; pyregistry decides about these headers",
    "url_scheme": "give pyregistry.public_url in the application's section",
    "url_prefix": "give pyregistry.public_url in the application's section",
}


def waitress_server(
    global_config: Mapping[str, str], **section: str
) -> "Callable[[WSGIApplication], None]":
    """The Paste server factory: binds the address, and returns what serves an application.

    What it returns serves until SIGTERM or SIGINT, then accepts no more
    connections, finishes the requests that have begun, runs
    `pyregistry.lifecycle.stop()` and returns. After `stop_timeout` seconds, or
    at a second signal, it no longer waits for requests.

    Raises `SystemExit` with one sentence where the section, the environment's
    `PORT` or a setting of the application is wrong, or the address is taken.
    """
    try:
        options = _options(global_config, section)
        stop_timeout = _seconds(options.pop("stop_timeout"))
        options["sockets"] = bound_sockets(options, port_of(section, os.environ))
        Adjustments(**options)
    except SettingsError as error:
        raise SystemExit(error.sentence) from None
    except ValueError as error:
        raise SystemExit(f"The server's section of the ini file is wrong: {error}.") from None

    def serve(app: "WSGIApplication") -> None:
        _Serving(app, options, stop_timeout).run()

    return serve


def _options(global_config: Mapping[str, str], section: Mapping[str, str]) -> dict[str, Any]:
    """Waitress's options, and those that become sockets, and `stop_timeout`."""
    for key in section:
        if key in _REFUSED_OPTIONS:
            raise SettingsError(f"The server does not take {key!r}; {_REFUSED_OPTIONS[key]}.")
    options = {**DEFAULTS, "ident": "pyregistry", **section}
    options.pop("port", None)
    if "max_request_body_size" not in options:
        options["max_request_body_size"] = str(_largest_body(global_config))
    # Whose headers count is decided by pyregistry.proxies, which must see them.
    options["clear_untrusted_proxy_headers"] = "false"
    return options


def _largest_body(global_config: Mapping[str, str]) -> int:
    """The size of a body that can be refused before it is received.

    The limit on files is the application's, which tells clients what is wrong.
    But it sees a body when waitress has written all of it to the disk, so what
    is larger than any upload can be must not come so far.
    """
    ini = global_config.get("__file__")
    if not ini:
        return _UNLIMITED
    section = plaster.get_settings(ini, "app:main", dict(global_config))
    settings = Settings.parse({**global_config, **section}, os.environ)
    return settings.upload_max_file_size + FORM_FIELDS_SIZE


def _seconds(text: str) -> float:
    if not text.isdecimal() or len(text) > len("86400"):
        raise SettingsError(f"stop_timeout = {text[:80]!r} is not valid: give seconds, such as 30.")
    return float(text)


class _Serving:
    """Waitress's loop around one application, until a signal stops it."""

    def __init__(
        self, app: "WSGIApplication", options: Mapping[str, Any], stop_timeout: float
    ) -> None:
        self._connections: dict[int, Any] = {}
        self._server = create_server(app, map=self._connections, **options)
        self._listeners = [
            item for item in self._connections.values() if getattr(item, "accepting", False)
        ]
        self._stop_timeout = stop_timeout
        self._signals = 0

    def run(self) -> None:
        self._server.print_listen("Serving on http://{}:{}")
        with self._signals_handled():
            while not self._signals:
                self._poll(1.0)
            log.info("Stopping: finishing the requests that have begun")
            self._close_listeners()
            self._finish_requests()
            self._listeners = []
            self._server.task_dispatcher.shutdown(timeout=1)
            if not self._server.task_dispatcher.threads:
                # A thread that still runs would write to a closed descriptor,
                # which may be another's by then.
                wasyncore.close_all(self._connections)
            lifecycle.stop()

    @contextmanager
    def _signals_handled(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            # Python delivers signals to the main thread alone.
            yield
            return
        previous = {
            number: signal.signal(number, self._count_signal)
            for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _count_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1
        # Python resumes a system call that a signal has interrupted: the loop
        # would sleep on without this.
        for listener in self._listeners:
            listener.pull_trigger()

    def _poll(self, timeout: float) -> None:
        wasyncore.loop(timeout=timeout, use_poll=True, map=self._connections, count=1)

    def _close_listeners(self) -> None:
        # First one more round: what waits in the kernel's queue has been
        # promised an answer, and closing the listener would reset it.
        for listener in self._listeners:
            for _ in range(listener.adj.backlog):
                before = len(self._connections)
                listener.handle_accept()
                if len(self._connections) == before:
                    break
            # Not listener.close(): that takes away the trigger by which threads
            # tell the loop that a response is ready.
            wasyncore.dispatcher.close(listener)
        self._poll(0)

    def _finish_requests(self) -> None:
        deadline = time.monotonic() + self._stop_timeout
        while self._close_idle_channels():
            if time.monotonic() >= deadline or self._signals > 1:
                log.warning("Stopping: requests were cut off")
                return
            self._poll(0.2)

    def _close_idle_channels(self) -> bool:
        """Whether there are still channels that receive, work or send."""
        channels = [
            item for item in list(self._connections.values()) if isinstance(item, HTTPChannel)
        ]
        for channel in channels:
            if not _is_busy(channel):
                channel.handle_close()
        return any(channel.connected for channel in channels)


def _is_busy(channel: HTTPChannel) -> bool:
    if channel.requests or channel.request is not None or channel.total_outbufs_len:
        return True
    silent = channel.last_activity == channel.creation_time
    return bool(silent and time.time() - channel.creation_time < _FIRST_BYTES_SECONDS)
