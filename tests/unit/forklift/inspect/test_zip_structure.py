import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyregistry.errors import Invalid
from pyregistry.forklift.inspect.limits import ArchiveLimits, ExpansionBudget
from pyregistry.forklift.inspect.zip_members import ZipArchive
from tests.factories.distributions import wheel
from tests.factories.raw_zip import RawEntry, descriptor, raw_zip, zip64_extra

A = RawEntry(b"a/one.txt", b"first " * 40)
B = RawEntry(b"a/two.txt", b"second " * 40)
LEFT_TO_ZIP64 = 0xFFFFFFFF


def read(content: bytes, limits: ArchiveLimits | None = None) -> dict[str, bytes]:
    """The files of the archive, each read to its end."""
    budget = ExpansionBudget(limits or ArchiveLimits(), len(content))
    archive = ZipArchive(io.BytesIO(content), len(content), budget)
    return {member.path: b"".join(member.chunks) for member in archive.members()}


def with_descriptor(entry: RawEntry, *, wide: bool = False, **changes) -> RawEntry:
    local = {"crc": 0, "compressed": 0, "expanded": 0}
    if wide:
        local |= {
            "compressed": LEFT_TO_ZIP64,
            "expanded": LEFT_TO_ZIP64,
            "extra": zip64_extra(0, 0),
        }
    fields = {"flags": 8, "local": local, "after": descriptor(entry, wide=wide), **changes}
    return RawEntry(entry.name, entry.data, **fields)


class TestAccepted:
    def test_entries_back_to_back(self):
        assert read(raw_zip([A, B])) == {"a/one.txt": A.data, "a/two.txt": B.data}

    def test_empty(self):
        assert read(raw_zip([])) == {}

    def test_stored(self):
        assert read(raw_zip([RawEntry(b"a", b"data", method=0)])) == {"a": b"data"}

    def test_folders(self):
        assert read(raw_zip([RawEntry(b"a/", method=0, mode=0o040755), A])) == {
            "a": b"",
            "a/one.txt": A.data,
        }

    @pytest.mark.parametrize("wide", [False, True])
    def test_data_descriptor_that_agrees(self, wide):
        assert read(raw_zip([with_descriptor(A, wide=wide), B]))["a/one.txt"] == A.data

    def test_zip64_sizes_that_agree(self):
        local = {
            "compressed": LEFT_TO_ZIP64,
            "expanded": LEFT_TO_ZIP64,
            "extra": zip64_extra(len(A.data), len(A.compressed)),
        }
        assert read(raw_zip([RawEntry(A.name, A.data, local=local)])) == {"a/one.txt": A.data}

    @pytest.mark.parametrize(
        "end", [{}, {"count": 0xFFFF, "disk_count": 0xFFFF}, {"offset": 0xFFFFFFFF}]
    )
    def test_zip64_end_that_agrees(self, end):
        assert len(read(raw_zip([A, B], zip64={}, end=end))) == 2

    def test_zip64_as_zipfile_writes_it(self):
        buffer = io.BytesIO()
        with (
            zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("a.txt", "w", force_zip64=True) as member,
        ):
            member.write(b"data")
        assert read(buffer.getvalue()) == {"a.txt": b"data"}

    def test_a_stream_as_zipfile_writes_it(self):
        class Unseekable(io.BytesIO):
            def seekable(self) -> bool:
                return False

            def seek(self, *_):
                raise io.UnsupportedOperation

            def tell(self):
                raise io.UnsupportedOperation

        buffer = Unseekable()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.txt", b"data")
            archive.writestr("é.txt", b"more")
        assert read(buffer.getvalue()) == {"a.txt": b"data", "é.txt": b"more"}

    def test_extra_fields_of_other_kinds(self):
        extra = {"extra": b"UT\x05\x00\x03abcd"}
        assert len(read(raw_zip([RawEntry(b"a", b"", local=extra, central=extra)]))) == 1


