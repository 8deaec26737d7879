"""Registries of different sizes side by side: nothing may cost more where there is more."""

from benchmarks.comparison import corpus, wrk
from benchmarks.comparison.answers import checked
from benchmarks.comparison.asks import Ask, Question
from benchmarks.comparison.filling import fill_package
from benchmarks.comparison.filling_many import fill_files
from benchmarks.comparison.registry import GROUP, MAIN, UPLOADS, Holding, Registry
from benchmarks.comparison.target import Target
from benchmarks.comparison.works import Asking, Measured, Setting, Uploading, Work
from pyregistry.authnz.roles import Role

_USER = "developer"
_PACKAGE = corpus.PACKAGES[10]
_PROJECTS = 10


def fill_growth(holding: Holding, files: int) -> None:
    """So many files, in the project that is asked and in others of its group."""
    world = holding.world
    database = world.components.database
    main = world.project(MAIN)
    world.project(UPLOADS)
    others = [world.project(f"{GROUP}/other-{number}") for number in range(_PROJECTS - 1)]
    world.member(GROUP, _USER, Role.DEVELOPER)
    holding.token = world.token(_USER)
    fill_files(database, [main, *others], files)
    fill_package(database, main, _PACKAGE, list(corpus.versions(_PACKAGE, 10)), "local")
    database.dispose()


def target_name(kind: str, files: int) -> str:
    """The name of a registry of some size in the results."""
    return f"{kind} {files:,}"


def works() -> list[Work]:
    """What registries of every size are measured at."""
    return [
        Asking(
            "growth-page", "simple page, 10 files, by files of the registry", Ask("p", _PACKAGE)
        ),
        GrowthUpload(),
        Listing(),
    ]


class GrowthUpload(Uploading):
    """Uploads where there are many files already."""

    name = "growth-upload"
    title = "upload of 10 KB wheels, 8 clients, by files of the registry"


class Listing:
    """The first page of the list of a project's packages, in the JSON API."""

    name = "growth-list"
    title = "list of a project's packages in the API, by files of the registry"
    unit = "requests/s"
    less_is_better = False

    def measure(self, target: Target, setting: Setting) -> Measured:
        """Requests in a second."""
        assert isinstance(target, Registry)
        page = target.question(Ask("p", _PACKAGE))
        path = f"/api/v4/projects/{MAIN.replace('/', '%2F')}/packages?per_page=20&order_by=name"
        headers = {**page.headers, "Accept": "application/json"}
        question = Question(page.port, path, headers)
        checked(question)
        load = wrk.load(question, setting.seconds, setting.folder)
        return Measured(load.per_second, load.details())
