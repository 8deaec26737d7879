"""`IFileStorage` in a bucket.

What is received lies in a spool folder of this machine first, and goes to the bucket when it is
stored. An archive cannot be inspected while it streams past (the list of its members comes last),
and its address is its digest, which is known only at its end: to send it to the bucket as it
arrives would mean to inspect it over the network, and to copy it to its address afterwards, which
services refuse above 5 GB. So there is one copy on a disk, and nothing that is refused ever
reaches the bucket.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from pyregistry.storage.digests import Digests, is_sha256
from pyregistry.storage.errors import ObjectMissing, StorageReadOnly, StorageUnavailable
from pyregistry.storage.incoming import IncomingFile, SpoolFolder
from pyregistry.storage.interfaces import (
    IFileStorage,
    Leftover,
    ObjectReader,
    PendingObject,
    Shown,
    StoredObject,
    TemporaryAddress,
)
from pyregistry.storage.s3.addresses import temporary_address
from pyregistry.storage.s3.bucket import make_bucket
from pyregistry.storage.s3.client import LazyClients
from pyregistry.storage.s3.copies import copy_onto_itself
from pyregistry.storage.s3.errors import code_of, s3_errors, status_of
from pyregistry.storage.s3.options import S3Options
from pyregistry.storage.s3.reader import BodyReader, NoBytes
from pyregistry.storage.s3.unfinished import UnfinishedUploads
from pyregistry.storage.s3.upload import write_file, write_object

_UNSATISFIABLE: Final = 416
_CHECK: Final = b"check"
_OCTETS: Final = "application/octet-stream"


class S3Storage(IFileStorage):
    """Objects of one bucket, at `<prefix>/<2>/<2>/<sha256>`.

    Storing the same bytes again uploads them again. That renews their age in one step, for
    objects of every size and with every service (to copy an object onto itself ends at 5 GB, and
    some services refuse it), and puts right what may have been damaged. Nothing is called before
    the first use.
    """

    name = "s3"

    def __init__(self, options: S3Options) -> None:
        self._options = options
        self._clients = LazyClients(options)
        self._spool = SpoolFolder(options.spool_folder)
        self._start = f"{options.prefix}/" if options.prefix else ""
        self._object = re.compile(
            re.escape(self._start) + r"(?P<first>[0-9a-f]{2})/(?P<second>[0-9a-f]{2})/"
            r"(?P<sha256>(?P=first)(?P=second)[0-9a-f]{60})"
        )
        self._unfinished = UnfinishedUploads(options.bucket, self._start, self._object)

    def prepare(self) -> None:
        self._spool.make()
        make_bucket(self._client, self._options)

    def check(self) -> None:
        where = self._where(f"check/{secrets.token_hex(16)}")
        with s3_errors("write an object"):
            write_object(self._client, where, self._options.of_every_write, _CHECK)
        try:
            with s3_errors("read an object"):
                echo = self._client.get_object(**where)["Body"].read()
        finally:
            with s3_errors("remove an object"):
                self._client.delete_object(**where)
        if echo != _CHECK:
            raise StorageUnavailable("The storage did not return the bytes that were written")

    def free_bytes(self) -> None:
        return None

    def begin(self) -> PendingObject:
        self._spool.make()
        return IncomingFile(self._spool.folder, self._keep)

    def open(self, sha256: str, *, start: int = 0, length: int | None = None) -> ObjectReader:
        if start < 0 or (length is not None and length < 0):
            raise ValueError("start and length cannot be negative")
        where = self._address_of(sha256)
        if length == 0:
            self.stat(sha256)
            return NoBytes()
        asked = {} if start == 0 and length is None else {"Range": _range(start, length)}
        with s3_errors("open an object", missing=sha256):
            answer = self._get(where, asked)
            if answer is None:
                return NoBytes()
            reader = BodyReader(answer["Body"], answer["ContentLength"])
        begins_there = not asked or answer.get("ContentRange", "").startswith(f"bytes {start}-")
        if not begins_there or (length is not None and answer["ContentLength"] > length):
            reader.close()
            raise StorageUnavailable("The S3 service did not send the range that was asked for")
        reader.begin()
        return reader

    def stat(self, sha256: str) -> StoredObject:
        where = self._address_of(sha256)
        try:
            with s3_errors("look up an object", missing=sha256):
                found = self._client.head_object(**where)
                modified_at = _whole_second(found["LastModified"])
                return StoredObject(sha256, found["ContentLength"], modified_at)
        except ObjectMissing:
            # The answer to HEAD has no body that would tell a missing bucket from a missing key.
            with s3_errors("look up an object"):
                self._client.list_objects_v2(Bucket=where["Bucket"], MaxKeys=1, Prefix="-")
            raise

    def size(self, sha256: str) -> int:
        return self.stat(sha256).size

    def exists(self, sha256: str) -> bool:
        try:
            self.stat(sha256)
        except ObjectMissing:
            return False
        return True

    def local_path(self, sha256: str) -> None:
        self._address_of(sha256)

    def address(self, sha256: str, shown: Shown, now: datetime) -> TemporaryAddress | None:
        where = self._address_of(sha256)
        if not self._options.redirects:
            return None
        said = {
            **where,
            "ResponseContentType": _OCTETS,
            "ResponseContentDisposition": shown.content_disposition,
            "ResponseCacheControl": shown.cache_control,
        }
        options = self._options
        lifetime = options.address_lifetime if shown.anyone else options.private_address_lifetime
        clients = self._clients.get()
        with s3_errors("sign an address"):
            return temporary_address(clients, said, lifetime, now)

    def objects(self) -> Iterator[StoredObject]:
        for found in self._listed():
            match = self._object.fullmatch(found["Key"])
            if match is not None:
                modified_at = _whole_second(found["LastModified"])
                yield StoredObject(match["sha256"], found["Size"], modified_at)

    def renew(self, sha256: str) -> None:
        where = self._address_of(sha256)
        size = self.size(sha256)
        said = {**self._options.of_every_write, "ContentType": _OCTETS}
        try:
            with s3_errors("renew an object", missing=sha256):
                copy_onto_itself(self._client, where, said, size, limit=self._options.copy_limit)
        except (ObjectMissing, StorageReadOnly):
            raise
        except StorageUnavailable:
            # Some services take no copies, or none onto the object itself.
            self._store_again(sha256)

    def remove(self, sha256: str) -> None:
        where = self._address_of(sha256)
        try:
            with s3_errors("remove an object", missing=sha256):
                self._client.delete_object(**where)
        except ObjectMissing:
            return

    def close(self) -> None:
        self._clients.close()

    def pending(self, older_than: datetime) -> Iterator[Leftover]:
        self._spool.make()
        yield from self._spool.leftovers(older_than)
        yield from self._unfinished.older_than(self._client, older_than)

    def remove_pending(self, name: str) -> None:
        if self._unfinished.is_name(name):
            self._unfinished.remove(self._client, name)
        else:
            self._spool.remove(name)

    @property
    def _client(self) -> Any:
        return self._clients.get().service

    def _where(self, key: str) -> dict[str, str]:
        return {"Bucket": self._options.bucket, "Key": f"{self._start}{key}"}

    def _address_of(self, sha256: str) -> dict[str, str]:
        """The address of an object: the only way from a digest to a key."""
        if not is_sha256(sha256):
            raise ValueError("a digest is 64 lower-case hexadecimal digits")
        return self._where(f"{sha256[:2]}/{sha256[2:4]}/{sha256}")

    def _keep(self, file: Path, digests: Digests, size: int) -> StoredObject:
        where = self._address_of(digests.sha256)
        said = {**self._options.of_every_write, "ContentType": _OCTETS}
        with s3_errors("store an object"):
            write_file(self._client, where, said, file, size, part_size=self._options.part_size)
        stored = self.stat(digests.sha256)
        if stored.size != size:
            raise StorageUnavailable("The S3 service keeps another number of bytes than it got")
        return stored

    def _store_again(self, sha256: str) -> None:
        with self.begin() as pending, closing(self.open(sha256)) as reader:
            for chunk in reader:
                pending.write(chunk)
            if pending.finish().sha256 != sha256:
                raise StorageUnavailable(f"The storage holds other bytes at {sha256}")
            pending.store()

    def _get(self, where: dict[str, str], asked: dict[str, str]) -> dict[str, Any] | None:
        """The answer to a read; None where the range begins after the last byte."""
        try:
            answer: dict[str, Any] = self._client.get_object(**where, **asked)
        except ClientError as error:
            if status_of(error) == _UNSATISFIABLE or code_of(error) == "InvalidRange":
                return None
            raise
        return answer

    def _listed(self) -> Iterator[dict[str, Any]]:
        """What lies in the bucket under the prefix, by key: a thousand at a time."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._options.bucket, Prefix=self._start
        )
        listing = iter(pages)
        while True:
            with s3_errors("list its objects"):
                page = next(listing, None)
            if page is None:
                return
            yield from page.get("Contents", ())


def _range(start: int, length: int | None) -> str:
    return f"bytes={start}-" if length is None else f"bytes={start}-{start + length - 1}"


def _whole_second(moment: datetime) -> datetime:
    """A moment as every answer tells it: listings know more of it than headers do."""
    return moment.astimezone(UTC).replace(microsecond=0)
