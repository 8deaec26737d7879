"""Names of views: as many as there are views, and each for one."""

from pathlib import Path

import pytest
from pyramid.registry import Registry
from sqlalchemy import URL

from pyregistry.config import configure
from pyregistry.watching.view_names import name_of
from tests.factories.world import Clock, new_components

MOST = 400
"""As many histograms Prometheus takes from one process without trouble."""


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """What Pyramid knows of the application."""
    url = URL.create("sqlite", database=str(tmp_path / "never-opened.sqlite3"))
    config = configure(new_components(url, tmp_path, Clock()))
    config.commit()
    return config.registry


def test_every_view_has_a_name_of_its_own(registry: Registry) -> None:
    categories = registry.introspector.get_category("views")
    views = {item["introspectable"]["callable"] for item in categories}
    names = {name_of(view) for view in views}
    assert len(names) == len(views)
    assert {"simple.simple_package", "packaging.download", "forklift.upload"} <= names
    assert 100 < len(names) < MOST
