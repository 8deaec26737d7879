"""Passwords: how they are kept, how long they are, and how wrong ones are refused."""

import argon2
import pytest
from argon2.low_level import Type

from pyregistry.accounts.errors import InvalidUser
from pyregistry.accounts.services.passwords import (
    MAXIMUM_LENGTH,
    MINIMUM_LENGTH,
    hash_password,
    needs_new_hash,
    verify_password,
)

pytestmark = pytest.mark.usefixtures("real_password_hashes")

PASSWORD = "correct horse battery staple"


def test_argon2id_with_the_parameters_of_the_library() -> None:
    stored = hash_password(PASSWORD)
    parameters = argon2.extract_parameters(stored)
    assert parameters.type is Type.ID
    assert parameters == argon2.profiles.RFC_9106_LOW_MEMORY
    assert PASSWORD not in stored


def test_the_same_password_has_another_hash_each_time() -> None:
    assert hash_password(PASSWORD) != hash_password(PASSWORD)


def test_right_and_wrong() -> None:
    stored = hash_password(PASSWORD)
    assert verify_password(stored, PASSWORD)
    assert not verify_password(stored, PASSWORD + " ")
    assert not verify_password(stored, "")


@pytest.mark.parametrize("length", [MINIMUM_LENGTH, MAXIMUM_LENGTH])
def test_shortest_and_longest(length: int) -> None:
    assert verify_password(hash_password("é" * length), "é" * length)


@pytest.mark.parametrize("length", [0, MINIMUM_LENGTH - 1, MAXIMUM_LENGTH + 1])
def test_too_short_and_too_long(length: int) -> None:
    with pytest.raises(InvalidUser, match=f"this one has {length}."):
        hash_password("x" * length)


def test_no_unicode_text() -> None:
    with pytest.raises(InvalidUser, match="not valid UTF-8"):
        hash_password("\udcff" * 20)
    assert not verify_password(hash_password(PASSWORD), "\udcff" * 20)


def test_a_refusal_does_not_repeat_the_password() -> None:
    with pytest.raises(InvalidUser) as refused:
        hash_password("hidden")
    assert "hidden" not in refused.value.sentence


@pytest.mark.parametrize("stored", [None, "", "no hash", "$argon2id$broken"])
def test_nothing_matches_what_is_no_hash(stored: str | None) -> None:
    assert not verify_password(stored, PASSWORD)


def test_too_long_a_password_is_not_even_hashed() -> None:
    assert not verify_password(hash_password(PASSWORD), "x" * 10_000_000)


def test_hash_with_weaker_parameters_is_replaced() -> None:
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
    assert needs_new_hash(weak)
    assert verify_password(weak, PASSWORD)
    assert not needs_new_hash(hash_password(PASSWORD))
