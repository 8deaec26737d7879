"""Large files: sent in one upload, or received and thrown away."""

import hashlib
import http.client
import os
import random
import socket
import time
import zipfile
from base64 import urlsafe_b64encode
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from benchmarks.comparison import corpus
from benchmarks.comparison.answers import PATIENCE
from benchmarks.comparison.asks import Ask, NotOffered, Question, Skipped
from benchmarks.comparison.memory import Peak
from benchmarks.comparison.nginx import StaticNginx
from benchmarks.comparison.registry import MAIN, UPLOADS, Registry
from benchmarks.comparison.target import Target, Upload
from benchmarks.comparison.works import Measured, Setting
from tests.factories.distributions import Distribution

_PIECE = 1024 * 1024
_WATCHED = 10
"""Downloads during which memory is looked at; their time does not count."""
LARGE = "large-file"
_CONTENT = b"the content goes here"


def write_wheel(path: Path, name: str, version: str, size: int) -> Distribution:
    """Write a wheel of about so many bytes, and give what its upload says of it, without content.

    Its one large member is not compressed: neither would the weights of a model be.
    """
    noise = random.Random(f"{name} {version}").randbytes(_PIECE)
    member = f"{name.replace('-', '_')}/weights.bin"
    pieces = size // _PIECE
    small = _with_record(name, version, f"{member},sha256={_digest(noise, pieces)}")
    path.write_bytes(small.content)
    with (
        zipfile.ZipFile(path, "a") as archive,
        archive.open(zipfile.ZipInfo(member), "w", force_zip64=True) as weights,
    ):
        for _ in range(pieces):
            weights.write(noise)
    return Distribution(small.filename, b"", small.metadata)


def _with_record(name: str, version: str, line: str) -> Distribution:
    """A small wheel whose RECORD has one line more, without the size."""
    small = corpus.upload_of(name, version, 0)
    with zipfile.ZipFile(BytesIO(small.content)) as archive:
        (path,) = (each for each in archive.namelist() if each.endswith("/RECORD"))
        record = archive.read(path).decode()
    return corpus.upload_of(name, version, 0, record=f"{line},\n{record}")


def _digest(piece: bytes, times: int) -> str:
    digest = hashlib.sha256()
    for _ in range(times):
        digest.update(piece)
    return urlsafe_b64encode(digest.digest()).decode().rstrip("=")


class Form:
    """The body of an upload of a file that is too large for memory."""

    def __init__(
        self,
        registry: Registry,
        file: Path,
        distribution: Distribution,
        project: str = UPLOADS,
    ) -> None:
        placed = Distribution(distribution.filename, _CONTENT, distribution.metadata)
        upload = registry.upload(placed, project)
        # Without digests: they would be those of what stands for the content.
        self._before, self._after = _without_digests(upload.body, upload.headers).split(_CONTENT)
        self._upload, self._file = upload, file

    def send(self) -> float:
        """Send it. The seconds until it is answered; raises `AssertionError` for a refusal."""
        connection = http.client.HTTPConnection(
            "127.0.0.1", self._upload.port, timeout=PATIENCE * 5
        )
        length = len(self._before) + self._file.stat().st_size + len(self._after)
        began = time.monotonic()
        with closing(connection), self._file.open("rb") as file:
            connection.putrequest("POST", self._upload.path)
            for name, value in self._upload.headers.items():
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(length))
            connection.endheaders()
            connection.send(self._before)
            connection.sock.sendfile(file)
            connection.send(self._after)
            response = connection.getresponse()
            said = response.read()
        assert response.status == 200, f"{response.status} {said[:300]!r}"  # noqa: PLR2004
        return time.monotonic() - began


def _without_digests(body: bytes, headers: dict[str, str]) -> bytes:
    boundary = b"--" + headers["Content-Type"].partition("boundary=")[2].encode()
    parts = body.split(boundary)
    return boundary.join(part for part in parts if b"_digest" not in part.partition(b"\r\n\r\n")[0])


def copy_and_hash(source: BinaryIO, target: BinaryIO) -> None:
    """What no upload can do without: three digests, and the bytes on the disk."""
    digests: list[Any] = [
        hashlib.sha256(),
        hashlib.blake2b(digest_size=32),
        hashlib.md5(usedforsecurity=False),
    ]
    while piece := source.read(_PIECE):
        for digest in digests:
            digest.update(piece)
        target.write(piece)
    target.flush()
    os.fsync(target.fileno())


class LargeUpload:
    """One wheel as large as the registry takes, beside what copying and hashing it takes."""

    name = "upload-large"
    unit = "s"
    less_is_better = True

    def __init__(self, size: int) -> None:
        self._size = size
        self._of_round = -1
        self.title = f"upload of a wheel of {_readable(size)}"

    def measure(self, target: Target, setting: Setting) -> Measured:
        """Seconds; `copy` copies and hashes the same file."""
        file = setting.folder / f"large-{setting.number}.whl"
        if self._of_round != setting.number:
            for old in setting.folder.glob("large-*.whl"):
                old.unlink()
            self._described = write_wheel(file, LARGE, f"{setting.number}.0", self._size)
            self._of_round = setting.number
        # Neither may find it in memory where the other did not.
        _read_through(file)
        if isinstance(target, Copying):
            return target.copy(file)
        if not isinstance(target, Registry):
            raise NotOffered("its limits are others")
        form = Form(target, file, self._described)
        peak = Peak(lambda: target.processes)
        with peak.watched():
            took = form.send()
        size = file.stat().st_size
        _forget(target, size)
        return Measured(took, {"memory_more": peak.more, "bytes": size})


