"""What is measured: kinds of work, each independent of the others."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.comparison import corpus, wrk
from benchmarks.comparison.answers import checked
from benchmarks.comparison.asks import Ask, Media
from benchmarks.comparison.sending import send_for
from benchmarks.comparison.target import Target, memory

_WARM = 5


@dataclass(frozen=True)
class Measured:
    """One measurement, and what else was seen."""

    value: float
    details: dict[str, float]


@dataclass(frozen=True)
class Setting:
    """What a measurement needs to know of the run."""

    folder: Path
    """For what it leaves."""
    seconds: float
    number: int
    """Of the round, from 0."""


class Work(Protocol):
    """A kind of work."""

    name: str
    title: str
    unit: str
    less_is_better: bool

    def measure(self, target: Target, setting: Setting) -> Measured:
        """Measure one target once. Raises `NotOffered`, or anything where it fails."""


class Asking:
    """The same question over and over, by wrk."""

    unit = "requests/s"
    less_is_better = False

    def __init__(self, name: str, title: str, ask: Ask) -> None:
        self.name, self.title, self.ask = name, title, ask

    def measure(self, target: Target, setting: Setting) -> Measured:
        """Requests in a second."""
        question = target.question(self.ask)
        # Each process of the target may have to make it once; what is measured is warm.
        answer = [checked(question) for _ in range(_WARM)][-1]
        load = wrk.load(question, setting.seconds, setting.folder)
        details = {**load.details(), "answer_bytes": len(answer.body)}
        return Measured(load.per_second, details)


class Uploading:
    """10 KB wheels of one package, sent by eight clients as twine does."""

    name = "uploads"
    title = "upload of 10 KB wheels, 8 clients"
    unit = "uploads/s"
    less_is_better = False

    def __init__(self, most_per_second: int = 800) -> None:
        self._most_per_second = most_per_second
        self._prepared: dict[int, list[corpus.Distribution]] = {}

    def measure(self, target: Target, setting: Setting) -> Measured:
        """Uploads in a second; the bodies are made before."""
        uploads = [target.upload(each) for each in self._files(setting)]
        before = memory(target.processes)
        sent, took = send_for(uploads, setting.seconds)
        details = {"sent": sent, "memory_more": memory(target.processes) - before}
        return Measured(sent / took, details)

    def _files(self, setting: Setting) -> list[corpus.Distribution]:
        if setting.number not in self._prepared:
            # Of one round alone: all would fill the memory.
            count = round(self._most_per_second * setting.seconds)
            self._prepared = {
                setting.number: [
                    corpus.upload_of(f"upload-{setting.number}-{number % 8}", f"{number // 8}.0")
                    for number in range(count)
                ]
            }
        return self._prepared[setting.number]


def field_works(pages: tuple[int, ...]) -> list[Work]:
    """What every target is asked for."""
    ten = corpus.PACKAGES[10]
    works: list[Work] = [
        Asking("page-10-html", "simple page, 10 files, HTML", Ask("page-10-html", ten)),
        Asking(
            "page-10-json",
            "simple page, 10 files, JSON",
            Ask("page-10-json", ten, media=Media.JSON),
        ),
    ]
    for number in pages[1:]:
        for media in (Media.HTML, Media.JSON):
            name = f"page-{number}-{media.name.lower()}"
            title = f"simple page, {number:,} files, {media.name}, gzip"
            ask = Ask(name, corpus.PACKAGES[number], media=media, gzip=True)
            works.append(Asking(name, title, ask))
    return [
        *works,
        Asking(
            "not-modified", "conditional request (304)", Ask("page-10-html", ten, conditional=True)
        ),
        Asking(
            "download-small",
            "download of a 10 KB wheel",
            Ask("small", corpus.SMALL, filename=corpus.small().filename),
        ),
        Uploading(),
    ]


def asks_of(works: list[Work]) -> list[Ask]:
    """What is asked, without conditions: what others serve as files."""
    return [work.ask for work in works if isinstance(work, Asking) and not work.ask.conditional]
