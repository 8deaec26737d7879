"""The digests of a file, computed while its bytes pass by."""

import hashlib
import re
from dataclasses import dataclass

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Digests:
    """The digests of one file, each in lower-case hexadecimal.

    `sha256` is the address of the object in a storage. `blake2b_256` is
    BLAKE2b with a digest of 32 bytes. `md5` and `sha1` are for old clients
    and say nothing about security.
    """

    sha256: str
    blake2b_256: str
    md5: str
    sha1: str


class Hasher:
    """Computes `Digests` and the size (in bytes) of a stream, chunk by chunk."""

    def __init__(self) -> None:
        self.size = 0
        self._sha256 = hashlib.sha256()
        self._blake2b_256 = hashlib.blake2b(digest_size=32)
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha1 = hashlib.sha1(usedforsecurity=False)

    def update(self, data: bytes) -> None:
        """Count and hash the next bytes."""
        self.size += len(data)
        self._sha256.update(data)
        self._blake2b_256.update(data)
        self._md5.update(data)
        self._sha1.update(data)

    def digests(self) -> Digests:
        """The digests of everything given so far; more may follow."""
        return Digests(
            sha256=self._sha256.hexdigest(),
            blake2b_256=self._blake2b_256.hexdigest(),
            md5=self._md5.hexdigest(),
            sha1=self._sha1.hexdigest(),
        )


def is_sha256(text: str) -> bool:
    """Whether the text is a SHA-256 digest as an address: 64 lower-case hexadecimal digits."""
    return _SHA256.fullmatch(text) is not None
