"""What is asked of every target, and what a target makes of it."""

from dataclasses import dataclass, field
from enum import StrEnum


class Media(StrEnum):
    """The media types of a simple page."""

    HTML = "application/vnd.pypi.simple.v1+html"
    JSON = "application/vnd.pypi.simple.v1+json"


@dataclass(frozen=True)
class Ask:
    """Something that every target is asked for, in its own way."""

    key: str
    """A name for files and captures."""
    package: str | None = None
    """Of a page; None is the root index."""
    filename: str | None = None
    """Of a download."""
    media: Media = Media.HTML
    gzip: bool = False
    conditional: bool = False
    """With the validator of an answer before: 304."""
    project: str | None = None
    """Or a group; None is the one that all targets hold."""

    @property
    def headers(self) -> dict[str, str]:
        """What a client sends, but for credentials and validators."""
        found = {"Accept": "*/*" if self.filename else self.media.value}
        if self.gzip:
            found["Accept-Encoding"] = "gzip"
        return found


@dataclass(frozen=True)
class Question:
    """A request that a load generator can send over and over."""

    port: int
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    """What is to be answered."""

    @property
    def address(self) -> str:
        """The address."""
        return f"http://127.0.0.1:{self.port}{self.path}"


class NotOffered(Exception):
    """A target cannot do this; the message says why."""


class Skipped(Exception):
    """Nobody wants to know this of the target: others tell it already."""
