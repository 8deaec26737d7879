"""Clients of an S3 service, made when one is first needed in a process."""

import os
from dataclasses import dataclass
from threading import Lock
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from pyregistry.storage.s3.errors import s3_errors
from pyregistry.storage.s3.options import S3Options

_FALLBACK_REGION = "us-east-1"
"""Services of one region call it so, or take any name."""

_CONNECTIONS = 64
"""What one process keeps open at most: downloads that stream through hold one each."""


@dataclass(frozen=True, slots=True)
class Clients:
    """What talks to the service, what writes addresses for others, and with whose credentials."""

    service: Any
    addresses: Any
    credentials: Any
    region: str


class LazyClients:
    """The clients of a process. Threads share them; a process that was forked makes its own."""

    def __init__(self, options: S3Options) -> None:
        self._options = options
        self._lock = Lock()
        self._made: tuple[int, Clients] | None = None

    def get(self) -> Clients:
        """The clients of this process. Raises `StorageUnavailable`."""
        made = self._made
        if made is not None and made[0] == os.getpid():
            return made[1]
        with self._lock, s3_errors("begin"):
            if self._made is None or self._made[0] != os.getpid():
                self._made = (os.getpid(), _clients(self._options))
            return self._made[1]

    def close(self) -> None:
        """Close what is open; the next use opens it anew. Safe to repeat."""
        with self._lock:
            made, self._made = self._made, None
        if made is not None and made[0] == os.getpid():
            made[1].service.close()


def _clients(options: S3Options) -> Clients:
    session = boto3.Session(
        aws_access_key_id=options.access_key,
        aws_secret_access_key=options.secret_key,
        region_name=options.region,
    )
    region = session.region_name or _FALLBACK_REGION
    common = {"service_name": "s3", "region_name": region}
    service = session.client(
        **common, endpoint_url=options.endpoint, config=_config(options, "s3v4")
    )
    # Named in any case: left to itself, boto3 gives addresses at Amazon's host for all regions,
    # which sends clients on to that of the bucket, where the signature is not right any more.
    endpoint = options.public_endpoint or service.meta.endpoint_url
    return Clients(
        service=service,
        addresses=session.client(
            **common, endpoint_url=endpoint, config=_config(options, UNSIGNED)
        ),
        credentials=session.get_credentials(),
        region=region,
    )


def _config(options: S3Options, signature: object) -> Config:
    return Config(
        signature_version=signature,
        s3={"addressing_style": options.addressing},
        connect_timeout=options.connect_timeout.total_seconds(),
        read_timeout=options.read_timeout.total_seconds(),
        retries={"mode": "standard", "total_max_attempts": options.retries + 1},
        max_pool_connections=_CONNECTIONS,
        # The newer checksums are sent in trailers that many services do not know. What is
        # written has its MD5 digest with it instead, which all of them know.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
