"""What it costs to watch a request: python -m benchmarks.watching [--folder FOLDER]."""

import argparse
import logging
import os
import statistics
import time
import timeit
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyregistry.logs import JSONFormatter, RequestFormatter
from pyregistry.watching.shared_folder import share

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication

_REQUESTS = 20_000
_REPEATS = 7
_BODY = b"x" * 1000


def main() -> None:
    """Print microseconds a request, alone and watched."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="count in this folder, as several workers do")
    options = parser.parse_args()
    if options.folder is not None:
        share(options.folder)
    # After the folder is known: the library asks for it when it is imported.
    from pyregistry.watching.metrics import Metrics  # noqa: PLC0415
    from pyregistry.watching.middleware import Watched  # noqa: PLC0415

    watched = Watched(answer, Metrics(options.folder))
    alone = microseconds(answer)
    print(f"{'microseconds a request':<40} {alone:6.1f}")
    logger = logging.getLogger("pyregistry.access")
    logger.propagate = False
    print(f"{'counted':<40} {microseconds(watched) - alone:6.1f}")
    logger.setLevel(logging.INFO)
    with Path(os.devnull).open("w") as nowhere:
        handler = logging.StreamHandler(nowhere)
        logger.addHandler(handler)
        for name, formatter in (
            ("counted, and logged as text", RequestFormatter("%(asctime)s %(message)s")),
            ("counted, and logged as JSON", JSONFormatter()),
        ):
            handler.setFormatter(formatter)
            print(f"{name:<40} {microseconds(watched) - alone:6.1f}")


def answer(_environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
    """An application that does nothing."""
    start_response("200 OK", [("Content-Length", str(len(_BODY)))])
    return [_BODY]


def microseconds(application: "WSGIApplication") -> float:
    """The processor time of a request to an application: the median of some rounds."""

    def start(_status: str, _headers: object, *_error: object) -> Any:
        return None

    def ask() -> None:
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": "/acme/core/-/simple/demo/",
            "REMOTE_ADDR": "192.0.2.7",
            "pyregistry.request_id": "0123456789abcdef",
        }
        application(environ, start)

    rounds = timeit.repeat(ask, timer=time.process_time, number=_REQUESTS, repeat=_REPEATS)
    return statistics.median(rounds) / _REQUESTS * 1e6


if __name__ == "__main__":
    main()
