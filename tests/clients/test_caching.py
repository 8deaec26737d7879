"""What clients keep of an index, and that a new release is seen at once all the same."""

from pathlib import Path

import pytest

from tests.clients.installers import Installer
from tests.clients.server import Project
from tests.factories.distributions import wheel

pytestmark = pytest.mark.clients


@pytest.fixture
def index(installer: Installer, project: Project) -> list[str | Path]:
    """Options for an index that pip would cache: plain HTTP it caches only where it is trusted."""
    cache = installer.workstation.home / "cache"
    trusted = [] if installer.is_uv else ["--trusted-host", "127.0.0.1"]
    return ["--cache-dir", cache, "--index-url", project.index(), *trusted]


def test_new_release_is_visible_at_once(installer, project, index):
    for version in ("1.0", "2.0", "3.0"):
        project.publish(wheel("demo", version))
        outcome = installer.install("--upgrade", *index, "demo")
        assert outcome.status == 0, outcome.output
        assert installer.installed("demo") == version


def test_yank_is_visible_at_once(installer, project, index):
    project.publish(wheel("demo", "1.0"), wheel("demo", "2.0"))
    assert installer.install(*index, "demo").status == 0
    assert installer.installed("demo") == "2.0"
    project.yank("demo", "2.0", "broken")
    outcome = installer.install("--force-reinstall", *index, "demo")
    assert outcome.status == 0, outcome.output
    assert installer.installed("demo") == "1.0"


@pytest.mark.parametrize("installer", ["pip newest"], indirect=True)
def test_repeated_read_of_pip_is_not_modified(installer, project, index):
    """The oldest pip keeps nothing that came over plain HTTP."""
    project.publish(wheel("demo", "1.0"))
    page = f'"GET /{project.path}/-/simple/demo/ HTTP/1.1"'
    first = installer.install("-vv", "--force-reinstall", *index, "demo")
    assert f"{page} 200" in first.output, first.output
    second = installer.install("-vv", "--force-reinstall", *index, "demo")
    assert second.status == 0, second.output
    assert f"{page} 304" in second.output
    # The file itself never changes: it comes from the cache without a question.
    assert '.whl HTTP/1.1" 200' not in second.output


@pytest.mark.parametrize("installer", ["uv"], indirect=True)
def test_repeated_read_of_uv_is_not_modified(installer, project, index):
    project.publish(wheel("demo", "1.0"))
    assert installer.install(*index, "demo").status == 0
    again = installer.install("--verbose", "--reinstall-package", "demo", *index, "demo")
    assert again.status == 0, again.output
    assert "Found not-modified response for" in again.output
    assert "Found modified response for" not in again.output
