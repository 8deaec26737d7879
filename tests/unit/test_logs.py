"""The ini files that come with the registry, and what they make of a line of the log."""

import logging
from configparser import RawConfigParser
from pathlib import Path

import pytest

from pyregistry.logs import RequestFormatter


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
