"""The line of a request: the same whether it is made at once, by `logging`, or later."""

import io
import json
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from pyregistry.http.observation import Observation
from pyregistry.log_batches import BatchingHandler
from pyregistry.logs import JSONFormatter, RequestFormatter
from pyregistry.watching import access_log
from pyregistry.watching.access_json import json_line
from pyregistry.watching.exchange import Exchange

PATIENCE = 10
TOKEN = "pyrpat_" + "a" * 40
USUAL = Exchange(
    request_id="0123456789abcdef",
    method="GET",
    path="/acme/core/-/simple/demo/",
    client_address="192.0.2.7",
    status=200,
    seconds_to_answer=0.001,
    seconds=0.0012345678,
    received_bytes=0,
    sent_bytes=4688,
    observation=Observation(
        view="simple.page", user_id=3, username="ann", credential="personal_access_token"
    ),
)
NOBODY = replace(USUAL, client_address=None, observation=Observation())
STRANGE = replace(
    USUAL,
    request_id="-",
    seconds=0.0000001,
    path='/%22\\"/\u2028/%00',
    observation=Observation(username='a"b\u00e9\ud83d\ude00{x}%s', view="none"),
)
SECRETS = [
    replace(USUAL, path=f"/{TOKEN}/"),
    replace(USUAL, request_id=TOKEN),
    replace(USUAL, path="/-/token=hunter2"),
    replace(USUAL, path="/https://ann:hunter2@host/"),
    replace(USUAL, observation=Observation(username="cookie: hunter2")),
    # What is two texts in the fields is one in the sentence.
    replace(USUAL, method="COOKIE:", path="/"),
]


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[BatchingHandler]]:
    """Two handlers that write JSON later, for the access log alone."""
    made = [BatchingHandler(io.StringIO()) for _ in range(2)]
    for handler in made:
        handler.setFormatter(JSONFormatter())
    monkeypatch.setattr(access_log.logger, "propagate", False)
    monkeypatch.setattr(access_log.logger, "filters", [])
    # Not by an attribute: the logger keeps in mind which levels it is asked for.
    before = access_log.logger.level
    access_log.logger.setLevel(logging.INFO)
    yield made
    access_log.logger.setLevel(before)


def log(handlers: list[BatchingHandler], exchange: Exchange) -> None:
    """Log to these handlers: pytest has others of its own while a test runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(access_log.logger, "handlers", [*handlers])
        access_log.log_exchange(exchange)


def written(handler: BatchingHandler) -> str:
    handler.flush()
    found: str = handler.stream.getvalue()
    return found


def by_logging(exchange: Exchange) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(
        JSONFormatter().format(access_log._Line(access_log._Ended(exchange)))
    )
    return line


def without_time(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name != "time"}


@pytest.mark.parametrize("exchange", [USUAL, NOBODY, STRANGE], ids=["usual", "nobody", "strange"])
def test_what_is_made_later_is_the_same(
    handlers: list[BatchingHandler], exchange: Exchange
) -> None:
    quick = json_line(exchange, "pyregistry.access", time.time(), threading.current_thread().name)
    assert quick is not None
    assert quick.isascii()
    assert "\n" not in quick
    assert without_time(json.loads(quick)) == without_time(by_logging(exchange))
    log(handlers, exchange)
    assert [len(handler._lines) for handler in handlers] == [1, 1]
    for handler in handlers:
        assert isinstance(handler._lines[0], access_log._Ended)
        assert without_time(json.loads(written(handler))) == without_time(by_logging(exchange))


@pytest.mark.parametrize("exchange", SECRETS, ids=range(len(SECRETS)))
def test_secrets_are_hidden(handlers: list[BatchingHandler], exchange: Exchange) -> None:
    log(handlers, exchange)
    text = written(handlers[0])
    assert "***" in text
    assert "hunter2" not in text
    assert "a" * 8 not in text
    assert without_time(json.loads(text)) == without_time(by_logging(exchange))


def test_the_line_tells_when_and_where_the_request_ended(handlers: list[BatchingHandler]) -> None:
    thread = threading.Thread(target=log, args=(handlers, USUAL), name="requests_7")
    thread.start()
    thread.join(PATIENCE)
    before = time.time()
    time.sleep(0.002)
    line = json.loads(written(handlers[0]))
    assert line["thread"] == "requests_7"
    assert line["time"] <= json_time(before)


def json_time(moment: float) -> str:
    found: str = json.loads(JSONFormatter().format(logging.makeLogRecord({"created": moment})))[
        "time"
    ]
    return found


@pytest.mark.parametrize("kind", ["text", "filter of the handler", "filter of the logger", "level"])
def test_handlers_of_another_kind_get_records(handlers: list[BatchingHandler], kind: str) -> None:
    logger = access_log.logger
    refuse_all: Any = lambda _record: False  # noqa: E731
    match kind:
        case "text":
            handlers[0].setFormatter(RequestFormatter("%(levelname)s %(message)s"))
        case "filter of the handler":
            handlers[0].addFilter(refuse_all)
        case "filter of the logger":
            logger.addFilter(refuse_all)
        case _:
            handlers[0].setLevel(logging.WARNING)
    log(handlers, USUAL)
    expected = (
        "INFO GET /acme/core/-/simple/demo/ 200, 4688 bytes in 0.001 s, for ann from 192.0.2.7\n"
        if kind == "text"
        else ""
    )
    assert written(handlers[0]) == expected
    assert (written(handlers[1]) == "") == (kind == "filter of the logger")


def test_a_level_of_the_logger_counts(handlers: list[BatchingHandler]) -> None:
    access_log.logger.setLevel(logging.WARNING)
    log(handlers, USUAL)
    assert written(handlers[0]) == ""


def test_lines_keep_their_order(handlers: list[BatchingHandler]) -> None:
    log(handlers, USUAL)
    handlers[0].handle(
        logging.makeLogRecord({"msg": "something happened", "levelno": logging.INFO})
    )
    first, second = map(json.loads, written(handlers[0]).splitlines())
    assert first["path"] == USUAL.path
    assert second["message"] == "something happened"
