"""The form of a token: what secret scanners can find and a typing error cannot fake."""

import hashlib
import re
import secrets
import string
import zlib

from pyregistry.authnz.permissions import CredentialKind

_ALPHABET = string.digits + string.ascii_letters
_BODY_LENGTH = 43
"""32 random bytes in base 62."""
_CHECKSUM_LENGTH = 6

PREFIXES: dict[CredentialKind, str] = {
    CredentialKind.PERSONAL_ACCESS_TOKEN: "pyrpat_",
    CredentialKind.PROJECT_ACCESS_TOKEN: "pyrprt_",
    CredentialKind.GROUP_ACCESS_TOKEN: "pyrgrt_",
    CredentialKind.DEPLOY_TOKEN: "pyrdep_",
    CredentialKind.JOB_TOKEN: "pyrjob_",
}
_KINDS = {prefix: kind for kind, prefix in PREFIXES.items()}
_TOKEN = re.compile(
    rf"({'|'.join(_KINDS)})([0-9A-Za-z]{{{_BODY_LENGTH}}})([0-9A-Za-z]{{{_CHECKSUM_LENGTH}}})"
)

_BEGINNING = re.compile(r"pyr[a-z]{3}_")


def generate(kind: CredentialKind) -> str:
    """A new token: prefix, 32 random bytes in base 62, and a CRC-32 of both in base 62."""
    number = int.from_bytes(secrets.token_bytes(32), "big")
    stem = PREFIXES[kind] + _base62(number, _BODY_LENGTH)
    return stem + _checksum(stem)


def kind_of(text: str) -> CredentialKind | None:
    """The kind that `text` has the form of, whatever its checksum; None for what is no token."""
    match = _TOKEN.fullmatch(text)
    return _KINDS[match[1]] if match is not None else None


def is_token(text: str) -> bool:
    """Whether `text` has the form of a token and its checksum is right."""
    match = _TOKEN.fullmatch(text)
    return match is not None and _checksum(match[1] + match[2]) == match[3]


def looks_like_token(text: str) -> bool:
    """Whether `text` begins as tokens do, right or not: then it is meant as one."""
    return _BEGINNING.match(text) is not None


def digest(token: str) -> bytes:
    """What is stored and looked up: the SHA-256 of the token.

    The token holds 256 random bits, so neither salt nor a slow hash would add anything.
    """
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _checksum(stem: str) -> str:
    return _base62(zlib.crc32(stem.encode()), _CHECKSUM_LENGTH)


def _base62(number: int, length: int) -> str:
    letters: list[str] = []
    while number:
        number, rest = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[rest])
    return "".join(reversed(letters)).rjust(length, _ALPHABET[0])
