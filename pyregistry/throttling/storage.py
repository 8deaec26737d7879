"""Where failures are counted: in memory, or in a server that several processes share."""

from typing import Any, Final

from limits.errors import ConfigurationError
from limits.storage import MovingWindowSupport, Storage, storage_from_string

from pyregistry.settings import PREFIX, SettingsError
from pyregistry.throttling.memory import ForgettingMemory

_REDIS: Final = ("redis", "rediss", "redis+unix")
_SECONDS: Final = 1
"""How long an answer of Redis is waited for; the address can say otherwise."""


def open_storage(address: str) -> Storage:
    """The storage at an address that the library `limits` takes. Redis is not called yet.

    Raises `SettingsError`, which does not repeat the address: it may hold a password.
    """
    scheme = address.partition("://")[0]
    if scheme == "memory":
        return ForgettingMemory()
    try:
        storage = storage_from_string(address, wrap_exceptions=True, **_options(scheme))
    except ConfigurationError as error:
        raise SettingsError(_sentence(scheme, error)) from None
    except Exception as error:  # noqa: BLE001 -- each driver has errors of its own, with no base
        raise SettingsError(
            f"{PREFIX}throttle.storage (secret, not shown) cannot be opened"
            f" ({type(error).__name__}): correct the address, or start the server that it names."
        ) from None
    if isinstance(storage, Storage) and isinstance(storage, MovingWindowSupport):
        return storage
    raise SettingsError(
        f"{PREFIX}throttle.storage: {scheme} keeps no moving windows; use memory or redis."
    )


def _sentence(scheme: str, error: ConfigurationError) -> str:
    if str(error).startswith("unknown storage scheme"):
        return f"{PREFIX}throttle.storage: there is no storage {scheme}; use memory or redis."
    extra = "pyregistry-server[redis]" if scheme in _REDIS else "it, or use memory or redis"
    return f"{PREFIX}throttle.storage: the Python driver for {scheme} is missing; install {extra}."


def _options(scheme: str) -> dict[str, Any]:
    """Nobody waits long for a Redis that is gone."""
    if scheme not in _REDIS:
        return {}
    return {"socket_timeout": _SECONDS, "socket_connect_timeout": _SECONDS}
