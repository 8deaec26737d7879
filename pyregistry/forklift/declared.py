"""The digests that a client declares for its file."""

import re

from pyregistry.errors import Invalid
from pyregistry.forklift.form import UploadForm
from pyregistry.sentences import shown
from pyregistry.storage.digests import Digests

_HEXADECIMAL = re.compile(r"[0-9a-fA-F]+", re.ASCII)
_BLAKE2B_512_LENGTH = 128


def check_digests(form: UploadForm, digests: Digests) -> None:
    """Compare the declared digests with those of the bytes that arrived.

    Digests are in hexadecimal, in either case; a client may declare any of
    them or none. Raises `Invalid`, naming both values, when one differs, and
    when one is no digest.
    """
    _check(form, "sha256_digest", digests.sha256)
    _check(form, "md5_digest", digests.md5)
    if not _is_blake2b_512(form):
        _check(form, "blake2_256_digest", digests.blake2b_256)


def _is_blake2b_512(form: UploadForm) -> bool:
    """Whether the BLAKE2 digest is one of 64 bytes.

    The `upload` command of Python 3.9 to 3.11 sends such a digest under the
    name of the shorter one, always together with SHA-256, which says enough.
    """
    declared = form.one("blake2_256_digest") or ""
    return (
        len(declared) == _BLAKE2B_512_LENGTH
        and _HEXADECIMAL.fullmatch(declared) is not None
        and form.one("sha256_digest") is not None
    )


def _check(form: UploadForm, field: str, actual: str) -> None:
    declared = form.one(field)
    if declared is None:
        return
    if len(declared) != len(actual) or not _HEXADECIMAL.fullmatch(declared):
        raise Invalid(
            f"The field {field} is {shown(declared)}: send {len(actual)} hexadecimal digits"
        )
    if declared.lower() != actual:
        raise Invalid(
            f"The field {field} is {declared.lower()}, but the file that arrived has {actual}:"
            " the upload was damaged, or the digest is of another file"
        )
