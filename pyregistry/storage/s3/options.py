"""What a bucket is called, where it is, and how it is used."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from pyregistry.settings import Settings

MEBIBYTE: Final = 1024 * 1024
PART_SIZE: Final = 16 * MEBIBYTE
"""Bytes of a part: 10,000 of them, the most that S3 takes, are 156 GiB."""
COPY_LIMIT: Final = 5 * 1024 * MEBIBYTE
"""Bytes of the largest object that S3 copies in one request."""


@dataclass(frozen=True, slots=True)
class S3Options:
    """The settings `pyregistry.storage.s3.…` of one bucket; None is what boto3 chooses by itself.

    `prefix` has no slash at its ends. The keys are in no repr.
    """

    bucket: str
    spool_folder: Path
    endpoint: str | None = None
    public_endpoint: str | None = None
    region: str | None = None
    prefix: str = ""
    addressing: str = "auto"
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    create_bucket: bool = False
    server_side_encryption: str | None = None
    kms_key: str | None = None
    storage_class: str | None = None
    redirects: bool = True
    address_lifetime: timedelta = timedelta(hours=1)
    private_address_lifetime: timedelta = timedelta(minutes=5)
    connect_timeout: timedelta = timedelta(seconds=5)
    read_timeout: timedelta = timedelta(seconds=30)
    retries: int = 3
    part_size: int = PART_SIZE
    copy_limit: int = COPY_LIMIT

    @property
    def of_every_write(self) -> dict[str, str]:
        """What is said with every object that is written: how it is encrypted, and its class."""
        said = {
            "ServerSideEncryption": self.server_side_encryption,
            "SSEKMSKeyId": self.kms_key,
            "StorageClass": self.storage_class,
        }
        return {name: value for name, value in said.items() if value is not None}


def options_of(settings: Settings) -> S3Options | None:
    """The options that the settings give; None where they name no bucket."""
    if settings.storage_s3_bucket is None:
        return None
    return S3Options(
        bucket=settings.storage_s3_bucket,
        spool_folder=settings.storage_s3_spool_folder,
        endpoint=settings.storage_s3_endpoint,
        public_endpoint=settings.storage_s3_public_endpoint,
        region=settings.storage_s3_region,
        prefix=settings.storage_s3_prefix or "",
        addressing=settings.storage_s3_addressing,
        access_key=settings.storage_s3_access_key,
        secret_key=settings.storage_s3_secret_key,
        create_bucket=settings.storage_s3_create_bucket,
        server_side_encryption=settings.storage_s3_server_side_encryption,
        kms_key=settings.storage_s3_kms_key,
        storage_class=settings.storage_s3_storage_class,
        redirects=settings.storage_s3_download == "redirect",
        address_lifetime=settings.storage_s3_address_lifetime,
        private_address_lifetime=settings.storage_s3_private_address_lifetime,
        connect_timeout=settings.storage_s3_connect_timeout,
        read_timeout=settings.storage_s3_read_timeout,
        retries=settings.storage_s3_retries,
    )