# What is wrong, and words of the sentence that tell it.
WRONG = {
    "empty file": (b"", "too short"),
    "no ZIP file": (b"no zip" * 20, "last bytes"),
    "data before": (raw_zip([A], prefix=b"#!/bin/sh\n"), "before or between"),
    "data between": (raw_zip([RawEntry(A.name, A.data, after=b"x"), B]), "before or between"),
    "data behind the last entry": (raw_zip([A], before_directory=b"x"), "between its last entry"),
    "data behind the end": (raw_zip([A], trailer=b"x"), "last bytes"),
    "comment of the archive": (raw_zip([A], end={"comment": b"x"}), "last bytes"),
    "comment with an end record": (raw_zip([A], end={"comment": raw_zip([])}), "end"),
    "comment of an entry": (raw_zip([RawEntry(b"a", central={"comment": b"x"})]), "comment"),
    "parts": (raw_zip([A], end={"disk": 1}), "several parts"),
    "directory in another part": (raw_zip([A], end={"start_disk": 1}), "several parts"),
    "entry in another part": (raw_zip([RawEntry(b"a", central={"disk": 1})]), "another part"),
    "two counts": (raw_zip([A, B], end={"disk_count": 1}), "two ways"),
    "count too low": (raw_zip([A, B], end={"disk_count": 1, "count": 1}), "other entries"),
    "count too high": (raw_zip([A], end={"disk_count": 2, "count": 2}), "other entries"),
    "directory too short": (raw_zip([A, B], end={"size": 10}), "does not end"),
    "directory elsewhere": (raw_zip([A, B], end={"offset": 0}), "does not end"),
    "left to ZIP64 without": (raw_zip([A], end={"count": 0xFFFF}), "ZIP64 records"),
    "ZIP64 with another count": (raw_zip([A], zip64={"count": 2, "disk_count": 2}), "differ"),
    "ZIP64 with another size": (raw_zip([A], zip64={"size": 1}), "differ"),
    "ZIP64 with another offset": (raw_zip([A], zip64={"offset": 1}), "differ"),
    "ZIP64 of several parts": (raw_zip([A], zip64={"disk": 1}), "several parts"),
    "ZIP64 with data": (raw_zip([A], zip64={"stated": 50}), "further data"),
    "ZIP64 locator elsewhere": (raw_zip([A], zip64={"locator_offset": 0}), "locator"),
    "ZIP64 locator of parts": (raw_zip([A], zip64={"locator_disks": 2}), "locator"),
    "duplicate": (raw_zip([A, A]), "more than once"),
    "duplicate in Unicode": (
        raw_zip([RawEntry("\xe9".encode(), flags=0x800), RawEntry(b"e\xcc\x81", flags=0x800)]),
        "more than once",
    ),
    "overlap": (raw_zip([A, RawEntry(B.name, B.data, central={"offset": 0})]), "overlap"),
    "other local name": (raw_zip([RawEntry(b"a", local={"name": b"b"})]), "another name"),
    "other local flags": (raw_zip([RawEntry(b"a", local={"flags": 2})]), "other flags"),
    "other local method": (raw_zip([RawEntry(b"a", local={"method": 0})]), "another method"),
    "other local CRC": (raw_zip([RawEntry(b"a", local={"crc": 1})]), "local header"),
    "other local size": (raw_zip([RawEntry(b"a", local={"expanded": 1})]), "local header"),
    "no sizes": (raw_zip([RawEntry(b"a", b"x", local={"expanded": 0})]), "local header"),
    "wrong CRC": (
        raw_zip([RawEntry(b"a", b"x", local={"crc": 1}, central={"crc": 1})]),
        "checksum",
    ),
    "wrong size": (
        raw_zip([RawEntry(b"a", b"x", local={"expanded": 5}, central={"expanded": 5})]),
        "another size",
    ),
    "more than its size": (
        raw_zip([RawEntry(b"a", b"xxx", local={"expanded": 1}, central={"expanded": 1})]),
        "another size",
    ),
    "stored with two sizes": (
        raw_zip([RawEntry(b"a", b"x", method=0, local={"expanded": 2}, central={"expanded": 2})]),
        "two sizes",
    ),
    "bytes behind the deflated data": (
        raw_zip([RawEntry(A.name, A.data, compressed_data=A.compressed + b"x")]),
        "behind its compressed data",
    ),
    "deflated data cut off": (
        raw_zip([RawEntry(A.name, A.data, compressed_data=A.compressed[:-3])]),
        "cut off",
    ),
    "no deflated data": (
        raw_zip([RawEntry(b"a", b"x", compressed_data=b"\xff\xff\xff")]),
        "damaged",
    ),
    "encrypted": (raw_zip([RawEntry(b"a", flags=1)]), "encrypted"),
    "masked headers": (raw_zip([RawEntry(b"a", flags=0x2000)]), "encrypted"),
    "LZMA": (raw_zip([RawEntry(b"a", b"x", method=14)]), "compression method 14"),
    "bzip2": (raw_zip([RawEntry(b"a", b"x", method=12)]), "compression method 12"),
    "name in another encoding": (raw_zip([RawEntry(b"\xe9")]), "not marked as UTF-8"),
    "name marked as UTF-8": (raw_zip([RawEntry(b"\xe9", flags=0x800)]), "not UTF-8"),
    "UTF-8 not marked": (raw_zip([RawEntry("\xe9".encode())]), "not marked as UTF-8"),
    "control character": (raw_zip([RawEntry(b"a\nb")]), "control"),
    "NUL in the name": (raw_zip([RawEntry(b"a\0b")]), "control"),
    "second name": (
        raw_zip([RawEntry(b"a", central={"extra": b"\x75\x70\x06\x00\x01abcdb"})]),
        "second name",
    ),
    "extra field cut off": (raw_zip([RawEntry(b"a", central={"extra": b"UT\x09\0"})]), "cut off"),
    "extra field of one byte": (raw_zip([RawEntry(b"a", local={"extra": b"U"})]), "cut off"),
    "two ZIP64 fields": (
        raw_zip([RawEntry(b"a", central={"extra": zip64_extra() * 2})]),
        "two ZIP64",
    ),
    "ZIP64 field without need": (
        raw_zip([RawEntry(b"a", b"x", central={"extra": zip64_extra(1)})]),
        "ZIP64 field",
    ),
    "ZIP64 field too short": (
        raw_zip([RawEntry(b"a", b"x", central={"expanded": LEFT_TO_ZIP64})]),
        "ZIP64 field",
    ),
    "ZIP64 with another entry size": (
        raw_zip(
            [RawEntry(b"a", b"x", central={"expanded": LEFT_TO_ZIP64, "extra": zip64_extra(2)})]
        ),
        "local header",
    ),
    "descriptor missing": (raw_zip([with_descriptor(A, after=b""), B]), "no data descriptor"),
    "descriptor without signature": (
        raw_zip([with_descriptor(A, after=descriptor(A, signature=False)), B]),
        "no data descriptor",
    ),
    "descriptor of another entry": (
        raw_zip([with_descriptor(A, after=descriptor(B)), B]),
        "no data descriptor",
    ),
    "descriptor of another width": (
        raw_zip([with_descriptor(A, after=descriptor(A, wide=True)), B]),
        "no data descriptor",
    ),
    "descriptor behind stored data": (
        raw_zip([RawEntry(b"a", b"x", method=0, flags=8, after=b"PK\x07\x08" + bytes(12))]),
        "does not tell its own end",
    ),
    "newer version": (raw_zip([RawEntry(b"a", central={"version": 64})]), "version 6.4"),
    "newer local version": (raw_zip([RawEntry(b"a", local={"version": 64})]), "version 6.4"),
    "device": (raw_zip([RawEntry(b"a", mode=0o020644)]), "device"),
    "folder with content": (raw_zip([RawEntry(b"a/", b"x")]), "folder by its name"),
    "folder by its mode": (raw_zip([RawEntry(b"a", mode=0o040755)]), "folder by its mode"),
}


@pytest.mark.parametrize("case", WRONG)
def test_refused(case):
    content, words = WRONG[case]
    with pytest.raises(Invalid) as refusal:
        read(content)
    assert words in refusal.value.sentence


@pytest.mark.parametrize("position", range(4))
def test_a_record_with_a_wrong_signature(position):
    content = raw_zip([A], zip64={})
    signatures = [b"PK\x03\x04", b"PK\x01\x02", b"PK\x06\x06", b"PK\x05\x06"]
    with pytest.raises(Invalid):
        read(content.replace(signatures[position], b"PK\x09\x09"))


VALID = wheel(description="text " * 50).content


@given(st.integers(0, len(VALID) - 1), st.integers(0, 255))
def test_zipfile_never_reads_other_content_than_we_do(position, byte):
    """What passes after any change of one byte has the files that `zipfile` finds."""
    content = VALID[:position] + bytes([byte]) + VALID[position + 1 :]
    try:
        ours = read(content)
    except Invalid:
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == ours
