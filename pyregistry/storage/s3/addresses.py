"""Addresses at which clients fetch objects from the service by themselves."""

from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import NoCredentialsError

from pyregistry.storage.interfaces import TemporaryAddress
from pyregistry.storage.s3.client import Clients

_TIMESTAMP = "%Y%m%dT%H%M%SZ"


class _SignedThen(S3SigV4QueryAuth):
    """Signs as if it were another moment: boto's own signer always takes the present one."""

    def __init__(self, credentials: Any, region: str, lifetime: timedelta, then: datetime) -> None:
        super().__init__(credentials, "s3", region, int(lifetime.total_seconds()))
        self._then = then

    def add_auth(self, read: Any) -> None:
        """The steps of `SigV4Auth.add_auth`, but for the moment."""
        read.context["timestamp"] = self._then.strftime(_TIMESTAMP)
        self._modify_request_before_signing(read)
        to_sign = self.string_to_sign(read, self.canonical_request(read))
        self._inject_signature_to_request(read, self.signature(to_sign, read))


def temporary_address(
    clients: Clients, said: dict[str, str], lifetime: timedelta, now: datetime
) -> TemporaryAddress:
    """The address of an object for anybody who has it; `said` names it and its headers.

    It is signed at the beginning of a window of half the lifetime, so that all processes give
    the same address in that window, and caches know it. So it lives for at least half of the
    lifetime from now; with credentials that end sooner, no longer than they.

    Raises boto's errors.
    """
    if clients.credentials is None:
        raise NoCredentialsError
    window = max(1, int(lifetime.total_seconds()) // 2)
    seconds = int(now.timestamp())
    begun = seconds - seconds % window
    unsigned = clients.addresses.generate_presigned_url("get_object", Params=said)
    read = AWSRequest(method="GET", url=unsigned)
    credentials = clients.credentials.get_frozen_credentials()
    then = datetime.fromtimestamp(begun, UTC)
    _SignedThen(credentials, clients.region, lifetime, then).add_auth(read)
    return TemporaryAddress(read.url, timedelta(seconds=begun + window - seconds))
