"""Whether there is a bucket, and making it where that is allowed."""

from typing import Any

from botocore.exceptions import ClientError

from pyregistry.storage.errors import StorageUnavailable
from pyregistry.storage.s3.errors import code_of, s3_errors, status_of
from pyregistry.storage.s3.options import S3Options

_NOT_FOUND = 404
_OURS_ALREADY = frozenset({"BucketAlreadyOwnedByYou", "BucketAlreadyExists"})
_REGION_WITHOUT_NAME = "us-east-1"
"""Amazon refuses to be told this one, and only this one, when a bucket is made."""


def make_bucket(client: Any, options: S3Options) -> None:
    """Make the bucket where it is missing and may be made.

    Raises `StorageUnavailable` with what to do where it may not, and where it cannot be used.
    """
    if _is_there(client, options.bucket):
        return
    if not options.create_bucket:
        raise StorageUnavailable(
            f"The S3 service has no bucket {options.bucket}: create it, or set"
            " pyregistry.storage.s3.create_bucket = true."
        )
    region = client.meta.region_name
    place = {"LocationConstraint": region} if region != _REGION_WITHOUT_NAME else None
    said = {"CreateBucketConfiguration": place} if place else {}
    with s3_errors(f"create the bucket {options.bucket}"):
        try:
            client.create_bucket(Bucket=options.bucket, **said)
        except ClientError as error:
            # Another host may have been quicker.
            if code_of(error) not in _OURS_ALREADY or not _is_there(client, options.bucket):
                raise


def _is_there(client: Any, bucket: str) -> bool:
    with s3_errors(f"look up the bucket {bucket}"):
        try:
            client.head_bucket(Bucket=bucket)
        except ClientError as error:
            if status_of(error) == _NOT_FOUND:
                return False
            raise
    return True
