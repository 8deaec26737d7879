"""Asking the database whether anything has changed, past everything that is made for more.

An answer that is remembered needs to know only this, at every request: so no session, no pool and
no object of SQLAlchemy is on the way. Whoever asks has another way where the database does not
answer: every error is theirs to catch (`QUESTION_ERRORS`).
"""

import sqlite3
import time
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

import psycopg
from sqlalchemy.exc import SQLAlchemyError

OF_A_NAME: Final = (
    "SELECT access_serial.value, found.latest, found.number, '' FROM access_serial,"
    " (SELECT max(serial) AS latest, count(*) AS number FROM packages"
    " WHERE normalized_name = {}) AS found"
)
# Files change their storage without a serial; other files come and go with one.
OF_A_FILE: Final = (
    "SELECT access_serial.value, found.latest, found.number, found.storages FROM access_serial,"
    " (SELECT max(packages.serial) AS latest, count(*) AS number,"
    " coalesce(min(files.storage) || ' ' || max(files.storage), '') AS storages"
    " FROM files JOIN packages ON packages.id = files.package_id"
    " WHERE files.sha256 = {} AND files.filename = {}) AS found"
)
OF_EVERYTHING: Final = (
    "SELECT access_serial.value, registry_serial.value, 0, '' FROM access_serial, registry_serial"
)


class FileSubject(NamedTuple):
    """All files of certain bytes and of one name, in whatever projects."""

    sha256: str
    filename: str


Subject = str | FileSubject | None
"""What a question is about: the packages of a normalised name, files, or (None) everything."""


class Standing(NamedTuple):
    """The numbers of which one is another when an answer may be another.

    `access` is drawn anew with each change of who may read what. `latest` and `number` are the
    last serial and the number of the packages that are asked about, or that have the files:
    every change gives one of them a serial that is higher than all others, and what goes is
    missing from the number. `storages` names the first and the last of the storages that hold
    the files. `lost` counts the connections that broke: behind a new one may be a database of
    yesterday.
    """

    access: int
    latest: int | None
    number: int
    storages: str = ""
    lost: int = 0


class Freshness(Protocol):
    """Answers whether something has changed since.

    `give_way` is called where it takes longer than others should wait for it.
    """

    def mark(self, subject: Subject, since: int, give_way: Callable[[], None]) -> object:
        """What stays the same as long as nothing changes anywhere; None: not known.

        Asked for after `since` (nanoseconds of `monotonic_ns`), perhaps for somebody else.
        """

    def standing(self, subject: Subject, give_way: Callable[[], None]) -> Standing:
        """The standing of what is asked about."""

    def forget(self) -> None:
        """Leave the connections to the process that this one was forked from."""

    def close(self) -> None:
        """Close the connections."""


class Unanswered(Exception):
    """A question that is not asked, or has no answer."""


QUESTION_ERRORS: Final = (
    sqlite3.Error,
    psycopg.Error,
    SQLAlchemyError,
    OSError,
    Unanswered,
)
"""What a question raises where the database does not answer it."""


class LastMark:
    """The last mark that was asked for. Safe to use from several threads."""

    def __init__(self) -> None:
        self._last: tuple[int, object] = (0, None)

    def since(self, moment: int, ask: Callable[[], object]) -> object:
        """The mark, asked for after that moment."""
        asked_at, mark = self._last
        if asked_at <= moment:
            asked_at = time.monotonic_ns()
            mark = ask()
            # An older one may take the place of a newer one: it is only asked once more.
            self._last = (asked_at, mark)
        return mark
