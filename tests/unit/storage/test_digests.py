"""Digests of known inputs, whatever the pieces."""

import hashlib
from random import Random
from threading import enumerate as enumerate_threads

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyregistry.storage.digests import Digests, Hasher, is_sha256

MIB = 1024 * 1024


def test_the_digests_of_abc() -> None:
    hasher = Hasher()
    hasher.update(b"abc")
    assert hasher.size == 3
    assert hasher.digests() == Digests(
        sha256="ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        blake2b_256="bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319",
        md5="900150983cd24fb0d6963f7d28e17f72",
        sha1="a9993e364706816aba3e25717850c26c9cd0d89d",
    )


@settings(deadline=None)
@given(st.lists(st.binary(max_size=50)))
def test_pieces_make_no_difference(pieces: list[bytes]) -> None:
    hasher = Hasher()
    for piece in pieces:
        hasher.update(piece)
    whole = b"".join(pieces)
    assert hasher.size == len(whole)
    assert hasher.digests().sha256 == hashlib.sha256(whole).hexdigest()
    assert hasher.digests().blake2b_256 == hashlib.blake2b(whole, digest_size=32).hexdigest()
    assert hasher.digests().md5 == hashlib.md5(whole).hexdigest()


@pytest.mark.parametrize("size", [8 * MIB, 8 * MIB + 1, 20 * MIB])
def test_a_large_stream_is_hashed_in_its_order(size: int) -> None:
    whole = Random(size).randbytes(size)
    hasher = Hasher()
    for start in range(0, size, 100_001):
        hasher.update(whole[start : start + 100_001])
    first = hasher.digests()
    assert (hasher.size, first.sha256) == (size, hashlib.sha256(whole).hexdigest())
    assert first.blake2b_256 == hashlib.blake2b(whole, digest_size=32).hexdigest()
    assert first.md5 == hashlib.md5(whole).hexdigest()
    assert first.sha1 == hashlib.sha1(whole).hexdigest()
    assert hasher_threads() == []
    hasher.update(b"more")
    assert hasher.digests().md5 == hashlib.md5(whole + b"more").hexdigest()


def test_who_gives_up_leaves_no_threads() -> None:
    hasher = Hasher()
    for _ in range(9):
        hasher.update(bytes(MIB))
    hasher.close()
    hasher.close()
    assert hasher_threads() == []


def hasher_threads() -> list[str]:
    """The names of those that have not ended within a moment."""
    for thread in enumerate_threads():
        if thread.name.startswith("pyregistry-hasher"):
            thread.join(10)
    return [each.name for each in enumerate_threads() if each.name.startswith("pyregistry-hasher")]


def test_what_is_an_address() -> None:
    assert is_sha256("0123456789abcdef" * 4)
    for text in ("", "g" * 64, "A" * 64, "a" * 63, "a" * 64 + "\n", "\uff11" * 64):
        assert not is_sha256(text)
