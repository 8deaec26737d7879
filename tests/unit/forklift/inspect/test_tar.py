import gzip
import io
import tarfile
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyregistry.errors import Invalid
from pyregistry.forklift.inspect.limits import ArchiveLimits, ExpansionBudget
from pyregistry.forklift.inspect.members import MemberKind
from pyregistry.forklift.inspect.tar_members import TarArchive
from tests.factories.distributions import sdist, tar_gz_bytes

MIB = 1024 * 1024


def read(content: bytes, limits: ArchiveLimits | None = None) -> dict[str, bytes]:
    budget = ExpansionBudget(limits or ArchiveLimits(), len(content))
    archive = TarArchive(io.BytesIO(content), budget)
    return {member.path: b"".join(member.chunks) for member in archive.members()}


def kinds(content: bytes) -> dict[str, MemberKind]:
    archive = TarArchive(io.BytesIO(content), ExpansionBudget(ArchiveLimits(), len(content)))
    return {member.path: member.kind for member in archive.members()}


def refusal(content: bytes, limits: ArchiveLimits | None = None) -> str:
    with pytest.raises(Invalid) as caught:
        read(content, limits)
    return caught.value.sentence


def info(name: str, type_: bytes = tarfile.REGTYPE, **fields) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type = type_
    for field, value in fields.items():
        setattr(member, field, value)
    return member


