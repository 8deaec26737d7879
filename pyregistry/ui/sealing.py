"""What waits in a cookie, sealed with a secret that only the browser's session holds."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwe import decrypt_compact, encrypt_compact
from joserfc.jwk import OctKey

_SEALED: Final = {"alg": "dir", "enc": "A256GCM"}


def sealed(made: Mapping[str, Any], secret: str) -> str:
    """What was made, in a form that nobody can read or change without the secret."""
    return encrypt_compact(_SEALED, json.dumps(made), _key(secret))


def unsealed(text: str, secret: str) -> dict[str, Any] | None:
    """What was sealed with the secret; None where it was not."""
    try:
        opened = decrypt_compact(text, _key(secret), algorithms=list(_SEALED.values()))
    except (JoseError, ValueError):
        return None
    made: dict[str, Any] = json.loads(opened.plaintext or b"")
    return made


def _key(secret: str) -> OctKey:
    message = secret.encode("utf-8", "replace")
    return OctKey.import_key(hmac.new(b"handover", message, hashlib.sha256).digest())
