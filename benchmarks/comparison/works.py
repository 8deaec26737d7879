"""What is measured: kinds of work, each independent of the others."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from benchmarks.comparison import corpus, wrk
from benchmarks.comparison.answers import checked
from benchmarks.comparison.asks import Ask, Media, Skipped
from benchmarks.comparison.memory import memory
from benchmarks.comparison.sending import send_for
from benchmarks.comparison.target import Target

_WARM = 5
_MOST_UPLOADS = 500
"""A second; more are not made before."""
FILES_OF_PEERS = 1_000
"""They need minutes to take packages with more files, and longer to answer."""


@dataclass(frozen=True)
class Measured:
    """One measurement, and what else was seen."""

    value: float
    details: Mapping[str, float]


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

    def __init__(
        self, name: str, title: str, ask: Ask, skipped: Callable[[str], bool] = lambda _: False
    ) -> None:
        self.name, self.title, self.ask = name, title, ask
        self._skipped = skipped

    def measure(self, target: Target, setting: Setting) -> Measured:
        """Requests in a second."""
        if self._skipped(target.name):
            raise Skipped
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

    def measure(self, target: Target, setting: Setting) -> Measured:
        """Uploads in a second; the bodies are made before."""
        # Other targets may work on the same data: the same file again would be no upload.
        name = f"upload-{setting.number}-{re.sub(r'[^a-z0-9]+', '-', target.name)}"
        uploads = [
            target.upload(corpus.upload_of(f"{name}-{number % 8}", f"{number // 8}.0"))
            for number in range(round(_MOST_UPLOADS * setting.seconds))
        ]
        before = memory(target.processes)
        sent, took = send_for(uploads, setting.seconds)
        details = {"sent": sent, "memory_more": memory(target.processes) - before}
        return Measured(sent / took, details)


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
            works.append(Asking(name, title, ask, partial(_is_too_much, number)))
    return [
        *works,
        Asking(
            "not-modified",
            "conditional request (304)",
            Ask("page-10-html", ten, conditional=True),
            _is_object_store,
        ),
        Asking(
            "download-small",
            "download of a 10 KB wheel",
            Ask("small", corpus.SMALL, filename=corpus.small().filename),
        ),
        Uploading(),
    ]


def _is_object_store(target: str) -> bool:
    """Pages come from the database, and that is PostgreSQL there, too."""
    return target.startswith("s3")


def _is_too_much(files: int, target: str) -> bool:
    """What is measured of the largest packages by few alone: it takes long, and tells little."""
    if files > FILES_OF_PEERS:
        return target not in {"sqlite", "postgresql", "bare", "nginx"}
    return _is_object_store(target)


def asks_of(works: list[Work]) -> list[Ask]:
    """What is asked, without conditions: what others serve as files."""
    return [work.ask for work in works if isinstance(work, Asking) and not work.ask.conditional]
