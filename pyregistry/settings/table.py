"""Every setting of pyregistry, in one typed table."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Self

from sqlalchemy.engine import URL

from pyregistry.proxies import Peer
from pyregistry.settings import oidc, parsers, throttling
from pyregistry.settings.database import DatabaseSettings
from pyregistry.settings.errors import SettingsError, not_accepted
from pyregistry.settings.rows import PREFIX, Setting, optional, setting, table
from pyregistry.settings.s3 import S3Settings, refuse_s3_contradictions
from pyregistry.settings.throttling import Rate
from pyregistry.settings.watching import WatchingSettings
from pyregistry.settings.worker import WorkerSettings


@table
class Settings(DatabaseSettings, S3Settings, WatchingSettings, WorkerSettings):
    """The settings of one running registry. Attributes are keys, dots as underscores."""

    title: str = setting(
        "title", parsers.title, "pyregistry", "text", "The name in the heading of every page."
    )
    data: Path = setting(
        "data",
        parsers.folder,
        "var",
        "folder",
        "Where the database and the files are, unless the settings below say otherwise.",
        also=("DATA",),
    )
    database_url: URL = setting(
        "database.url",
        parsers.database_url,
        "sqlite:///<data>/pyregistry.sqlite3",
        "database address",
        "The database: SQLite, or PostgreSQL as `postgresql://user:password@host/database`."
        " Secret: give it in the environment.",
        secret=True,
        derive=lambda values: URL.create(
            "sqlite", database=str(values["data"] / "pyregistry.sqlite3")
        ),
    )
    storage: str = setting(
        "storage",
        parsers.choice("local", "s3"),
        "local",
        "`local` or `s3`",
        "Where new files are kept; the others stay where they are.",
    )
    storage_local_folder: Path = setting(
        "storage.local.folder",
        parsers.folder,
        "<data>/files",
        "folder",
        "The folder of the storage `local`.",
        derive=lambda values: values["data"] / "files",
    )
    storage_local_accel: str | None = setting(
        "storage.local.accel",
        optional(parsers.internal_path),
        "",
        "path, with a slash at both ends",
        "The internal location of nginx that is the folder of the storage `local`, as in"
        " `deploy/nginx.conf`: nginx sends files itself, after the registry has allowed it. Only"
        " where every request comes through nginx.",
    )
    storage_s3_spool_folder: Path = setting(
        "storage.s3.spool_folder",
        parsers.folder,
        "<data>/spool",
        "folder",
        "Where uploads lie on this machine until they are inspected and sent to the bucket.",
        derive=lambda values: values["data"] / "spool",
    )
    storage_sweep_grace: timedelta = setting(
        "storage.sweep_grace",
        parsers.duration("days"),
        "1 day",
        "duration",
        "The age at which the sweeper removes stored bytes that no file names.",
    )
    public_url: str | None = setting(
        "public_url",
        optional(parsers.public_url),
        "",
        "http or https address",
        "The address that people and clients use, with its path prefix if it has one."
        " Without it, links follow each request.",
    )
    trusted_proxies: tuple[Peer, ...] = setting(
        "trusted_proxies",
        parsers.peers,
        "",
        "IP addresses, networks, `unix`",
        "The reverse proxies whose `X-Forwarded-*` headers count; nobody else's do.",
        derive=lambda _: (),
    )
    upload_max_file_size: int = setting(
        "upload.max_file_size",
        parsers.size(1),
        "2 GiB",
        "bytes",
        "The largest file that may be uploaded.",
    )
    archive_max_expanded_size: int = setting(
        "archive.max_expanded_size",
        parsers.size(1),
        "twice `upload.max_file_size`",
        "bytes",
        "The most that an uploaded archive may hold when unpacked;"
        " no less than `upload.max_file_size`.",
        derive=lambda values: 2 * values["upload_max_file_size"],
    )
    archive_max_ratio: int = setting(
        "archive.max_ratio",
        parsers.whole_number(2, 10_000),
        "200",
        "unpacked bytes per packed byte",
        "The most that an uploaded archive may expand.",
    )
    archive_max_members: int = setting(
        "archive.max_members",
        parsers.whole_number(1, 10_000_000),
        "100000",
        "members",
        "The most files and folders that an uploaded archive may hold.",
    )
    pages_cache_size: int = setting(
        "pages.cache_size",
        parsers.size(0),
        "64 MiB",
        "bytes",
        "The memory that each process uses for rendered index pages; 0 turns the cache off.",
    )
    pages_proxy_cache: bool = setting(
        "pages.proxy_cache",
        parsers.boolean,
        "false",
        "true or false",
        "Whether the trusted proxies keep index pages and ask for their validators, as"
        " `deploy/nginx.conf` does. Only where they overwrite the header `X-Page-Validator`.",
    )
    events_flush_interval: timedelta = setting(
        "events.flush_interval",
        parsers.duration("seconds"),
        "5 seconds",
        "duration",
        "How often counted downloads are written to the database.",
    )
    events_max_buffered: int = setting(
        "events.max_buffered",
        parsers.whole_number(1, 1_000_000),
        "10000",
        "events",
        "The number of events in the memory of a process at which it writes them without"
        " waiting for the interval.",
    )
    sessions_lifetime: timedelta = setting(
        "sessions.lifetime",
        parsers.duration("days"),
        "14 days",
        "duration",
        "How long a browser stays signed in.",
    )
    passwords_basic: bool = setting(
        "passwords.basic",
        parsers.boolean,
        "false",
        "true or false",
        "Whether the password of an account is taken in Basic authentication, beside tokens.",
    )
    tokens_max_lifetime: timedelta | None = setting(
        "tokens.max_lifetime",
        optional(parsers.duration("days")),
        "",
        "duration",
        "The longest time for which a token may be valid. Without it, tokens may be valid for"
        " ever.",
    )
    oidc_issuers: tuple[str, ...] = setting(
        "oidc.issuers",
        oidc.issuers,
        "",
        "https addresses",
        "The OpenID Connect issuers that projects may trust, each exactly as its ID tokens name"
        " it. The registry fetches keys from them. Without one, trusted publishing is off.",
        derive=lambda _: (),
    )
    oidc_audience: str = setting(
        "oidc.audience",
        oidc.audience,
        "pyregistry",
        "text",
        "The audience that ID tokens for this registry must have; each registry needs its own.",
    )
    oidc_ca_file: Path | None = setting(
        "oidc.ca_file",
        optional(oidc.file),
        "",
        "file",
        "Certificates (PEM) of authorities that are trusted, besides those of the system, when"
        " keys are fetched from issuers.",
    )
    throttle_storage: str = setting(
        "throttle.storage",
        throttling.storage_address,
        "memory://",
        "address",
        "Where failures and requests are counted: in the memory of each process, or in a Redis"
        " server that several processes share, as `redis://:password@host:6379/0`. Secret: give"
        " it in the environment.",
        secret=True,
    )
    throttle_sign_in_per_account: Rate | None = setting(
        "throttle.sign_in_per_account",
        throttling.rate,
        "10 per 10 minutes",
        "rate or `off`",
        "The attempts to sign in as one user that may fail.",
    )
    throttle_sign_in_per_address: Rate | None = setting(
        "throttle.sign_in_per_address",
        throttling.rate,
        "50 per 10 minutes",
        "rate or `off`",
        "The attempts to sign in from one address that may fail; an IPv6 address counts as"
        " its /64.",
    )
    throttle_token_failures_per_address: Rate | None = setting(
        "throttle.token_failures_per_address",
        throttling.rate,
        "300 per minute",
        "rate or `off`",
        "The requests from one address that are answered 401 for their wrong credentials; those"
        " beyond it are answered 429.",
    )
    throttle_api_per_identity: Rate | None = setting(
        "throttle.api_per_identity",
        throttling.rate,
        "off",
        "rate or `off`",
        "The requests to the JSON API from one user or bot, or with the deploy tokens or the job"
        " tokens of one group or project.",
    )
    throttle_api_per_address: Rate | None = setting(
        "throttle.api_per_address",
        throttling.rate,
        "off",
        "rate or `off`",
        "The requests to the JSON API without credentials from one address.",
    )
    throttle_packages_per_identity: Rate | None = setting(
        "throttle.packages_per_identity",
        throttling.rate,
        "off",
        "rate or `off`",
        "As `throttle.api_per_identity`, for indexes, files, uploads and PyPI's JSON API.",
    )
    throttle_packages_per_address: Rate | None = setting(
        "throttle.packages_per_address",
        throttling.rate,
        "off",
        "rate or `off`",
        "As `throttle.api_per_address`, for indexes, files, uploads and PyPI's JSON API.",
    )
    throttle_copies: Rate | None = setting(
        "throttle.copies",
        throttling.rate,
        "60 per minute",
        "rate or `off`",
        "The copied commands that pages tell of, from one user, or without signing in from one"
        " address.",
    )

    @classmethod
    def parse(cls, ini: Mapping[str, str], environ: Mapping[str, str]) -> Self:
        """The settings that `ini` and `environ` give, the environment before the ini.

        `ini` holds the keys of the ini file's application section and `here`,
        the folder of that file: relative folders in the ini start there, those
        in the environment in the current folder. An empty value is no value.
        Keys that do not begin with `pyregistry.` belong to other packages.

        Raises `SettingsError`.
        """
        _refuse_unknown_keys(ini)
        values: dict[str, Any] = {}
        for row in fields(cls):
            values[row.name] = _value(row.metadata["setting"], ini, environ, values)
        _refuse_contradictions(values)
        return cls(**values)


SETTINGS: Final[tuple[Setting, ...]] = tuple(row.metadata["setting"] for row in fields(Settings))


def _refuse_unknown_keys(ini: Mapping[str, str]) -> None:
    # Compared without the prefix, which would make all of them similar.
    known = [row.key.removeprefix(PREFIX) for row in SETTINGS]
    for key in ini:
        name = key.removeprefix(PREFIX)
        if name == key or name in known:
            continue
        similar = get_close_matches(name, known, n=1)
        advice = f"did you mean {PREFIX}{similar[0]}?" if similar else "see docs/settings.md."
        raise SettingsError(f"There is no setting {key[:80]!r}; {advice}")


def _value(
    row: Setting, ini: Mapping[str, str], environ: Mapping[str, str], values: Mapping[str, Any]
) -> object:
    """The value of one setting; `values` holds those above it in the table."""
    here = Path(ini.get("here") or Path.cwd())
    for variable in row.environment:
        if text := environ.get(variable, "").strip():
            return _parsed(row, variable, text, Path.cwd())
    if text := ini.get(row.key, "").strip():
        if row.only_environment:
            raise SettingsError(
                f"{row.key} is a secret that does not belong in an ini file: give it in the"
                f" environment, as {row.environment[0]}."
            )
        return _parsed(row, row.key, text, here)
    if row.derive is not None:
        return row.derive(values)
    if row.default:
        return _parsed(row, row.key, row.default, here)
    return None


def _parsed(row: Setting, source: str, text: str, base: Path) -> object:
    try:
        return _anchored(row.parse(text), base)
    except ValueError as error:
        accepted = str(error)
    # Outside of the handler, so that no chain of errors leads to a secret.
    raise not_accepted(source, text, accepted, secret=row.secret)


def _anchored(value: object, base: Path) -> object:
    """The value, relative folders and SQLite files made absolute from `base`."""
    if isinstance(value, Path):
        return (base / value).absolute()
    if isinstance(value, URL) and value.drivername == "sqlite":
        file = value.database
        if file and not file.startswith("file:"):
            return value.set(database=str(_anchored(Path(file), base)))
    return value


def _refuse_contradictions(values: Mapping[str, Any]) -> None:
    if values["archive_max_expanded_size"] < values["upload_max_file_size"]:
        raise SettingsError(
            f"{PREFIX}archive.max_expanded_size is smaller than {PREFIX}upload.max_file_size;"
            " raise it, or leave it out for twice that size."
        )
    refuse_s3_contradictions(values)
