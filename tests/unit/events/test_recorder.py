"""The recorder: notes are written soon, together, and not lost by a normal stop."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import URL
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm import Session

from pyregistry.db import Database
from pyregistry.events.recorder import Recorder

FOREVER = 86_400.0
MANY = 1_000_000
PATIENCE = 60  # seconds until a test that hangs is given up


@dataclass(frozen=True)
class Note:
    """A note of the kind that these tests write."""

    number: int


@dataclass(frozen=True)
class OtherNote:
    """A note of another kind."""

    number: int


class Book:
    """A writer that keeps what it is given, and fails as often as it is told."""

    def __init__(self) -> None:
        self.pages: list[list[object]] = []
        self.failures = 0
        self.mistakes = 0
        self.refused: object = None

    def write(self, _session: Session, notes: Sequence[object]) -> None:
        if self.refused in notes:
            raise DataError("INSERT", {}, Exception("not for this table"))
        if self.mistakes:
            self.mistakes -= 1
            raise ZeroDivisionError
        if self.failures:
            self.failures -= 1
            raise OperationalError("INSERT", {}, Exception("the database is away"))
        self.pages.append(list(notes))

    @property
    def notes(self) -> list[object]:
        return [note for page in self.pages for note in page]


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.005)


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def make(book: Book, tmp_path: Path) -> Iterator[Callable[..., Recorder]]:
    database = Database(URL.create("sqlite", database=str(tmp_path / "notes.sqlite3")))
    made: list[Recorder] = []

    def make(interval: float = FOREVER, wake_at: int = MANY) -> Recorder:
        writers = {Note: book.write, OtherNote: book.write}
        made.append(Recorder(database, writers, interval=interval, wake_at=wake_at))
        return made[-1]

    yield make
    book.failures = book.mistakes = 0
    for recorder in made:
        recorder.stop()
    database.dispose()


def recording_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "pyregistry-recorder"]


def test_no_thread_before_the_first_note(make: Callable[..., Recorder]) -> None:
    before = len(recording_threads())
    recorder = make()
    assert len(recording_threads()) == before
    recorder.add(Note(1))
    assert len(recording_threads()) == before + 1


def test_one_thread_for_all_notes(make: Callable[..., Recorder]) -> None:
    before = len(recording_threads())
    recorder = make()
    for number in range(100):
        recorder.add(Note(number))
    assert len(recording_threads()) == before + 1


def test_written_at_the_interval(make: Callable[..., Recorder], book: Book) -> None:
    recorder = make(interval=0.01)
    recorder.add(Note(1))
    wait_until(lambda: book.notes == [Note(1)])
    recorder.add(Note(2))
    wait_until(lambda: book.notes == [Note(1), Note(2)])


def test_written_when_there_are_many(make: Callable[..., Recorder], book: Book) -> None:
    recorder = make(wake_at=3)
    for number in range(3):
        recorder.add(Note(number))
    wait_until(lambda: book.notes == [Note(0), Note(1), Note(2)])


def test_written_at_the_stop(make: Callable[..., Recorder], book: Book) -> None:
    recorder = make()
    recorder.add(Note(1))
    recorder.add(Note(2))
    assert book.pages == []
    recorder.stop()
    assert book.pages == [[Note(1), Note(2)]]


def test_the_stop_ends_the_thread(make: Callable[..., Recorder]) -> None:
    before = recording_threads()
    recorder = make()
    recorder.add(Note(1))
    recorder.stop()
    assert recording_threads() == before


def test_stop_can_be_repeated_and_needs_no_note(make: Callable[..., Recorder], book: Book) -> None:
    recorder = make()
    recorder.stop()
    recorder.stop()
    assert book.pages == []


def test_no_thread_after_the_stop(make: Callable[..., Recorder], book: Book) -> None:
    before = recording_threads()
    recorder = make()
    recorder.stop()
    recorder.add(Note(1))
    assert recording_threads() == before
    recorder.stop()
    assert book.notes == [Note(1)]


def test_each_kind_by_its_writer_in_one_transaction(
    make: Callable[..., Recorder], book: Book
) -> None:
    recorder = make()
    for note in (Note(1), OtherNote(1), Note(2)):
        recorder.add(note)
    recorder.flush()
    assert book.pages == [[Note(1), Note(2)], [OtherNote(1)]]


def test_nothing_is_written_without_notes(make: Callable[..., Recorder], book: Book) -> None:
    make().flush()
    assert book.pages == []


def test_notes_are_written_once(make: Callable[..., Recorder], book: Book) -> None:
    recorder = make()
    recorder.add(Note(1))
    recorder.flush()
    recorder.flush()
    assert book.notes == [Note(1)]


def test_failure_keeps_the_notes_in_order(make: Callable[..., Recorder], book: Book) -> None:
    recorder = make()
    recorder.add(Note(1))
    book.failures = 1
    with pytest.raises(OperationalError):
        recorder.flush()
    recorder.add(Note(2))
    recorder.flush()
    assert book.notes == [Note(1), Note(2)]


def test_the_thread_outlives_failures(make: Callable[..., Recorder], book: Book) -> None:
    book.failures = 3
    recorder = make(interval=0.01)
    recorder.add(Note(1))
    wait_until(lambda: book.notes == [Note(1)])
    assert book.failures == 0


# The thread ends by our own mistake here, as it is meant to.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_thread_that_ended_is_replaced(make: Callable[..., Recorder], book: Book) -> None:
    before = recording_threads()
    book.mistakes = 1
    recorder = make(interval=0.01)
    recorder.add(Note(1))
    wait_until(lambda: recording_threads() == before)
    recorder.add(Note(2))
    wait_until(lambda: book.notes == [Note(1), Note(2)])


def test_notes_of_many_threads_all_arrive(make: Callable[..., Recorder], book: Book) -> None:
    recorder = make(interval=0.001, wake_at=10)

    def add(first: int) -> None:
        for number in range(first, first + 500):
            recorder.add(Note(number))

    threads = [threading.Thread(target=add, args=(first,)) for first in range(0, 4000, 500)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorder.stop()
    assert sorted(note.number for note in book.notes) == list(range(4000))


def test_a_note_that_is_refused_holds_back_no_other(
    make: Callable[..., Recorder], book: Book
) -> None:
    recorder = make()
    book.refused = Note(2)
    for number in range(1, 4):
        recorder.add(Note(number))
    recorder.flush()
    assert book.notes == [Note(1), Note(3)]
    recorder.flush()
    assert book.notes == [Note(1), Note(3)]
