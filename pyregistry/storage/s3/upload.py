"""Writing a file into a bucket, in one piece or in parts."""

import hashlib
import io
import logging
from base64 import b64encode
from pathlib import Path
from typing import Any, BinaryIO

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

logger = logging.getLogger(__name__)

_MOST_PARTS = 10_000
_READ = 256 * 1024


def write_object(client: Any, where: dict[str, str], said: dict[str, str], body: bytes) -> None:
    """Write a few bytes as an object. Raises boto's errors."""
    client.put_object(**where, **said, Body=body, ContentMD5=_md5(io.BytesIO(body)))


def write_file(
    client: Any,
    where: dict[str, str],
    said: dict[str, str],
    file: Path,
    size: int,
    *,
    part_size: int,
) -> None:
    """Write a file of `size` bytes as the object at `where` (`Bucket`, `Key`).

    What is larger than a part goes in parts, one after the other, each read from the file while
    it is sent. The service compares every piece with its MD5 digest, and refuses what arrived
    otherwise. Nobody sees the object before all of it is there. Raises boto's errors, and
    `OSError` where the file cannot be read; then no parts are left, unless the service does not
    answer.
    """
    if size <= part_size:
        with file.open("rb") as content:
            part = FilePart(content, 0, size)
            client.put_object(**where, **said, Body=part, ContentMD5=_md5(part))
        return
    upload = client.create_multipart_upload(**where, **said)["UploadId"]
    try:
        parts = _write_parts(client, where, upload, file, size, part_size)
        client.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": parts})
    except BaseException:
        abort(client, where, upload)
        raise


def _write_parts(
    client: Any, where: dict[str, str], upload: str, file: Path, size: int, part_size: int
) -> list[dict[str, Any]]:
    part_size = max(part_size, -(-size // _MOST_PARTS))
    parts = []
    with file.open("rb") as content:
        for number, start in enumerate(range(0, size, part_size), start=1):
            part = FilePart(content, start, min(part_size, size - start))
            answer = client.upload_part(
                **where, UploadId=upload, PartNumber=number, Body=part, ContentMD5=_md5(part)
            )
            parts.append({"PartNumber": number, "ETag": answer["ETag"]})
    return parts


def abort(client: Any, where: dict[str, str], upload: str) -> None:
    """Give up an upload in parts. Never raises boto's errors."""
    try:
        client.abort_multipart_upload(**where, UploadId=upload)
    except (BotoCoreError, ClientError, HTTPError, OSError) as error:
        # The sweeper finds it; what is told is the failure that came before.
        logger.warning("an unfinished upload stays behind: %s", type(error).__name__)


class FilePart(io.RawIOBase):
    """A part of an open file as a file of its own, which can be read again for a second attempt."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        super().__init__()
        self._file = file
        self._start = start
        self._size = size
        self._position = 0

    def __len__(self) -> int:
        return self._size

    def readable(self) -> bool:
        """It is read only."""
        return True

    def seekable(self) -> bool:
        """It can begin anew."""
        return True

    def tell(self) -> int:
        """How many bytes of the part have been read."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go on at another place, from the beginning, from here, or from the end."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = min(self._size, max(0, base + offset))
        return self._position

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size` of them."""
        left = self._size - self._position
        wanted = left if size is None or size < 0 else min(size, left)
        self._file.seek(self._start + self._position)
        chunk = self._file.read(wanted)
        self._position += len(chunk)
        return chunk

    def close(self) -> None:
        """The file belongs to whoever opened it."""


def _md5(content: BinaryIO | FilePart) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    while chunk := content.read(_READ):
        digest.update(chunk)
    content.seek(0)
    return b64encode(digest.digest()).decode()
