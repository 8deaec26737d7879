"""A registry with two storages."""

from pathlib import Path

import pytest

from tests.factories.shelves import Shelves
from tests.factories.world import World


@pytest.fixture
def shelves(world: World, tmp_path: Path) -> Shelves:
    """Two folders, `local` and `s3`; new files go to `local`."""
    return Shelves(world, tmp_path / "shelves")
