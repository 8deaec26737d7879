"""How long pages take where there are many packages: python -m benchmarks.pages --help."""

import statistics
import time
from collections.abc import Iterator
from http import HTTPStatus

from webob import Request

from benchmarks.registries import GROUP, READER, SINGLE, parser_of, prepared
from pyregistry.packaging.services.pages import PackageOrder
from tests.factories.world import World, basic

_DESCRIPTION = (
    "Then asks the application in this process for pages, as somebody with a role in the group."
)
_SEARCHES = ("a", "alpha", "core-data", "ada+lovelace", "lovelace+alpha-bravo-17", "no-such-name")


def main() -> None:
    """Fill a registry, ask for pages, and print how long each took."""
    options = parser_of("pages", _DESCRIPTION, packages=10_000).parse_args()
    with prepared(options) as registry:
        headers = {"Accept": "text/html", **basic(registry.world.token(READER))}
        print(f"{'milliseconds':<52} {'least':>8} {'median':>8} {'most':>8} {'bytes':>8}")
        slowest = max(
            _measure(registry.world, address, headers, options.repeats) for address in _addresses()
        )
        print(f"the slowest median: {slowest:.1f}")


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
