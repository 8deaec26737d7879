"""Which storage a registry asks for a file."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from pyregistry.settings import Settings
from pyregistry.storage.errors import StorageUnavailable
from pyregistry.storage.storages import Storages


def storages(folder: Path, **ini: str) -> Storages:
    keys = {f"pyregistry.storage{key.replace('__', '.')}": value for key, value in ini.items()}
    return Storages(Settings.parse({"here": str(folder), **keys}, {}))


def configured(found: Storages) -> list[str]:
    return [storage.name for storage in found.configured()]


def test_new_files_go_where_the_setting_says(tmp_path: Path) -> None:
    assert storages(tmp_path).default.name == "local"
    bucket = storages(tmp_path, **{"": "s3", "__s3__bucket": "files"})
    assert bucket.default.name == "s3"
    assert bucket.default is bucket.named("s3")


def test_what_is_configured(tmp_path: Path) -> None:
    assert configured(storages(tmp_path)) == ["local"]
    assert configured(storages(tmp_path, __s3__bucket="files")) == ["local", "s3"]
    both = storages(tmp_path, **{"": "s3", "__s3__bucket": "files"})
    assert configured(both) == ["s3"]
    both.named("local").prepare()
    assert configured(both) == ["s3", "local"]


@pytest.mark.parametrize("name", ["s3", "tape"])
def test_what_is_not(tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageUnavailable, match=f"the storage {name}, which is not configured"):
        storages(tmp_path).named(name)


def test_a_folder_is_not_asked_at_the_start(tmp_path: Path) -> None:
    storages(tmp_path).check_at_start()
    assert list(tmp_path.iterdir()) == []


def test_who_has_no_bucket_loads_no_boto(repository: Path) -> None:
    code = """
        import sys
        from pyregistry.config import build_components
        from pyregistry.settings import Settings
        components = build_components(Settings.parse({}, {}))
        components.storage
        print([name for name in sys.modules if name.startswith("boto")])
        """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=True,
        cwd=repository,
    )
    assert done.stdout == "[]\n"
