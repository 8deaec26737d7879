"""Verifying stored files: everything, or a sample."""

from collections import Counter

import pytest

from pyregistry.progress import Progress
from pyregistry.storage.errors import StorageUnavailable
from pyregistry.upkeep.reports import Problem, VerificationReport
from pyregistry.upkeep.services.objects import KeptObject
from pyregistry.upkeep.services.verify import Sample, sample_of, sampled, verify
from tests.factories.recorded import digests_of
from tests.factories.shelves import Shelves


def verified(shelves: Shelves, **options: object) -> VerificationReport:
    return verify(shelves.world.components.database, shelves.named, **options)


def test_nothing_to_verify(shelves: Shelves) -> None:
    assert verified(shelves) == VerificationReport()


def test_everything_is_in_order(shelves: Shelves) -> None:
    shelves.publish_many(3)
    shelves.publish(b"content 1", project="acme/other")
    shelves.s3.prepare()
    shelves.publish(b"elsewhere", "demo-2.0.tar.gz", shelf=shelves.s3)
    report = verified(shelves)
    assert report == VerificationReport(sound=4, sound_bytes=36)
    assert report.is_clean


def test_only_one_storage(shelves: Shelves) -> None:
    shelves.publish_many(2)
    shelves.record(b"not there", "demo-2.0.tar.gz", shelf=shelves.s3)
    assert verified(shelves, storage="local").is_clean
    assert verified(shelves, storage="s3").troubles.missing == 1


def test_missing(shelves: Shelves) -> None:
    shelves.publish_many(2)
    shelves.record(b"gone", "demo-2.0.tar.gz")
    shelves.record(b"gone", "demo-2.0.tar.gz", project="acme/other")
    report = verified(shelves)
    assert (report.sound, report.troubles.missing, report.is_clean) == (2, 1, False)
    (trouble,) = report.troubles.told
    assert trouble.sha256 == digests_of(b"gone").sha256
    assert trouble.files == ("acme/core demo demo-2.0.tar.gz", "acme/other demo demo-2.0.tar.gz")


def test_other_bytes(shelves: Shelves) -> None:
    shelves.local.damage(shelves.publish(b"sound"), b"other")
    (trouble,) = verified(shelves).troubles.told
    assert trouble.problem is Problem.DAMAGED
    assert digests_of(b"other").sha256 in trouble.reason


@pytest.mark.parametrize("said", [3, 7])
def test_another_size_than_was_recorded(shelves: Shelves, said: int) -> None:
    shelves.publish(b"sound")
    shelves.publish(b"sound", project="acme/other", size=said)
    (trouble,) = verified(shelves).troubles.told
    assert trouble.problem is Problem.DAMAGED
    assert trouble.reason == f"It has 5 bytes, and its files are said to have {said}"


def test_what_cannot_be_read(shelves: Shelves) -> None:
    sha256 = shelves.publish(b"sound")
    path = shelves.local.local_path(sha256)
    assert path is not None
    path.unlink()
    path.mkdir()
    (trouble,) = verified(shelves).troubles.told
    assert trouble.problem is Problem.FAILED


def test_a_storage_that_is_gone(shelves: Shelves) -> None:
    shelves.publish_many(30)

    def refuse(_sha256: str) -> None:
        raise StorageUnavailable("nobody there")

    shelves.local.on_open = refuse
    report = verified(shelves)
    assert report.gave_up
    assert 20 <= report.troubles.failed < 30


def test_one_that_is_not_configured(shelves: Shelves) -> None:
    with pytest.raises(StorageUnavailable, match="tape"):
        verified(shelves, storage="tape")


def test_what_is_moved_meanwhile_is_not_missing(shelves: Shelves) -> None:
    sha256 = shelves.publish(b"moving")

    def move(_sha256: str) -> None:
        shelves.s3.prepare()
        shelves.s3.put(b"moving")
        shelves.switch(sha256, shelves.s3)
        shelves.local.remove(sha256)

    shelves.local.on_open = move
    report = verified(shelves)
    assert (report.overtaken, report.is_clean) == (1, True)


def test_stopped(shelves: Shelves) -> None:
    shelves.publish_many(20)
    seen: list[Progress] = []
    report = verified(
        shelves, workers=1, progress=seen.append, should_stop=lambda: seen[-1].done_objects >= 2
    )
    assert (report.stopped, report.is_clean) == (True, False)
    assert 2 <= report.sound < 20


class TestSamples:
    def test_so_many(self, shelves: Shelves) -> None:
        shelves.publish_many(20)
        seen: list[Progress] = []
        assert verified(shelves, sample=Sample(7), progress=seen.append).sound == 7
        assert (seen[0].total_objects, seen[-1].done_objects) == (7, 7)

    def test_a_share(self, shelves: Shelves) -> None:
        shelves.publish_many(20)
        assert verified(shelves, sample=Sample(12, is_percentage=True)).sound == 3

    def test_more_than_there_are(self, shelves: Shelves) -> None:
        shelves.publish_many(3)
        assert verified(shelves, sample=Sample(1000)).sound == 3

    def test_each_has_the_same_chance(self) -> None:
        objects = [KeptObject("local", str(number), 1, 1) for number in range(10)]
        chosen: Counter[str] = Counter()
        for _ in range(5000):
            found = list(sampled(objects, 10, 3))
            assert len(found) == 3
            chosen.update(kept.sha256 for kept in found)
        # 1,500 are expected of each; ten standard deviations are 324.
        assert all(abs(count - 1500) < 324 for count in chosen.values())
        assert len(chosen) == 10

    @pytest.mark.parametrize(
        ("text", "sample"),
        [
            ("1000", Sample(1000)),
            ("5%", Sample(5, is_percentage=True)),
            ("0.5 %", Sample(0.5, is_percentage=True)),
            ("100%", Sample(100, is_percentage=True)),
        ],
    )
    def test_as_people_write_them(self, text: str, sample: Sample) -> None:
        assert sample_of(text) == sample

    @pytest.mark.parametrize(
        "text", ["", "0", "0%", "-1", "101%", "1.5", "many", "%", "nan", "1e3"]
    )
    def test_what_is_none(self, text: str) -> None:
        with pytest.raises(ValueError, match="no sample"):
            sample_of(text)
