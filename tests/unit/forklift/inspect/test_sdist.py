from pathlib import Path

import pytest

from pyregistry.errors import Invalid
from pyregistry.forklift.inspect import InspectedArchive, inspect
from tests.factories.distributions import Distribution, sdist, tar_gz_bytes, zip_bytes
from tests.factories.raw_zip import RawEntry, raw_zip

EXTENSIONS = [".tar.gz", ".zip"]


def accepted(folder: Path, distribution: Distribution) -> InspectedArchive:
    found = inspect(distribution.write_to(folder), distribution.filename)
    assert found.metadata_bytes == distribution.metadata
    return found


def refusal(folder: Path, distribution: Distribution) -> str:
    with pytest.raises(Invalid) as caught:
        inspect(distribution.write_to(folder), distribution.filename)
    return caught.value.sentence


def made(extension: str, members: dict[str, bytes]) -> Distribution:
    build = tar_gz_bytes if extension == ".tar.gz" else zip_bytes
    return Distribution(f"demo_package-1.0{extension}", build(members), b"")


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_an_sdist(tmp_path, extension):
    found = accepted(tmp_path, sdist(extension=extension))
    assert found.serves_metadata
    assert found.parsed.python_version == "source"


@pytest.mark.parametrize("filename", ["Demo.Package-1.0.tar.gz", "demo-package-1.0.0.zip"])
def test_older_spellings(tmp_path, filename):
    extension = ".zip" if filename.endswith(".zip") else ".tar.gz"
    accepted(tmp_path, sdist(filename=filename, extension=extension))


@pytest.mark.parametrize("folder", ["Demo-Package-1.0", "demo_package-1", "demo.package-1.0.0"])
def test_a_folder_in_another_spelling(tmp_path, folder):
    accepted(tmp_path, sdist(folder=folder))


@pytest.mark.parametrize("folder", ["demo_package", "demo_package-1.1", "other-1.0", "src"])
def test_a_folder_of_another_distribution(tmp_path, folder):
    assert folder in refusal(tmp_path, sdist(folder=folder))


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_two_top_level_folders(tmp_path, extension):
    distribution = made(extension, {"demo_package-1.0/PKG-INFO": b"", "other/x": b""})
    assert "two top-level folders" in refusal(tmp_path, distribution)


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_a_file_outside_of_the_folder(tmp_path, extension):
    distribution = made(extension, {"demo_package-1.0": b""})
    assert "outside of a folder" in refusal(tmp_path, distribution)


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_no_metadata(tmp_path, extension):
    distribution = sdist(extension=extension, omit={"PKG-INFO"})
    assert "no PKG-INFO" in refusal(tmp_path, distribution)
    deeper = sdist(extension=extension, omit={"PKG-INFO"}, files={"a/pkg-info.txt": b""})
    assert "no PKG-INFO" in refusal(tmp_path, deeper)


def test_nothing_at_all(tmp_path):
    assert "no PKG-INFO" in refusal(tmp_path, made(".tar.gz", {}))


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_the_metadata_in_a_second_spelling(tmp_path, extension):
    distribution = sdist(extension=extension, files={"Pkg-Info": b""})
    assert "keep PKG-INFO alone" in refusal(tmp_path, distribution)


def test_the_metadata_as_a_folder(tmp_path):
    content = raw_zip([RawEntry(b"demo_package-1.0/PKG-INFO/", method=0, mode=0o040755)])
    distribution = Distribution("demo_package-1.0.zip", content, b"")
    assert "keep PKG-INFO alone" in refusal(tmp_path, distribution)


@pytest.mark.parametrize("target", [b"../../etc/passwd", b"/etc/passwd", b"\xff"])
def test_links_in_a_zip_file(tmp_path, target):
    metadata = RawEntry(b"demo_package-1.0/PKG-INFO", sdist().metadata)
    link = RawEntry(b"demo_package-1.0/link", target, mode=0o120777)
    content = raw_zip([metadata, link])
    refusal(tmp_path, Distribution("demo_package-1.0.zip", content, b""))
    inside = raw_zip([metadata, RawEntry(b"demo_package-1.0/link", b"setup.py", mode=0o120777)])
    accepted(tmp_path, Distribution("demo_package-1.0.zip", inside, sdist().metadata))


@pytest.mark.parametrize(
    ("metadata_version", "dynamic", "served"),
    [
        ("2.1", [], False),
        ("1.0", [], False),
        ("2.2", [], True),
        ("2.2", ["License", "Description"], True),
        ("2.4", ["Requires-Dist"], False),
        ("2.4", ["requires-python"], False),
        ("2.4", ["Provides-Extra"], False),
    ],
)
def test_metadata_that_may_be_served(tmp_path, metadata_version, dynamic, served):
    distribution = sdist(metadata_version=metadata_version, metadata={"Dynamic": dynamic})
    assert accepted(tmp_path, distribution).serves_metadata is served
