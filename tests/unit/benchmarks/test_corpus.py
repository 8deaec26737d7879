"""The corpus of the benchmarks: the same bytes every time, and what clients can install."""

import hashlib
import io
import zipfile
from pathlib import Path

from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.utils import parse_sdist_filename, parse_wheel_filename

from benchmarks.comparison import corpus
from benchmarks.comparison.bodies import write_wheel
from tests.factories.distributions import Distribution

KNOWN = "35ddfec413371578baee0fca2cd037a239cabc14cd023a4f0df0389d8402c604"


def _members(distribution: Distribution) -> dict[str, bytes]:
    """What a wheel holds: how it is compressed depends on the zlib of the machine."""
    with zipfile.ZipFile(io.BytesIO(distribution.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_same_files_come_in_every_run() -> None:
    """Results of two runs could not be compared otherwise."""
    tree = list(corpus.tree())
    assert [each.content for each in tree] == [each.content for each in corpus.tree()]
    content = repr([(each.filename, _members(each)) for each in (*tree, corpus.small())])
    assert hashlib.sha256(content.encode()).hexdigest() == KNOWN
    files = list(corpus.versions("ten-files", 10))
    assert files == list(corpus.versions("ten-files", 10))


def test_a_package_has_as_many_files_as_it_says() -> None:
    files = list(corpus.versions("some-files", 300))
    assert len({each.filename for each in files}) == 300
    assert len({each.sha256 for each in files}) == 300
    for each in files[:2]:
        Metadata.from_email(each.metadata)
    assert str(parse_wheel_filename(files[0].filename)[1]) == "0.0.0"
    assert str(parse_sdist_filename(files[1].filename)[1]) == "0.0.0"


def test_the_top_of_the_tree_needs_all_of_it() -> None:
    newest = {}
    for each in corpus.tree():
        metadata = Metadata.from_email(each.metadata)
        newest.setdefault(metadata.name, {})[str(metadata.version)] = metadata
    assert sorted(newest) == corpus.tree_names()
    reached, waiting = set(), [corpus.TREE_TOP]
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        for metadata in newest[name].values():
            needed = [Requirement(str(each)) for each in metadata.requires_dist or ()]
            # Whatever version is chosen, there is one of each that it needs.
            assert all(any(each.specifier.filter(newest[each.name])) for each in needed)
        waiting += [each.name for each in needed]
    assert reached == set(newest)


def test_a_large_wheel_lists_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "large.whl"
    described = write_wheel(path, "large-file", "1.0", 3 * 1024**2)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert "large_file/weights.bin" in archive.namelist()
        record = archive.read("large_file-1.0.dist-info/RECORD").decode()
        weights = archive.read("large_file/weights.bin")
    assert len(weights) == 3 * 1024**2
    assert record.startswith("large_file/weights.bin,sha256=")
    assert described.filename == "large_file-1.0-py3-none-any.whl"
