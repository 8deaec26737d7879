"""The cluster that the tests of faults share."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.cluster import Cluster


@pytest.fixture(scope="session")
def cluster(database_folder: Path) -> Iterator[Cluster]:
    """A registry of several hosts. A test that ends a part of it starts that again."""
    folder = Path(tempfile.mkdtemp(prefix="cluster-", dir=database_folder))
    # PostgreSQL runs as another user, where the tests run as root.
    folder.chmod(0o711)
    made = Cluster(folder)
    try:
        made.start()
        yield made
    finally:
        made.stop()
