"""What changes meanwhile: uploads elsewhere, new files, tokens that are revoked."""

import http.client
import statistics
import time
from collections.abc import Callable
from contextlib import closing, suppress
from itertools import count

from benchmarks.comparison import corpus
from benchmarks.comparison.answers import PATIENCE, answer_to, checked
from benchmarks.comparison.asks import Ask, NotOffered, Question
from benchmarks.comparison.registry import MAIN, Registry
from benchmarks.comparison.sending import send_all
from benchmarks.comparison.target import Target, Upload
from benchmarks.comparison.works import Measured, Setting
from tests.factories.world import basic

_REPEATS = 60
_ASKED = 5


class AfterUpload:
    """A page, right after a file was published into another project.

    Before every other page the same file is sent again, which changes nothing: both follow an
    upload, and only one of them a change.
    """

    name = "page-after-upload"
    title = "simple page, 10 files, right after an upload into another project"
    unit = "ms"
    less_is_better = True

    def __init__(self) -> None:
        self._numbers = count()

    def measure(self, target: Target, setting: Setting) -> Measured:
        """Milliseconds after a change, the median; `unchanged` is that without one."""
        if not isinstance(target, Registry):
            raise NotOffered("nothing is kept that a change could drop")
        question = target.question(Ask("page", corpus.PACKAGES[10]))
        repeats = max(5, round(_REPEATS * min(1.0, setting.seconds / 3)))
        changed, unchanged = [], []
        for _ in range(repeats):
            number = next(self._numbers)
            upload = target.upload(corpus.upload_of("elsewhere", f"{number}.0"))
            changed.append(_milliseconds(question, upload))
            unchanged.append(_milliseconds(question, upload))
        details = {
            "unchanged": statistics.median(unchanged),
            "ratio": statistics.median(changed) / statistics.median(unchanged),
        }
        return Measured(statistics.median(changed), details)


def _milliseconds(question: Question, upload: Upload) -> float:
    """How long the answers after an upload take together, by the number of them.

    There are several processes, and each of them learns of a change by itself.
    """
    send_all([upload], 1)
    connection = http.client.HTTPConnection("127.0.0.1", question.port, timeout=PATIENCE)
    with closing(connection):
        connection.connect()
        began = time.perf_counter()
        for _ in range(_ASKED):
            connection.request("GET", question.path, headers=question.headers)
            response = connection.getresponse()
            response.read()
            assert response.status == question.status, response.status
        return (time.perf_counter() - began) * 1000 / _ASKED


class Freshness:
    """No speed: whether the very next answers show a new file, and refuse a revoked token."""

    name = "freshness"
    title = "answers that show a change at once, of all that were asked for"
    unit = "of 1"
    less_is_better = False

    def __init__(self) -> None:
        self._numbers = count()

    def measure(self, target: Target, setting: Setting) -> Measured:
        """The part of answers that were right: 1 is the only good one."""
        if not isinstance(target, Registry):
            raise NotOffered("nothing changes, or nobody is asked who they are")
        repeats = max(2, round(setting.seconds * 3))
        shown = [_shows_new_file(target, next(self._numbers)) for _ in range(repeats)]
        refused = [_refuses_revoked(target) for _ in range(repeats)]
        right = sum(shown) + sum(refused)
        details = {"new_file_shown": sum(shown), "revoked_refused": sum(refused), "of": repeats}
        return Measured(right / (2 * repeats), details)


def _shows_new_file(target: Registry, number: int) -> bool:
    question = target.question(Ask("page", "fresh"))
    new = corpus.upload_of("fresh", f"{number}.0", 2_000)
    with suppress(AssertionError):
        # Wherever it is kept, it is kept now.
        _several(lambda: checked(question))
    send_all([target.upload(new, MAIN)], 1)
    return all(_several(lambda: new.filename.encode() in checked(question).body))


def _refuses_revoked(target: Registry) -> bool:
    secret = target.holding.world.token("developer")
    asked = target.question(Ask("page", corpus.PACKAGES[10]))
    question = Question(asked.port, asked.path, {**asked.headers, **basic(secret)})
    assert all(_several(lambda: answer_to(question).status == question.status))
    itself = Question(asked.port, "/api/v4/personal_access_tokens/self", basic(secret))
    assert answer_to(itself, "DELETE").status == 204  # noqa: PLR2004
    return all(_several(lambda: answer_to(question).status == 401))  # noqa: PLR2004


def _several(ask: Callable[[], object]) -> list[object]:
    """Ask as often as there are processes, and more: each may be the one that answers."""
    return [ask() for _ in range(_ASKED)]
