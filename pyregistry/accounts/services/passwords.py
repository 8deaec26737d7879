"""Passwords: Argon2id, with the library's parameters for interactive sign-in."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from pyregistry.accounts.errors import InvalidUser

MINIMUM_LENGTH = 10
MAXIMUM_LENGTH = 1024

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """The hash to store.

    Raises `InvalidUser` for a password that is too short or too long, or no Unicode text.
    """
    if not MINIMUM_LENGTH <= len(password) <= MAXIMUM_LENGTH:
        raise InvalidUser(
            f"A password has {MINIMUM_LENGTH} to {MAXIMUM_LENGTH} characters: "
            f"this one has {len(password)}.",
            about="password",
        )
    try:
        return _hasher.hash(password)
    except UnicodeEncodeError:
        raise InvalidUser(
            "The password is not valid UTF-8: choose another.", about="password"
        ) from None


def verify_password(stored: str | None, password: str) -> bool:
    """Whether `password` is the one behind the hash `stored`, in the same time either way."""
    if len(password) > MAXIMUM_LENGTH:
        return False
    try:
        matches = _hasher.verify(stored or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
    return matches and stored is not None


def new_password() -> str:
    """A password that nobody guesses, for somebody who is told it once."""
    return secrets.token_urlsafe(12)


@cache
def _nobodys_hash() -> str:
    """Checked where there is no such user, so that the answer takes as long."""
    return _hasher.hash(secrets.token_hex())


def needs_new_hash(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)
