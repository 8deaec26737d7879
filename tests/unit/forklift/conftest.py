"""A storage to receive uploads into."""

from pathlib import Path

import pytest

from pyregistry.storage.local import LocalStorage
from tests.unit.forklift.receiving import ready


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    """An empty storage of the test's own."""
    return ready(tmp_path / "files")
