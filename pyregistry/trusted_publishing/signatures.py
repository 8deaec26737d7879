"""Keys of issuers, and the signatures that they verify.

Which algorithm is used is decided here, never by the token: it names one of those below, and
the key must be of that algorithm's type and curve. None of them is symmetric, so a public
key can never be taken for a secret.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey
from joserfc.jws import JWSRegistry, deserialize_compact

ALGORITHMS: Final = {
    name: JWSRegistry.algorithms[name]
    for name in (
        "RS256",
        "RS384",
        "RS512",
        "PS256",
        "PS384",
        "PS512",
        "ES256",
        "ES384",
        "EdDSA",
        "Ed25519",
    )
}
"""The algorithms by which ID tokens may be signed, by name."""

Key = RSAKey | ECKey | OKPKey

_CURVES: Final = {"P-256", "P-384", "Ed25519"}
_SHORTEST_RSA: Final = 2048
_LONGEST_RSA: Final = 8192
_MAXIMUM_KEYS: Final = 100


class _Registry(JWSRegistry):
    """The library's checks of headers, with the algorithms above and no other."""

    max_header_length = 4096

    def get_alg(self, name: str) -> Any:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError
        return ALGORITHMS[name]


# Header parameters that nobody knows are to be ignored (RFC 7515 section 4).
_REGISTRY: Final = _Registry(strict_check_header=False)


def read_keys(key_set: Mapping[str, Any]) -> tuple[Key, ...]:
    """The keys of a key set (RFC 7517) that can verify a signature.

    Others are passed over, as section 5 of it wants: an issuer may publish more than we know.
    So are short ones, and those whose private part is published, too. Raises `ValueError`
    for what is no key set.
    """
    published = key_set.get("keys")
    if not isinstance(published, list) or len(published) > _MAXIMUM_KEYS:
        raise ValueError(f"no list of up to {_MAXIMUM_KEYS} keys")
    keys = (_read_key(each) for each in published if isinstance(each, dict))
    return tuple(key for key in keys if key is not None)


def _read_key(published: dict[str, Any]) -> Key | None:
    try:
        key = JWKRegistry.import_key(published)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    if isinstance(key, RSAKey):
        fits = _SHORTEST_RSA <= key.public_key.key_size <= _LONGEST_RSA
        return key if fits and not key.is_private else None
    if isinstance(key, ECKey | OKPKey):
        return key if key.curve_name in _CURVES and not key.is_private else None
    return None


def choose_key(keys: Iterable[Key], key_id: str | None, algorithm: str) -> Key | None:
    """The one key that a token can have been signed with; None where none or several can.

    A token that does not name its key is taken where only one key fits its algorithm.
    """
    fitting = [
        key
        for key in keys
        if (key_id is None or key.kid == key_id) and _fits(key, ALGORITHMS[algorithm])
    ]
    return fitting[0] if len(fitting) == 1 else None


def _fits(key: Key, algorithm: Any) -> bool:
    try:
        algorithm.check_key(key)
    except JoseError:
        return False
    return True


def verified_payload(token: str, key: Key) -> bytes | None:
    """What the token says, as bytes; None where the key has not signed it."""
    try:
        payload = deserialize_compact(token, key, registry=_REGISTRY).payload
    except (JoseError, ValueError, TypeError):
        return None
    return payload
