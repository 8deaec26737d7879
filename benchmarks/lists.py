"""How long the registry takes for a page of long lists: python -m benchmarks.lists --help."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from webob import Request

from benchmarks.registries import READER, Prepared, parser_of, prepared
from tests.factories.world import World, basic

LISTS = {
    "group": "/api/v4/groups/bench/packages",
    "project": "/api/v4/projects/single%2Fall/packages",
}
ORDERS = ("created_at", "name", "version", "project_path")
_DESCRIPTION = (
    "Then asks the application in this process, as somebody with a role in the group, for the "
    "first, middle and last pages of its lists, and prints how many milliseconds each took, and "
    "how much processor time of application and database: other programs lengthen the one and "
    "not the other."
)
_PER_PAGE = 20
_TURNS = 25


@dataclass(frozen=True)
class Question:
    """What is asked, by whom."""

    label: str
    address: str
    headers: dict[str, str]


def main() -> None:
    """Fill a registry, ask for pages, and print how long each took."""
    options = parser_of("lists", _DESCRIPTION, packages=100_000).parse_args()
    with prepared(options) as registry:
        print(f"{'milliseconds':<52} {'least':>8} {'median':>8} {'most':>8} {'processor':>10}")
        world, headers = registry.world, basic(registry.world.token(READER))
        slowest = [
            _measure(registry, Question(label, address, headers), options.repeats)
            for label, address in _questions(world, headers, options.packages)
        ]
        print(f"the slowest median: {max(slowest):.1f}")


def _measure(registry: Prepared, question: Question, repeats: int) -> float:
    """Print how long an answer takes. The median, in milliseconds."""
    world, of_server = registry.world, registry.of_server
    _milliseconds(world, question)
    before = time.process_time() + of_server()
    times = [_milliseconds(world, question) for _ in range(repeats)]
    processor = (time.process_time() + of_server() - before) * 1000 / repeats
    middle = statistics.median(times)
    print(
        f"{question.label:<52} {min(times):8.1f} {middle:8.1f} {max(times):8.1f} {processor:10.1f}",
        flush=True,
    )
    return middle


def _questions(world: World, headers: dict[str, str], packages: int) -> Iterator[tuple[str, str]]:
    """What is asked: a label and an address."""
    last = -(-packages // _PER_PAGE)
    for name, address in LISTS.items():
        for order in ORDERS:
            if (name, order) == ("project", "project_path"):
                continue
            for sort in ("asc", "desc"):
                label, ordered = f"{name} {order} {sort}", f"{address}?order_by={order}&sort={sort}"
                for place, page in (("first", 1), ("middle", last // 2), ("last", last)):
                    yield f"{label}, {place} page", f"{ordered}&page={page}"
                by_key = f"{ordered}&pagination=keyset"
                yield f"{label}, by key", by_key
                yield f"{label}, by key, {_TURNS} pages on", _pages_on(world, headers, by_key)
        for part in ("core", "data-feed", "no-such-name"):
            yield f"{name}, names with {part}", f"{address}?package_name={part}"
        yield f"{name}, one version", f"{address}?package_version=1.1.1"
        yield f"{name}, 100 packages", f"{address}?per_page=100"


def _pages_on(world: World, headers: dict[str, str], address: str) -> str:
    """The address of a later page by key."""
    for _ in range(_TURNS):
        link: str = (
            Request.blank(address, headers=headers).get_response(world.app.app).headers["Link"]
        )
        address = link[1 : link.index(">")]
    return address


def _milliseconds(world: World, question: Question) -> float:
    """How long the application takes to answer."""
    request = Request.blank(question.address, headers=question.headers)
    began = time.perf_counter()
    response = request.get_response(world.app.app)
    body = response.body
    took = (time.perf_counter() - began) * 1000
    if response.status_int != HTTPStatus.OK:
        raise SystemExit(f"{question.address}: {response.status} {body!r}")
    return took


if __name__ == "__main__":
    main()
