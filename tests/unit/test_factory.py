"""The Paste application factory: a registry that cannot be served says why in one sentence."""

from pathlib import Path

import pytest

from pyregistry import main


def refused(folder: Path, **ini: str) -> str:
    with pytest.raises(SystemExit) as stopped:
        main({"here": str(folder)}, **{f"pyregistry.{key}": value for key, value in ini.items()})
    sentence = str(stopped.value)
    assert "\n" not in sentence
    return sentence


def test_database_without_a_schema(tmp_path: Path) -> None:
    sentence = refused(tmp_path, data="data")
    assert sentence == "pyregistry: The database has no schema: run 'pyregistry setup'."


def test_database_server_that_does_not_answer(tmp_path: Path) -> None:
    url = {"database.url": "postgresql://u:hidden@127.0.0.1:1/d"}
    sentence = refused(tmp_path, **url)
    assert sentence.startswith("pyregistry: The database cannot be used: ")
    assert "hidden" not in sentence


def test_database_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "pyregistry.sqlite3").write_text("no database " * 100)
    sentence = refused(tmp_path, data=".")
    assert sentence == "pyregistry: The database cannot be used: file is not a database"


def test_data_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    sentence = refused(tmp_path, data="file")
    assert sentence == f"pyregistry: Cannot use {tmp_path / 'file'}: File exists."


def test_storage_of_throttling_without_its_driver(tmp_path: Path) -> None:
    address = {"throttle.storage": "valkey://:hidden@127.0.0.1"}
    sentence = refused(tmp_path, **address)
    assert sentence.startswith("pyregistry: pyregistry.throttle.storage: the Python driver for")
    assert "hidden" not in sentence
