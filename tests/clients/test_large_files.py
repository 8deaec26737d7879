"""A large file goes through the server in small pieces."""

import base64
import hashlib
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.environments import OWN_COMMANDS, REPOSITORY
from tests.clients.server import Project, Registry, Server
from tests.factories.distributions import render_metadata, render_wheel_file, wheel

pytestmark = pytest.mark.clients

MIB = 1024**2
SIZE = 300 * MIB
FILENAME = "demo_large-1.0-py3-none-any.whl"


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Registry]:
    """A registry that nobody else uses, so that its memory tells of this test alone."""
    server = Server(REPOSITORY, tmp_path / "registry")
    registry = Registry(server)
    registry.set_up()
    server.start()
    yield registry
    server.stop()
    shutil.rmtree(tmp_path / "registry")


@pytest.fixture
def large_wheel(tmp_path: Path) -> Iterator[Path]:
    """A wheel with one large member, not compressed."""
    path = tmp_path / FILENAME
    piece = bytes(range(256)) * (MIB // 256)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        record = []
        digest = hashlib.sha256()
        # A size told beforehand, so that no member ends in a data descriptor.
        data = zipfile.ZipInfo("demo_large/data.bin")
        data.file_size = SIZE
        with archive.open(data, "w") as member:
            for _ in range(SIZE // MIB):
                member.write(piece)
                digest.update(piece)
        record.append(f"demo_large/data.bin,sha256={_base64(digest.digest())},{SIZE}")
        info = "demo_large-1.0.dist-info"
        members = {
            f"{info}/METADATA": render_metadata("demo-large", "1.0"),
            f"{info}/WHEEL": render_wheel_file(),
        }
        for name, content in members.items():
            archive.writestr(name, content)
            sha256 = _base64(hashlib.sha256(content).digest())
            record.append(f"{name},sha256={sha256},{len(content)}")
        record.append(f"{info}/RECORD,,")
        archive.writestr(f"{info}/RECORD", "\n".join(record) + "\n")
    yield path
    path.unlink()


def test_memory_stays_flat(alone, large_wheel, workstation):
    project: Project = alone.project()
    warm_up(project)
    before = alone.server.memory()
    published = workstation.run(
        OWN_COMMANDS / "uv",
        "publish",
        "--publish-url",
        project.upload_url,
        large_wheel,
        UV_PUBLISH_TOKEN=alone.tokens["developer"],
    )
    assert published.status == 0, published.output
    assert alone.server.memory() - before < 150 * MIB
    digest = _sha256(large_wheel)
    assert project.files("demo-large") == {FILENAME: digest}
    got = workstation.run(
        OWN_COMMANDS / "python",
        *("-m", "pip", "download", "--no-deps", "--no-cache-dir", "--quiet"),
        *("--index-url", project.index(), "demo-large"),
    )
    assert got.status == 0, got.output
    assert alone.server.memory() - before < 150 * MIB
    assert _sha256(workstation.work / FILENAME) == digest
    (workstation.work / FILENAME).unlink()


def warm_up(project: Project) -> None:
    """Let the server load what it loads with its first upload and page."""
    project.publish(wheel("demo-small"))
    project.page("demo-small")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _base64(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
