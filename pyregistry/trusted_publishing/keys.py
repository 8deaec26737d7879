"""The keys of the issuers that the registry trusts, kept in memory and renewed.

Each process keeps its own. An issuer that cannot be reached does not stop publishing at
once: its keys are used for some hours more, and not longer, as one may have been withdrawn.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Final

from pyregistry.settings import Settings
from pyregistry.trusted_publishing.documents import Documents, Unfetched
from pyregistry.trusted_publishing.errors import InvalidIDToken, IssuerUnavailable

if TYPE_CHECKING:
    from pyregistry.trusted_publishing.signatures import Key

logger = logging.getLogger(__name__)

FRESH_FOR: Final = timedelta(hours=1)
"""How old keys may be before they are fetched anew."""
USED_FOR: Final = timedelta(hours=6)
"""How old keys may be while the issuer cannot be reached."""
BETWEEN_FETCHES: Final = timedelta(minutes=1)
"""How long an issuer is left alone after it was asked, whoever sends which key's name."""

_PATIENCE: Final = 2.0
"""Seconds for which a request waits while another one asks the issuer."""


@dataclass(slots=True)
class _Known:
    """What is known of one issuer. `lock` is held by who asks it."""

    lock: Lock
    keys: "tuple[Key, ...]" = ()
    fetched_at: datetime | None = None
    asked_at: datetime | None = None


class IssuerKeys:
    """The keys of the trusted issuers."""

    def __init__(self, issuers: Collection[str], documents: Documents | None) -> None:
        self._documents = documents
        self._known = {issuer: _Known(Lock()) for issuer in issuers}

    @classmethod
    def of(cls, settings: Settings) -> "IssuerKeys":
        """The keys of the issuers in the settings. Nothing is fetched yet.

        Raises `SettingsError`.
        """
        needed = settings.oidc_issuers or settings.oidc_ca_file is not None
        documents = Documents(settings.oidc_ca_file) if needed else None
        return cls(settings.oidc_issuers, documents)

    @property
    def issuers(self) -> Collection[str]:
        """The issuers that are trusted; none where trusted publishing is off."""
        return self._known.keys()

    def find(self, issuer: str, key_id: str | None, algorithm: str, now: datetime) -> "Key":
        """The key with which an ID token of one of the `issuers` was signed.

        It may be fetched, which takes some seconds: never ask inside a transaction. Raises
        `IssuerUnavailable`, and `InvalidIDToken` where the issuer publishes no such key.
        """
        known = self._known[issuer]
        key = _usable(known, key_id, algorithm, now, FRESH_FOR)
        asked = True
        if key is None:
            asked = self._renew(issuer, key_id, algorithm, now)
            key = _usable(known, key_id, algorithm, now, USED_FOR)
        if key is not None:
            return key
        if not asked or not _within(known.fetched_at, now, USED_FOR):
            raise IssuerUnavailable(
                f"The keys of the issuer {issuer} cannot be fetched now: try again in a minute,"
                " or ask an administrator to read the registry's log."
            )
        raise InvalidIDToken(
            f"The ID token is signed with a key that the issuer {issuer} does not publish for"
            " it: get a new token, or try again in a minute."
        )

    def _renew(self, issuer: str, key_id: str | None, algorithm: str, now: datetime) -> bool:
        """Fetch the keys, unless that was tried just now.

        False where another thread is at it for longer than one may wait: an issuer that does
        not answer must not take all the threads of the server.
        """
        known = self._known[issuer]
        if not known.lock.acquire(timeout=_PATIENCE):
            return False
        try:
            # Another thread may have fetched them meanwhile.
            key = _usable(known, key_id, algorithm, now, FRESH_FOR)
            if key is None and not _within(known.asked_at, now, BETWEEN_FETCHES):
                self._fetch(issuer, known, now)
        finally:
            known.lock.release()
        return True

    def _fetch(self, issuer: str, known: _Known, now: datetime) -> None:
        known.asked_at = now
        if self._documents is None:
            return
        from pyregistry.trusted_publishing.signatures import read_keys

        try:
            keys = read_keys(self._documents.key_set(issuer))
        except Unfetched as error:
            logger.warning("The keys of the issuer %s were not fetched: %s", issuer, error)
        except ValueError as error:
            logger.warning("The key set of the issuer %s is not valid: %s", issuer, error)
        else:
            known.keys, known.fetched_at = keys, now


def _usable(
    known: _Known, key_id: str | None, algorithm: str, now: datetime, longest: timedelta
) -> "Key | None":
    from pyregistry.trusted_publishing.signatures import choose_key

    if not _within(known.fetched_at, now, longest):
        return None
    return choose_key(known.keys, key_id, algorithm)


def _within(moment: datetime | None, now: datetime, longest: timedelta) -> bool:
    """Whether it was at most so long ago. A clock that was set back must not freeze anything."""
    return moment is not None and timedelta(0) <= now - moment < longest
