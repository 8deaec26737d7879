"""What hashes are tested with those that protect real passwords: each takes long on purpose."""

from collections.abc import Iterator

import argon2
import pytest

from pyregistry.accounts.services import passwords


@pytest.fixture
def real_password_hashes(
    cheap_password_hashes: argon2.PasswordHasher, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Put the real hasher back for one test."""
    monkeypatch.setattr(passwords, "_hasher", cheap_password_hashes)
    passwords._nobodys_hash.cache_clear()
    yield
    passwords._nobodys_hash.cache_clear()
