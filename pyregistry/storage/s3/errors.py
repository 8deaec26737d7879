"""What goes wrong with an S3 service, in sentences that name no secret."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    IncompleteReadError,
    NoCredentialsError,
    PartialCredentialsError,
    ReadTimeoutError,
    ResponseStreamingError,
    SSLError,
)
from urllib3.exceptions import HTTPError

from pyregistry.storage.errors import (
    ObjectMissing,
    StorageError,
    StorageFull,
    StorageReadOnly,
    StorageUnavailable,
)

_NOT_FOUND: Final = frozenset({"404", "NoSuchKey", "NotFound"})
_NO_BUCKET: Final = frozenset({"NoSuchBucket"})
_REFUSED: Final = frozenset(
    {
        "401",
        "403",
        "AccessDenied",
        "AccountProblem",
        "AllAccessDisabled",
        "ExpiredToken",
        "Forbidden",
        "InvalidAccessKeyId",
        "InvalidToken",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
    }
)
# Amazon's has no end; the others have quotas and disks.
_NO_ROOM: Final = frozenset(
    {"507", "InsufficientCapacity", "QuotaExceeded", "XMinioStorageFull", "EntityTooLarge"}
)
_CODE: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_UNREACHED: Final[tuple[tuple[type[Exception], str], ...]] = (
    (ConnectTimeoutError, "it cannot be reached in time"),
    (ReadTimeoutError, "it does not answer in time"),
    (SSLError, "its certificate or its TLS is not accepted"),
    (EndpointConnectionError, "it cannot be reached"),
    (ConnectionClosedError, "it broke the connection off"),
    (IncompleteReadError, "it ended an answer before its last byte"),
    (ResponseStreamingError, "it broke an answer off"),
    (NoCredentialsError, "there are no credentials for it"),
    (PartialCredentialsError, "the credentials for it are not complete"),
    (CredentialRetrievalError, "the credentials for it cannot be fetched"),
)


@contextmanager
def s3_errors(attempt: str, *, missing: str | None = None) -> Iterator[None]:
    """Turn every failure of an S3 service, and of the way to it, into a `StorageError`.

    `attempt` completes the sentence "could not …" for the log. With `missing`, the digest of an
    object, a key that does not exist is `ObjectMissing`. Nothing of what the service says is
    repeated but its code: the rest may quote what was sent.
    """
    try:
        yield
    except ClientError as error:
        raise _refusal(error, attempt, missing) from error
    # boto's own errors, those of its HTTP library that it lets through while a body is read,
    # and a socket that breaks. ValueError and KeyError: an answer that makes no sense, or in
    # which something is missing.
    except (BotoCoreError, HTTPError, OSError, ValueError, KeyError) as error:
        raise StorageUnavailable(
            f"The S3 service could not be used to {attempt}: {_reason(error)}"
        ) from error


def code_of(error: ClientError) -> str:
    """The code of a refusal, such as `NoSuchKey`; the status where there was no body."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    return code if _CODE.fullmatch(code) else str(status_of(error))


def status_of(error: ClientError) -> int:
    """The HTTP status of a refusal."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _refusal(error: ClientError, attempt: str, missing: str | None) -> StorageError:
    code = code_of(error)
    if code in _NO_BUCKET:
        return StorageUnavailable(f"The S3 service could not {attempt}: the bucket does not exist")
    if missing is not None and code in _NOT_FOUND:
        return ObjectMissing(f"The storage holds no object {missing}")
    if code in _REFUSED:
        return StorageReadOnly(f"The S3 service does not let these credentials {attempt}: {code}")
    if code in _NO_ROOM or status_of(error) == 507:  # noqa: PLR2004 -- the status of that name
        return StorageFull(f"The S3 service has no room to {attempt}: {code}")
    return StorageUnavailable(f"The S3 service could not {attempt}: {code}")


def _reason(error: Exception) -> str:
    for kind, sentence in _UNREACHED:
        if isinstance(error, kind):
            return sentence
    return type(error).__name__