def tar(*members: tuple[tarfile.TarInfo, bytes], tar_format: int = tarfile.PAX_FORMAT) -> bytes:
    """An uncompressed tar file, member by member, sizes set from the data."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tar_format) as archive:
        for member, data in members:
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def tar_gz(*members: tuple[tarfile.TarInfo, bytes], tar_format: int = tarfile.PAX_FORMAT) -> bytes:
    return gzip.compress(tar(*members, tar_format=tar_format), mtime=0)


def link(name: str, target: str, type_: bytes = tarfile.SYMTYPE) -> tuple[tarfile.TarInfo, bytes]:
    return info(name, type_, linkname=target), b""


def pax(type_: bytes, records: bytes) -> tuple[tarfile.TarInfo, bytes]:
    return info("././@PaxHeader", type_), records


def record(keyword: str, value: str) -> bytes:
    body = f" {keyword}={value}\n".encode()
    size = len(body)
    while size != len(body) + len(str(size)):
        size = len(body) + len(str(size))
    return str(size).encode() + body


FILE = (info("top/file"), b"content")
FORMATS = [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]


class TestAccepted:
    @pytest.mark.parametrize("tar_format", FORMATS)
    def test_every_format(self, tar_format):
        members = {"top/a": b"a" * 1000, "top/b": b"", "top/c": b"c" * 512}
        assert read(tar_gz_bytes(members, tar_format=tar_format)) == members

    @pytest.mark.parametrize("tar_format", FORMATS)
    def test_long_names(self, tar_format):
        name = "top/" + "/".join(["folder"] * 20) + "/file"
        assert read(tar_gz_bytes({name: b"x"}, tar_format=tar_format)) == {name: b"x"}

    @pytest.mark.parametrize("tar_format", FORMATS[1:])
    def test_names_beyond_ustar(self, tar_format):
        name = "top/" + "é" * 300
        assert read(tar_gz_bytes({name: b"x"}, tar_format=tar_format)) == {name: b"x"}

    @pytest.mark.parametrize("tar_format", FORMATS[1:])
    def test_long_link_targets(self, tar_format):
        content = tar_gz(link("top/l", "x" * 200), tar_format=tar_format)
        assert kinds(content) == {"top/l": MemberKind.LINK}

    def test_kinds(self):
        content = tar_gz(
            (info("top/", tarfile.DIRTYPE), b""),
            FILE,
            link("top/link", "file"),
            link("top/hard", "top/file", tarfile.LNKTYPE),
        )
        assert kinds(content) == {
            "top": MemberKind.FOLDER,
            "top/file": MemberKind.FILE,
            "top/link": MemberKind.LINK,
            "top/hard": MemberKind.LINK,
        }

    def test_types_from_before_posix(self):
        content = tar_gz(
            (info("top/", tarfile.AREGTYPE), b""), (info("top/a", tarfile.AREGTYPE), b"a")
        )
        assert kinds(content) == {"top": MemberKind.FOLDER, "top/a": MemberKind.FILE}

    def test_a_global_header_with_a_comment(self):
        content = tar_gz(pax(b"g", record("comment", "f" * 40)), FILE)
        assert read(content) == {"top/file": b"content"}

    def test_a_pax_size_that_agrees(self):
        assert read(tar_gz(pax(b"x", record("size", "7")), FILE)) == {"top/file": b"content"}

    def test_zeros_behind_the_gzip_member(self):
        assert read(tar_gz(FILE) + bytes(100)) == {"top/file": b"content"}

    def test_without_blocks_of_zeros_at_the_end(self):
        assert read(gzip.compress(tar(FILE)[:1024])) == {"top/file": b"content"}


WRONG = {
    "no gzip": (b"no gzip", "damaged"),
    "empty": (b"", "cut off"),
    "gzip cut off": (tar_gz(FILE)[:-12], "cut off"),
    "gzip checksum": (tar_gz(FILE)[:-8] + bytes(8), "damaged"),
    "data behind gzip": (tar_gz(FILE) + b"x", "behind its end"),
    "two gzip members": (tar_gz(FILE) + tar_gz(FILE), "behind its end"),
    "data behind the end": (gzip.compress(tar(FILE) + tar(FILE)), "behind its end"),
    "no tar": (gzip.compress(b"x" * 1024), "checksum"),
    "header cut off": (gzip.compress(tar(FILE)[:200]), "too early"),
    "data cut off": (gzip.compress(tar(FILE)[:515]), "cut off"),
    "last block cut off": (gzip.compress(tar(FILE)[:600]), "too early"),
    "data missing": (gzip.compress(tar(FILE)[:512]), "cut off"),
    "absolute": (tar_gz((info("/etc/passwd"), b"")), "relative names"),
    "parent": (tar_gz((info("top/../../x"), b"")), "relative names"),
    "current": (tar_gz((info("./top/x"), b"")), "relative names"),
    "drive": (tar_gz((info("C:/x"), b"")), "drive letters"),
    "backslash": (tar_gz((info("top\\..\\x"), b"")), "backslashes"),
    "not UTF-8": (tar_gz((info("top/\udce9"), b""), tar_format=tarfile.GNU_FORMAT), "UTF-8"),
    "duplicate": (tar_gz(FILE, FILE), "more than once"),
    "file below a link": (tar_gz(link("top/l", "d"), (info("top/l/x"), b"")), "as a folder"),
    "link out": (tar_gz(link("top/l", "../../etc")), "leads to"),
    "absolute link": (tar_gz(link("top/l", "/etc/passwd")), "leads to"),
    "link through a link": (tar_gz(link("top/a/l", "b/../../../c")), "leads to"),
    "hard link out": (tar_gz(link("top/l", "../x", tarfile.LNKTYPE)), "relative names"),
    "hard link to nothing": (tar_gz(link("top/l", "top/x", tarfile.LNKTYPE)), "no file before"),
    "device": (tar_gz((info("top/d", tarfile.CHRTYPE), b"")), "neither a file"),
    "block device": (tar_gz((info("top/d", tarfile.BLKTYPE), b"")), "neither a file"),
    "pipe": (tar_gz((info("top/d", tarfile.FIFOTYPE), b"")), "neither a file"),
    "old sparse file": (tar_gz((info("top/d", tarfile.GNUTYPE_SPARSE), b"")), "neither a file"),
    "contiguous file": (tar_gz((info("top/d", tarfile.CONTTYPE), b"")), "neither a file"),
    "sparse file": (tar_gz(pax(b"x", record("GNU.sparse.major", "1")), FILE), "sparse"),
    "folder with data": (tar_gz((info("top/d", tarfile.DIRTYPE), b"x")), "has data"),
    "link with data": (tar_gz((info("top/d", tarfile.SYMTYPE, linkname="a"), b"x")), "has data"),
    "two names": (
        tar_gz(pax(b"x", record("path", "top/b")), pax(b"L", b"top/c\0"), FILE),
        "two extended",
    ),
    "another size": (tar_gz(pax(b"x", record("size", "512")), FILE), "two sizes"),
    "global name": (tar_gz(pax(b"g", record("path", "top/b")), FILE), "global header"),
    "global size": (tar_gz(pax(b"g", record("size", "1")), FILE), "global header"),
    "one keyword twice": (
        tar_gz(pax(b"x", record("path", "top/b") + record("path", "top/c")), FILE),
        "twice",
    ),
    "malformed record": (tar_gz(pax(b"x", b"nonsense"), FILE), "malformed"),
    "record without a line end": (tar_gz(pax(b"x", b"9 path=ab"), FILE), "malformed"),
    "record too long": (tar_gz(pax(b"x", b"99 path=a\n"), FILE), "malformed"),
    "nothing to extend": (tar_gz(pax(b"x", record("path", "top/b"))), "after an extended"),
    "folder by one name": (
        tar_gz(pax(b"x", record("path", "top/b")), (info("top/b/", tarfile.AREGTYPE), b"")),
        "by one of its names",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_refused(case):
    content, words = WRONG[case]
    assert words in refusal(content)


def with_header(**parts: tuple[int, bytes]) -> bytes:
    """An archive of one file, with bytes of its header replaced and its checksum set."""
    content = bytearray(tar(FILE, tar_format=tarfile.USTAR_FORMAT))
    for position, data in parts.values():
        content[position : position + len(data)] = data
    content[148:156] = b" " * 8
    content[148:156] = b"%06o\0 " % sum(content[:512])
    return gzip.compress(bytes(content))


def test_header_fields():
    assert read(with_header()) == {"top/file": b"content"}
    assert read(with_header(size=(124, b"          7\0"))) == {"top/file": b"content"}
    base_256 = b"\x80" + (7).to_bytes(11, "big")
    assert read(with_header(size=(124, base_256))) == {"top/file": b"content"}
    for wrong in (b"0x7         ", b"-7          ", b"\xff" * 12, b"7_7         "):
        assert "no number" in refusal(with_header(size=(124, wrong)))
    assert "cut off" in refusal(with_header(size=(124, b"\x80" + b"\xff" * 11)))


def test_a_prefix_is_of_posix_headers_alone():
    assert read(with_header(prefix=(345, b"top"))) == {"top/top/file": b"content"}
    gnu = with_header(prefix=(345, b"top"), magic=(257, b"ustar  \0"))
    assert "prefix" in refusal(gnu)


def test_a_wrong_checksum():
    content = bytearray(tar(FILE))
    content[0] ^= 1
    assert "checksum" in refusal(gzip.compress(bytes(content)))


def test_limits_hold_while_reading():
    bomb = tar_gz_bytes({"top/zeros": bytes(4 * MIB)})
    assert "more than 1048576 bytes" in refusal(bomb, ArchiveLimits(max_expanded_size=MIB))
    many = tar_gz_bytes({f"top/{number}": b"" for number in range(20)})
    assert "more than 10 members" in refusal(many, ArchiveLimits(max_members=10))
    headers = tar_gz(*[pax(b"g", record("comment", "x"))] * 20)
    assert "more than 10 members" in refusal(headers, ArchiveLimits(max_members=10))
    zeros_behind = gzip.compress(tar(FILE) + bytes(4 * MIB))
    assert "more than 1048576" in refusal(zeros_behind, ArchiveLimits(max_expanded_size=MIB))


@pytest.mark.parametrize("type_", [b"x", b"g", b"L", b"K"])
def test_a_huge_extended_header_is_not_read_into_memory(type_):
    content = tar_gz(pax(type_, bytes(64 * MIB)), FILE)
    tracemalloc.start()
    try:
        assert "extended header of it has 67108864 bytes" in refusal(content)
        assert tracemalloc.get_traced_memory()[1] < 8 * MIB
    finally:
        tracemalloc.stop()


def test_memory_is_flat():
    content = tar_gz_bytes({"top/zeros": bytes(60 * MIB)})
    archive = TarArchive(io.BytesIO(content), ExpansionBudget(ArchiveLimits(), len(content)))
    tracemalloc.start()
    try:
        assert sum(len(chunk) for member in archive.members() for chunk in member.chunks) == (
            60 * MIB
        )
        assert tracemalloc.get_traced_memory()[1] < 8 * MIB
    finally:
        tracemalloc.stop()


PLAIN = gzip.decompress(sdist(description="text").content)


@given(st.integers(0, len(PLAIN) - 1), st.integers(0, 255))
def test_tarfile_never_reads_other_content_than_we_do(position, byte):
    """What passes after any change of one byte has the files that `tarfile` finds."""
    plain = PLAIN[:position] + bytes([byte]) + PLAIN[position + 1 :]
    content = gzip.compress(plain, 1)
    archive = TarArchive(io.BytesIO(content), ExpansionBudget(ArchiveLimits(), len(content)))
    try:
        ours = {
            member.path: b"".join(member.chunks)
            for member in archive.members()
            if member.kind is MemberKind.FILE
        }
    except Invalid:
        return
    with tarfile.open(fileobj=io.BytesIO(plain)) as other:
        theirs = {
            member.name: other.extractfile(member).read() for member in other if member.isreg()
        }
    assert theirs == ours
