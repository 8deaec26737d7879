"""This registry as a target: `pserve production.ini`, with and without nginx in front."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from sqlalchemy import URL
from webtest import TestApp

from benchmarks.comparison import corpus
from benchmarks.comparison.answers import checked
from benchmarks.comparison.asks import Ask, Media, Question
from benchmarks.comparison.filling import fill_package
from benchmarks.comparison.nginx import Front, with_validator
from benchmarks.comparison.served import Served, production_ini
from benchmarks.comparison.target import Upload
from pyregistry import schema
from pyregistry.authnz.roles import Role
from pyregistry.config import build_components, configure
from pyregistry.db import Database
from pyregistry.settings import Settings
from tests.factories import uploads
from tests.factories.distributions import Distribution
from tests.factories.world import Clock, World, basic, fields_of

GROUP = "bench"
MAIN, UPLOADS = f"{GROUP}/main", f"{GROUP}/uploads"
_USER = "developer"

# What production.ini allows a minute, no measurement may run into; they are counted all the same.
_NO_LIMITS = {
    f"PYREGISTRY_THROTTLE_{name}": "100000 per second"
    for name in (
        *("API_PER_IDENTITY", "API_PER_ADDRESS"),
        *("PACKAGES_PER_IDENTITY", "PACKAGES_PER_ADDRESS"),
    )
}


@dataclass
class Holding:
    """The database and the files of a registry, and a token of somebody who may publish.

    Any number of servers can work on it. `world` is the registry in this process.
    """

    url: URL
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    """The storage, in the environment's names."""
    token: str = ""
    world: World = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        database = Database(self.url)
        schema.upgrade(database)
        database.dispose()
        settings = Settings.parse({"here": str(self.folder)}, self.environ)
        clock = Clock(datetime.now(UTC))
        components = build_components(settings)
        components.storage.prepare()
        self.world = World(components, clock, TestApp(configure(components).make_wsgi_app()))

    def close(self) -> None:
        """Let go of the database in this process."""
        self.world.components.recorder.stop()
        self.world.components.database.dispose()

    @property
    def files(self) -> Path:
        """The folder of the files, where they are in one."""
        return self.folder / "files"

    @property
    def environ(self) -> dict[str, str]:
        """The settings of every server that works on it."""
        return {
            "PYREGISTRY_DATABASE_URL": self.url.render_as_string(hide_password=False),
            "PYREGISTRY_DATA": str(self.folder),
            "PYREGISTRY_STORAGE_LOCAL_FOLDER": str(self.files),
            "PYREGISTRY_STORAGE_S3_SPOOL_FOLDER": str(self.folder / "spool"),
            **_NO_LIMITS,
            **self.settings,
        }


def fill_corpus(holding: Holding, pages: Mapping[int, list[Distribution]]) -> None:
    """The corpus of the pages, the small file and the tree, in a private project."""
    world = holding.world
    main = world.project(MAIN)
    world.project(UPLOADS)
    world.member(GROUP, _USER, Role.DEVELOPER)
    holding.token = world.token(_USER)
    storage = world.components.storage.name
    headers = basic(holding.token)
    for distribution in (corpus.small(), *corpus.tree()):
        world.upload(MAIN, distribution, headers)
    for number, files in pages.items():
        fill_package(world.components.database, main, corpus.PACKAGES[number], files, storage)
    holding.world.components.database.dispose()


class Registry:
    """One `pserve` on a holding; `in_front` is nginx with the shipped configuration.

    `holding` gives the data, which several servers can share.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        holding: Callable[[], Holding],
        *,
        in_front: bool = False,
    ) -> None:
        self.name = name
        self._folder = folder
        self._find_holding = holding
        self.in_front = in_front
        self._served: Served | None = None
        self._front: Front | None = None
        self._files: dict[tuple[str, str], str] = {}
        self._numbers = count()

    @property
    def holding(self) -> Holding:
        """What it works on."""
        return self._find_holding()

    @property
    def served(self) -> Served:
        """The server without what is in front of it."""
        assert self._served is not None, f"{self.name} was not started"
        return self._served

    def start(self) -> None:
        """Start the server, and nginx where it is to be in front."""
        self._served = self.another()
        self._served.start("/-/readiness")
        if self.in_front:
            self._front = Front(self._folder / "nginx", self._served.port, self.holding.files)
            self._front.start()

    def another(self) -> Served:
        """One more server like this one, on the same data, not started."""
        folder = self._folder / f"server-{next(self._numbers)}"
        environ = dict(self.holding.environ)
        environ["PYREGISTRY_METRICS_FOLDER"] = str(folder / "metrics")
        environ["PYREGISTRY_TRUSTED_PROXIES"] = "127.0.0.1"
        if self.in_front and "PYREGISTRY_STORAGE" not in environ:
            environ["PYREGISTRY_STORAGE_LOCAL_ACCEL"] = "/_/accel/"
        if self.in_front:
            environ["PYREGISTRY_PAGES_PROXY_CACHE"] = "true"
        return Served(folder, production_ini(folder), environ)

    def stop(self) -> None:
        """End all of it."""
        if self._front is not None:
            self._front.stop()
        if self._served is not None:
            self._served.stop()

    @property
    def port(self) -> int:
        """Where clients find it."""
        return self._front.port if self._front is not None else self.served.port

    @property
    def processes(self) -> list[int]:
        """The ids of the processes of the server, and of nginx."""
        return [*self.served.processes, *(self._front.processes if self._front else ())]

    def index(self, project: str = MAIN) -> str:
        """The path of the index of a project or group."""
        return f"/{project}/-/simple/"

    def question(self, ask: Ask) -> Question:
        """How it is asked, with a token."""
        headers = {**ask.headers, **basic(self.holding.token)}
        if ask.filename is not None and ask.package is not None:
            path = self._file_path(ask.package, ask.filename)
        else:
            path = self.index(ask.project or MAIN) + (f"{ask.package}/" if ask.package else "")
        question = Question(self.port, path, headers)
        return with_validator(question) if ask.conditional else question

    def upload(self, distribution: Distribution, project: str = UPLOADS) -> Upload:
        """How twine publishes a file."""
        kind, body = uploads.twine(
            fields_of(distribution), distribution.filename, distribution.content
        )
        headers = {"Content-Type": kind, **basic(self.holding.token)}
        return Upload(self.port, f"/{project}/-/legacy/", headers, body)

    def _file_path(self, package: str, filename: str) -> str:
        """The address of a file, as the page of its package says."""
        page = self.question(Ask("page", package, media=Media.JSON))
        for file in json.loads(checked(page).body)["files"]:
            address = urljoin(page.address, file["url"])
            self._files[package, file["filename"]] = urlsplit(address).path
        return self._files[package, filename]
