"""How long pages take where there are many packages: python -m benchmarks.pages --help."""

import argparse
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory

from webob import Request

from benchmarks.lists import GROUP, READER, SINGLE, database_in, filled_world
from pyregistry.packaging.services.pages import PackageOrder
from tests.factories.world import World, basic

_SEARCHES = ("a", "alpha", "core-data", "ada+lovelace", "lovelace+alpha-bravo-17", "no-such-name")


def main() -> None:
    """Fill a registry, ask for pages, and print how long each took."""
    options = _parser().parse_args()
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(TemporaryDirectory()))
        url, _ = stack.enter_context(database_in(options.database, folder))
        world = filled_world(url, folder, options.packages, options.projects)
        stack.callback(world.components.database.dispose)
        stack.callback(world.components.recorder.stop)
        headers = {"Accept": "text/html", **basic(world.token(READER))}
        print(f"{options.database}, twice {options.packages:,} packages")
        print(f"{'milliseconds':<52} {'least':>8} {'median':>8} {'most':>8} {'bytes':>8}")
        slowest = max(
            _measure(world, address, headers, options.repeats) for address in _addresses()
        )
        print(f"the slowest median: {slowest:.1f}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.pages",
        description="Fills a registry as benchmarks.lists does, and asks the application in this "
        "process for pages, as somebody with a role in the group.",
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--packages", type=int, default=10_000, metavar="NUMBER")
    parser.add_argument("--projects", type=int, default=200, metavar="NUMBER")
    parser.add_argument("--repeats", type=int, default=10, metavar="NUMBER")
    parser.add_argument("--folder", type=Path, metavar="PATH", help="keep the database there")
    return parser


def _addresses() -> Iterator[str]:
    yield "/"
    yield f"/{GROUP}/"
    yield f"/{GROUP}/-/packages"
    yield from (f"/{GROUP}/-/packages?q={text}" for text in _SEARCHES)
    for order in PackageOrder:
        yield f"/{SINGLE}/?sort={order}"
        yield f"/{SINGLE}/?sort=-{order}"
    yield from (f"/{SINGLE}/?sort=-pulls&q={text}" for text in _SEARCHES)
    yield f"/{SINGLE}/?sort=-size&status=archived"
    yield from (f"/-/search?q={text}" for text in _SEARCHES)


def _measure(world: World, address: str, headers: dict[str, str], repeats: int) -> float:
    """Print how long an answer takes. The median, in milliseconds."""
    times, size = [], 0
    for _ in range(repeats + 1):
        request = Request.blank(address, headers=headers)
        began = time.perf_counter()
        response = request.get_response(world.app.app)
        size = len(response.body)
        times.append((time.perf_counter() - began) * 1000)
        if response.status_int != HTTPStatus.OK:
            raise SystemExit(f"{address}: {response.status}")
    del times[0]
    middle = statistics.median(times)
    print(f"{address:<52} {min(times):8.1f} {middle:8.1f} {max(times):8.1f} {size:8,}", flush=True)
    return middle


if __name__ == "__main__":
    main()
