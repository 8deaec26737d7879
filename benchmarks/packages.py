"""How long what pages show of many packages takes: python -m benchmarks.packages --help."""

import statistics
import time
from collections.abc import Callable, Iterator

from sqlalchemy.orm import Session

from benchmarks.registries import GROUP, READER, SINGLE, parser_of, prepared
from pyregistry.authnz.identity import Viewer
from pyregistry.namespaces.services.create import find
from pyregistry.packaging.models import PackageStatus
from pyregistry.packaging.search_texts import search_words
from pyregistry.packaging.services.pages import PackageOrder, PackageQuery, packages_slice
from pyregistry.packaging.services.relations import packages_here, used_by
from pyregistry.packaging.services.searching import search_packages
from pyregistry.slices import Window
from tests.factories.world import World

_DESCRIPTION = (
    "Then asks its services for what pages show: the packages of a project, searches, and what "
    "needs what."
)
_PAGE = 50
_SEARCHES = ("a", "alpha", "core-data", "ada", "ada lovelace", "lovelace alpha-bravo-17", "json42x")


def main() -> None:
    """Fill a registry, ask its services, and print how long each took."""
    options = parser_of("packages", _DESCRIPTION, packages=50_000).parse_args()
    with prepared(options) as registry:
        print(f"{'milliseconds':<52} {'least':>8} {'median':>8} {'most':>8}")
        slowest = max(
            _measure(registry.world, label, ask, options.repeats)
            for label, ask in _questions(registry.world)
        )
        print(f"the slowest median: {slowest:.1f}")


def _measure(world: World, label: str, ask: Callable[[Session], object], repeats: int) -> float:
    times = []
    for _ in range(repeats + 1):
        with world.components.database.reading() as session:
            began = time.perf_counter()
            ask(session)
            times.append((time.perf_counter() - began) * 1000)
    # Statements are compiled by the first.
    least, middle, most = min(times[1:]), statistics.median(times[1:]), max(times[1:])
    print(f"{label:<52} {least:8.1f} {middle:8.1f} {most:8.1f}", flush=True)
    return middle


def _questions(world: World) -> Iterator[tuple[str, Callable[[Session], object]]]:
    with world.components.database.reading() as session:
        project, group = find(session, SINGLE).id, find(session, GROUP).id
    reader = Viewer(world.users[READER], is_admin=False, is_internal=True, now=world.clock())
    administrator = Viewer(None, is_admin=True, is_internal=True, now=world.clock())
    window = Window(_PAGE, by_key=True)
    for order in PackageOrder:
        for label, status, text in (
            ("", None, ""),
            (", one word", None, "alpha"),
            (", no such word", None, "json42x"),
            (", archived", PackageStatus.ARCHIVED, ""),
        ):
            query = PackageQuery(search_words(text), status, order, descending=True)
            yield (
                f"project by {order}{label}",
                lambda session, query=query: packages_slice(session, project, query, window),
            )
    for text in _SEARCHES:
        words = search_words(text)
        for label, who, within in (
            ("reader", reader, None),
            ("administrator", administrator, None),
            ("reader in a group", reader, group),
        ):
            yield (
                f"search for {text!r}, {label}",
                lambda session, words=words, who=who, within=within: search_packages(
                    session, who, words, size=_PAGE, namespace_id=within
                ),
            )
    for name in ("dependency-0", "few-need-7", "nobody-needs"):
        yield (
            f"used by: {name}",
            lambda session, name=name: used_by(session, name, reader, limit=_PAGE),
        )
    names = [f"dependency-{number}" for number in range(100)]
    yield "100 dependencies", lambda session: packages_here(session, names, reader, project)


if __name__ == "__main__":
    main()
