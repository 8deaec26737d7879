"""The ini files that come with the registry, and what they make of a line of the log."""

import json
import logging
from collections.abc import Iterator
from configparser import RawConfigParser
from contextvars import Context
from pathlib import Path

import pytest

from pyregistry.logs import JSONFormatter, RequestFormatter, use_format
from pyregistry.watching import access_log


@pytest.mark.parametrize("ini", ["development.ini", "production.ini"])
def test_the_log_of_the_ini_files_names_requests(repository: Path, ini: str) -> None:
    parser = RawConfigParser()
    parser.read(repository / ini)
    (name,) = parser["formatters"]["keys"].split()
    section = parser[f"formatter_{name}"]
    assert section["class"] == f"{RequestFormatter.__module__}.{RequestFormatter.__qualname__}"
    assert "%(request_id)s" in section["format"]
    line = RequestFormatter(section["format"]).format(logging.makeLogRecord({"msg": "hello"}))
    assert line.endswith(": hello")


@pytest.fixture
def handlers() -> Iterator[list[logging.Handler]]:
    """Handlers of the root, of a logger, and of somebody else; they are taken away again."""
    made = [logging.NullHandler() for _ in range(3)]
    owners = [logging.getLogger(), logging.getLogger("pyregistry.access"), logging.getLogger()]
    for handler, owner in zip(made, owners, strict=True):
        handler.setFormatter(RequestFormatter("%(message)s"))
        owner.addHandler(handler)
    made[2].setFormatter(logging.Formatter("%(message)s"))
    yield list(made)
    for handler, owner in zip(made, owners, strict=True):
        owner.removeHandler(handler)


def test_json_concerns_our_own_formatters(handlers: list[logging.Handler]) -> None:
    use_format("text")
    assert [type(each.formatter) for each in handlers] == [
        RequestFormatter,
        RequestFormatter,
        logging.Formatter,
    ]
    use_format("json")
    assert [type(each.formatter) for each in handlers] == [
        JSONFormatter,
        JSONFormatter,
        logging.Formatter,
    ]


def test_a_line_of_json() -> None:
    record = logging.makeLogRecord(
        {
            "name": "pyregistry.test",
            "levelname": "WARNING",
            "created": 0.25,
            "msg": "two\nlines by %s \u2028\udcff",
            "args": ("Ada",),
            "fields": {"seconds": 1.5, "path": "https://a:b@c/", "other": object},
        }
    )
    # Other tests have answered requests in this thread.
    text = Context().run(JSONFormatter().format, record)
    assert text.isascii()
    assert "\n" not in text
    line = json.loads(text)
    assert line["time"] == "1970-01-01T00:00:00.250+00:00"
    assert line["message"] == "two\nlines by Ada \u2028\udcff"
    assert (line["level"], line["logger"], line["seconds"]) == ("WARNING", "pyregistry.test", 1.5)
    assert line["path"] == "https://***@c/"
    assert "request_id" not in line


def test_production_logs_requests_as_json(repository: Path) -> None:
    parser = RawConfigParser()
    parser.read(repository / "production.ini")
    assert parser["app:main"]["pyregistry.logs.format"] == "json"
    assert parser["logger_access"]["qualname"] == access_log.logger.name
    assert parser["logger_access"]["level"] == "INFO"
    assert "access" in parser["loggers"]["keys"]
