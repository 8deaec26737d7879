"""Uploads in parts that were begun and never completed: killed processes leave them.

Their bytes are paid for and seen by nobody.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from pyregistry.storage.interfaces import Leftover
from pyregistry.storage.s3.errors import code_of, s3_errors

_GONE = frozenset({"NoSuchUpload", "404"})
# The identifiers of uploads are opaque; no service puts white space into them.
_NAME = re.compile(r"(?P<sha256>[0-9a-f]{64}):(?P<upload>[!-~]{1,2048})")


class UnfinishedUploads:
    """Those below `start`, the beginning of all keys, whose key matches the pattern of objects."""

    def __init__(self, bucket: str, start: str, pattern: re.Pattern[str]) -> None:
        self._bucket = bucket
        self._start = start
        self._pattern = pattern

    def older_than(self, client: Any, moment: datetime) -> Iterator[Leftover]:
        """Those whose last part was written before a moment. Raises `StorageUnavailable`."""
        pages = client.get_paginator("list_multipart_uploads").paginate(
            Bucket=self._bucket, Prefix=self._start
        )
        listing = iter(pages)
        while True:
            with s3_errors("list its unfinished uploads"):
                page = next(listing, None)
            if page is None:
                return
            for upload in page.get("Uploads", ()):
                found = self._leftover(client, upload)
                if found is not None and found.modified_at < moment:
                    yield found

    def is_name(self, name: str) -> bool:
        """Whether `older_than` can have listed this name."""
        return _NAME.fullmatch(name) is not None

    def remove(self, client: Any, name: str) -> None:
        """Give an upload up, or do nothing where it is gone. Raises `StorageUnavailable`."""
        match = _NAME.fullmatch(name)
        if match is None:
            raise ValueError("not the name of a pending upload")
        sha256 = match["sha256"]
        key = f"{self._start}{sha256[:2]}/{sha256[2:4]}/{sha256}"
        with s3_errors("remove an unfinished upload"):
            try:
                client.abort_multipart_upload(
                    Bucket=self._bucket, Key=key, UploadId=match["upload"]
                )
            except ClientError as error:
                if code_of(error) not in _GONE:
                    raise

    def _leftover(self, client: Any, upload: dict[str, Any]) -> Leftover | None:
        """An upload with the size and the age of its parts; None where it is none of ours."""
        match = self._pattern.fullmatch(upload["Key"])
        if match is None:
            return None
        where = {"Bucket": self._bucket, "Key": upload["Key"], "UploadId": upload["UploadId"]}
        parts: list[dict[str, Any]] = []
        with s3_errors("list the parts of an unfinished upload"):
            try:
                for page in client.get_paginator("list_parts").paginate(**where):
                    parts += page.get("Parts", ())
            except ClientError as error:
                if code_of(error) not in _GONE:
                    raise
                return None  # completed or given up a moment ago
        written = [upload["Initiated"], *(part["LastModified"] for part in parts)]
        return Leftover(
            f"{match['sha256']}:{upload['UploadId']}",
            sum(part["Size"] for part in parts),
            max(written).astimezone(UTC),
        )
