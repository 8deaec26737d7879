"""The application of an ini file, asked over and over in this process, and profiled.

Reads the question as JSON from standard input, and prints what it found as JSON.
"""

import cProfile
import json
import pstats
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from wsgiref.util import setup_testing_defaults

import plaster

_WARM = 20
_PACKAGE = re.compile(r"(?:site-packages|python3\.\d+)/([A-Za-z0-9_]+)")
_OURS = re.compile(r"/(pyregistry|benchmarks)/")
_NAMED = {
    *("pyregistry", "benchmarks", "pyramid", "webob", "sqlalchemy", "psycopg", "sqlite3", "zope"),
    *("pyramid_tm", "transaction", "pyramid_retry", "jinja2"),
}


def main() -> None:
    """Ask and print: microseconds of processor time a request, and percents by package."""
    asked = json.load(sys.stdin)
    application = plaster.get_loader(asked["ini"], protocols=["wsgi"]).get_wsgi_app()
    call = _call(application, asked)
    for _ in range(_WARM):
        call()
    count = asked["count"]
    began = time.process_time()
    for _ in range(count):
        call()
    microseconds = (time.process_time() - began) / count * 1e6
    print("\n" + json.dumps({"microseconds": microseconds, **_shares(call, count)}))


def _call(application: Any, asked: dict[str, Any]) -> Callable[[], None]:
    """What sends the question to a WSGI application. Raises `AssertionError` for another status."""
    base: dict[str, Any] = {"PATH_INFO": asked["path"], "REMOTE_ADDR": "127.0.0.1"}
    setup_testing_defaults(base)
    for name, value in asked["headers"].items():
        base[f"HTTP_{name.upper().replace('-', '_')}"] = value

    def start(status: str, _headers: object, *_error: object) -> Any:
        assert status.startswith("200"), status

    def call() -> None:
        body = application(dict(base), start)
        for _ in body:
            pass
        close = getattr(body, "close", None)
        if close is not None:
            close()

    return call


def _shares(call: Callable[[], None], count: int) -> dict[str, float]:
    """Percents of the time by package; profiling makes all of them slower, small calls most."""
    profile = cProfile.Profile(time.process_time)
    profile.enable()
    for _ in range(count):
        call()
    profile.disable()
    found: defaultdict[str, float] = defaultdict(float)
    stats: Any = pstats.Stats(profile)
    for (file, _line, function), (_calls, _all, own, _with, _callers) in stats.stats.items():
        found[_package(file, function)] += own
    total = sum(found.values()) or 1
    return {f"share_{name}": 100 * own / total for name, own in found.items() if own > total / 100}


def _package(file: str, function: str) -> str:
    """The package that a function is part of; what is written in C says it in its name."""
    ours = _OURS.search(file)
    if ours:
        return ours[1]
    found = _PACKAGE.search(file)
    if found:
        return found[1] if found[1] in _NAMED else "other"
    said = re.search(r"(sqlite3|psycopg|sqlalchemy|zope|webob)", function)
    return said[1] if said else "python"


if __name__ == "__main__":
    main()