def _read_through(file: Path) -> None:
    with file.open("rb", buffering=0) as stream:
        while stream.read(_PIECE * 16):
            pass


def _forget(target: Registry, size: int) -> None:
    """Remove the bytes from the folder: a run would fill the disk."""
    for path in target.holding.files.glob("??/??/*"):
        if path.stat().st_size == size:
            path.unlink()


class Copying:
    """Copies and hashes a file: what an upload is compared with."""

    name = "copy"

    def start(self) -> None:
        """There is nothing to start."""

    def stop(self) -> None:
        """There is nothing to end."""

    def question(self, _ask: Ask) -> Question:
        """It answers nothing."""
        raise NotOffered("it is no server")

    def upload(self, _distribution: Distribution) -> Upload:
        """It takes none."""
        raise NotOffered("it is no server")

    @property
    def processes(self) -> list[int]:
        """It has none."""
        return []

    def copy(self, file: Path) -> Measured:
        """Seconds to copy and hash a file."""
        copied = file.with_suffix(".copy")
        began = time.monotonic()
        with file.open("rb", buffering=0) as source, copied.open("wb", buffering=0) as target:
            copy_and_hash(source, target)
        took = time.monotonic() - began
        copied.unlink()
        return Measured(took, {})


class LargeDownload:
    """One client that receives a large file and throws it away, on one connection."""

    name = "download-large"
    unit = "MB/s"
    less_is_better = False

    def __init__(self, size: int) -> None:
        self.title = f"download of {_readable(size)}"
        self._size = size
        self.ask = Ask("large", LARGE, filename=f"{LARGE.replace('-', '_')}-0-py3-none-any.whl")
        self._published: set[Path] = set()
        self._read: set[Path] = set()

    def publish(self, registry: Registry, folder: Path) -> None:
        """Publish the file into the data of a registry that runs, unless it is there."""
        if registry.holding.folder in self._published:
            return
        file = folder / "download.whl"
        described = write_wheel(file, LARGE, "0", self._size)
        Form(registry, file, described, MAIN).send()
        file.unlink()
        self._published.add(registry.holding.folder)

    def _read_anew(self, folder: Path) -> None:
        """Have the file in memory as reading puts it there, and not as it was written.

        What was written in other pieces lies there in other pieces, and is sent at another speed.
        """
        if folder in self._read:
            return
        self._read.add(folder)
        large = (path for path in folder.rglob("*") if path.is_file())
        for path in (each for each in large if each.stat().st_size >= self._size):
            with path.open("rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                while file.read(_PIECE):
                    pass

    def measure(self, target: Target, setting: Setting) -> Measured:
        """Megabytes (10⁶ bytes) in a second."""
        if isinstance(target, Registry):
            self.publish(target, setting.folder)
        elif not isinstance(target, StaticNginx):
            raise Skipped
        self._read_anew(target.holding.folder if isinstance(target, Registry) else target.answers)
        question = target.question(self.ask)
        peak = Peak(lambda: target.processes)
        received, began = 0, time.monotonic()
        while received == 0 or time.monotonic() - began < setting.seconds:
            received += receive(question)
        took = time.monotonic() - began
        # Not at the same time: to look at what Python holds takes longer than to look at nginx.
        with peak.watched():
            for _ in range(_WATCHED):
                receive(question)
        return Measured(received / took / 1e6, {"memory_more": peak.more})


def receive(question: Question) -> int:
    """Ask and throw the body away: its size. Raises `AssertionError` for another status."""
    head = "".join(f"{name}: {value}\r\n" for name, value in question.headers.items())
    request = f"GET {question.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{head}\r\n"
    buffer = memoryview(bytearray(_PIECE))
    with socket.create_connection(("127.0.0.1", question.port), timeout=PATIENCE) as client:
        client.sendall(request.encode())
        start = b""
        while b"\r\n\r\n" not in start:
            piece = client.recv(65_536)
            assert piece, "the connection broke off"
            start += piece
        header, _, body = start.partition(b"\r\n\r\n")
        assert header.split()[1] == b"200", header[:100]
        lengths = [
            int(line.partition(b":")[2])
            for line in header.lower().splitlines()
            if line.startswith(b"content-length:")
        ]
        received, wanted = len(body), lengths[0]
        while received < wanted:
            count = client.recv_into(buffer)
            assert count, f"only {received} of {wanted} bytes came"
            received += count
    return received


def _readable(size: int) -> str:
    return f"{size / 1024**3:.3g} GiB" if size >= 1024**3 else f"{size / 1024**2:.0f} MiB"
