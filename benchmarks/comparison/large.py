"""A large registry: an index of very many names, a group of very many projects, and its start."""

import http.client
import time
from contextlib import closing
from functools import partial

from benchmarks.comparison import corpus, wrk
from benchmarks.comparison.answers import PATIENCE, checked
from benchmarks.comparison.asks import Ask, Media, NotOffered, Question
from benchmarks.comparison.filling import fill_package
from benchmarks.comparison.filling_many import fill_files, fill_projects
from benchmarks.comparison.memory import Peak
from benchmarks.comparison.registry import Holding, Registry
from benchmarks.comparison.target import Target, status_of
from benchmarks.comparison.works import Asking, Measured, Setting, Work
from pyregistry.authnz.roles import Role
from pyregistry.db import Database
from pyregistry.namespaces.services.create import find

NAMES, VAST = "names/all", "vast"
_PACKAGE = corpus.PACKAGES[10]
_PARTS = 100
_READER = "reader"
_PROJECT = f"{VAST}/part-6/project-0"

ROOT_INDEX = Ask("root-index", media=Media.JSON, project=NAMES)
ROOT_INDEX_GZIP = Ask("root-index-gzip", media=Media.JSON, project=NAMES, gzip=True)
OF_PROJECT = Ask("page-of-project", _PACKAGE, project=_PROJECT)
OF_GROUP = Ask("page-of-group", _PACKAGE, project=VAST)


def fill_large(holding: Holding, sizes: corpus.Sizes) -> None:
    """One project with all names; a group with all projects, of which a reader may read half."""
    world = holding.world
    database = world.components.database
    names, group = world.project(NAMES), world.group(VAST)
    parts = min(_PARTS, sizes.projects // 10)
    fill_files(database, [names], sizes.names, each=1)
    fill_projects(database, group, VAST, sizes.projects, parts)
    world.member(NAMES, _READER, Role.REPORTER)
    for part in range(0, parts, 2):
        world.member(f"{VAST}/part-{part}", _READER, Role.REPORTER)
    holding.token = world.token(_READER)
    files = list(corpus.versions(_PACKAGE, 10))
    fill_package(database, _project_id(database), _PACKAGE, files, "local")
    database.dispose()


def _project_id(database: Database) -> int:
    with database.reading() as session:
        return find(session, _PROJECT).id


def works(sizes: corpus.Sizes) -> list[Work]:
    """What a large registry is measured at."""
    return [
        RootIndex("root-index", f"root index of {sizes.names:,} names, JSON", ROOT_INDEX),
        RootIndex("root-index-gzip", f"root index of {sizes.names:,} names, gzip", ROOT_INDEX_GZIP),
        Asking("page-of-project", "page of a project's package in the large registry", OF_PROJECT),
        Asking(
            "page-of-group",
            f"page of a group of {sizes.projects:,} projects, half of them readable",
            OF_GROUP,
        ),
        Starting(sizes.names),
    ]


class RootIndex:
    """All names, over and over, by wrk."""

    unit = "MB/s"
    less_is_better = False

    def __init__(self, name: str, title: str, ask: Ask) -> None:
        self.name, self.title, self.ask = name, title, ask

    def measure(self, target: Target, setting: Setting) -> Measured:
        """Megabytes (10⁶ bytes) in a second; besides the first byte and the memory."""
        question = target.question(self.ask)
        size = len(checked(question).body)
        peak = Peak(partial(_processes, target))
        with peak.watched():
            load = wrk.load(question, setting.seconds, setting.folder)
        first = sorted(first_byte(question) for _ in range(9))[4]
        details = {
            **load.details(),
            "answer_bytes": size,
            "first_byte_ms": first * 1000,
            "memory_more": peak.more,
        }
        return Measured(load.bytes_per_second / 1e6, details)


def _processes(target: Target) -> list[int]:
    return target.processes


def first_byte(question: Question) -> float:
    """Seconds until the first byte of an answer, on a connection that is there already."""
    connection = http.client.HTTPConnection("127.0.0.1", question.port, timeout=PATIENCE)
    with closing(connection):
        connection.connect()
        began = time.perf_counter()
        connection.request("GET", question.path, headers=question.headers)
        response = connection.getresponse()
        took = time.perf_counter() - began
        response.read()
        return took


class Starting:
    """From the command to the first page."""

    unit = "s"
    less_is_better = True
    name = "start"

    def __init__(self, names: int) -> None:
        self.title = f"start to the first answer, with {names:,} packages"

    def measure(self, target: Target, _setting: Setting) -> Measured:
        """Seconds; one more server is started on the same data."""
        if not isinstance(target, Registry):
            raise NotOffered("it holds no packages")
        fresh = target.another()
        question = target.question(OF_PROJECT)
        try:
            began = time.monotonic()
            fresh.launch()
            asked = Question(fresh.port, question.path, question.headers)
            while status_of(asked.port, asked.path, asked.headers) != asked.status:
                assert time.monotonic() - began < PATIENCE, fresh.log[-1000:]
                time.sleep(0.005)
            return Measured(time.monotonic() - began, {})
        finally:
            fresh.stop()
