"""The settings of the storage `s3`: one bucket of any service that speaks the S3 protocol."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from pyregistry.settings import parsers
from pyregistry.settings.errors import SettingsError
from pyregistry.settings.rows import PREFIX, Secrecy, optional, setting, table

_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
_PREFIX: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}(/[A-Za-z0-9_][A-Za-z0-9._-]{0,63})*")
_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_KEY: Final = re.compile(r"[!-~]{1,512}")
_LONGEST_ADDRESS_LIFETIME: Final = timedelta(days=7)
_SHORTEST_ADDRESS_LIFETIME: Final = timedelta(seconds=10)
_SLASHES_OF_A_HOST: Final = 2
_LONGEST_TIMEOUT: Final = timedelta(hours=1)


def bucket(text: str) -> str:
    """The name of a bucket. What else a service asks of it, it says by itself."""
    return _matching(_BUCKET, text, "give the name of a bucket: 3 to 255 letters, digits, '.', '_'")


def prefix(text: str) -> str:
    """What all keys begin with, without slashes at its ends."""
    return _matching(
        _PREFIX, text, "give words of letters, digits, '.', '_' and '-' between slashes"
    )


def word(text: str) -> str:
    """A name that a service knows: a region, a storage class."""
    return _matching(_WORD, text, "give one word of letters, digits, '.', '_' and '-'")


def key(text: str) -> str:
    """A key of the service: printable, without spaces."""
    return _matching(_KEY, text, "give 1 to 512 printable ASCII characters without spaces")


def endpoint(text: str) -> str:
    """The address of a service, without a path."""
    address = parsers.public_url(text)
    if address.count("/") != _SLASHES_OF_A_HOST:
        raise ValueError("give an address without a path, such as 'https://s3.example.org'")
    return address


def between(least: timedelta, most: timedelta, said: str) -> Callable[[str], timedelta]:
    """A parser of durations within limits, both included; `said` names them."""
    parse_any = parsers.duration("seconds")

    def parse(text: str) -> timedelta:
        found = parse_any(text)
        if not least <= found <= most:
            raise ValueError(f"give a duration of {said}")
        return found

    return parse


_address_lifetime = between(
    _SHORTEST_ADDRESS_LIFETIME, _LONGEST_ADDRESS_LIFETIME, "10 seconds to 7 days"
)
_timeout = between(timedelta(seconds=1), _LONGEST_TIMEOUT, "1 second to 1 hour")


def _matching(pattern: re.Pattern[str], text: str, accepted: str) -> str:
    if pattern.fullmatch(text) is None:
        raise ValueError(accepted)
    return text


@table
class S3Settings:
    """The settings `pyregistry.storage.s3.…`; `Settings` has them all."""

    storage_s3_bucket: str | None = setting(
        "storage.s3.bucket",
        optional(bucket),
        "",
        "text",
        "The bucket of the storage `s3`. Without it there is no such storage.",
    )
    storage_s3_endpoint: str | None = setting(
        "storage.s3.endpoint",
        optional(endpoint),
        "",
        "http or https address",
        "The address of the S3 service; without it, Amazon's.",
    )
    storage_s3_public_endpoint: str | None = setting(
        "storage.s3.public_endpoint",
        optional(endpoint),
        "",
        "http or https address",
        "The address by which clients reach the S3 service, where it is another one than that by"
        " which the registry does.",
    )
    storage_s3_region: str | None = setting(
        "storage.s3.region",
        optional(word),
        "",
        "text",
        "The region of the bucket; without it, that of boto3's own configuration, else"
        " `us-east-1`.",
    )
    storage_s3_prefix: str | None = setting(
        "storage.s3.prefix",
        optional(prefix),
        "",
        "text",
        "What all keys in the bucket begin with: several registries may share one.",
    )
    storage_s3_addressing: str = setting(
        "storage.s3.addressing",
        parsers.choice("auto", "path", "virtual"),
        "auto",
        "`auto`, `path` or `virtual`",
        "Whether the bucket stands in the path of addresses or in their host name; `auto` leaves it"
        " to boto3.",
    )
    storage_s3_access_key: str | None = setting(
        "storage.s3.access_key",
        optional(key),
        "",
        "text",
        "The access key; without it, boto3 looks for credentials in its usual places. Secret: it is"
        " taken from the environment only.",
        secret=Secrecy.ENVIRONMENT_ONLY,
    )
    storage_s3_secret_key: str | None = setting(
        "storage.s3.secret_key",
        optional(key),
        "",
        "text",
        "The secret key that belongs to the access key. Secret: it is taken from the environment"
        " only.",
        secret=Secrecy.ENVIRONMENT_ONLY,
    )
    storage_s3_create_bucket: bool = setting(
        "storage.s3.create_bucket",
        parsers.boolean,
        "false",
        "true or false",
        "Whether `pyregistry setup` creates the bucket where it is missing.",
    )
    storage_s3_server_side_encryption: str | None = setting(
        "storage.s3.server_side_encryption",
        optional(parsers.choice("AES256", "aws:kms", "aws:kms:dsse")),
        "",
        "`AES256`, `aws:kms` or `aws:kms:dsse`",
        "How the service encrypts objects; without it, as the bucket says.",
    )
    storage_s3_kms_key: str | None = setting(
        "storage.s3.kms_key",
        optional(key),
        "",
        "text",
        "The key of the service's key management that encrypts objects, for `aws:kms`.",
    )
    storage_s3_storage_class: str | None = setting(
        "storage.s3.storage_class",
        optional(word),
        "",
        "text",
        "The storage class of new objects, such as `STANDARD_IA`; one that can be read at once.",
    )
    storage_s3_download: str = setting(
        "storage.s3.download",
        parsers.choice("redirect", "stream"),
        "redirect",
        "`redirect` or `stream`",
        "Whether clients are sent to the S3 service to download files, or get them through the"
        " registry.",
    )
    storage_s3_address_lifetime: timedelta = setting(
        "storage.s3.address_lifetime",
        _address_lifetime,
        "1 hour",
        "duration",
        "How long an address works at which anybody may download a public file, at most; half as"
        " long at least.",
    )
    storage_s3_private_address_lifetime: timedelta = setting(
        "storage.s3.private_address_lifetime",
        _address_lifetime,
        "5 minutes",
        "duration",
        "The same for files that were asked for with credentials.",
    )
    storage_s3_connect_timeout: timedelta = setting(
        "storage.s3.connect_timeout",
        _timeout,
        "5 seconds",
        "duration",
        "How long a connection to the S3 service may take.",
    )
    storage_s3_read_timeout: timedelta = setting(
        "storage.s3.read_timeout",
        _timeout,
        "30 seconds",
        "duration",
        "How long the S3 service may say nothing before it counts as failed.",
    )
    storage_s3_retries: int = setting(
        "storage.s3.retries",
        parsers.whole_number(0, 10),
        "3",
        "attempts",
        "How often a request that failed is sent to the S3 service again.",
    )


def refuse_s3_contradictions(values: Mapping[str, Any]) -> None:
    """Raise `SettingsError` for settings of the storage `s3` that do not go together."""
    if values["storage"] == "s3" and values["storage_s3_bucket"] is None:
        raise SettingsError(
            f"{PREFIX}storage = s3 needs a bucket: name it in {PREFIX}storage.s3.bucket."
        )
    if (values["storage_s3_access_key"] is None) != (values["storage_s3_secret_key"] is None):
        raise SettingsError(
            f"{PREFIX}storage.s3.access_key and {PREFIX}storage.s3.secret_key belong together:"
            " give both, or neither."
        )
    encryption = values["storage_s3_server_side_encryption"] or ""
    if values["storage_s3_kms_key"] is not None and not encryption.startswith("aws:kms"):
        raise SettingsError(
            f"{PREFIX}storage.s3.kms_key is for"
            f" {PREFIX}storage.s3.server_side_encryption = aws:kms."
        )
