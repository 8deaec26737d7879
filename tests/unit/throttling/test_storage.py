"""The storage of throttling, opened by its address or refused in one sentence."""

import sys
from importlib import import_module

import pytest

from pyregistry.settings import SettingsError
from pyregistry.throttling.storage import open_storage

SECRET = "s3cr3t"


def refusal(address: str) -> str:
    with pytest.raises(SettingsError) as caught:
        open_storage(address)
    sentence = caught.value.sentence
    assert "pyregistry.throttle.storage" in sentence
    assert SECRET not in sentence
    return sentence


@pytest.mark.parametrize(
    "address",
    ["memory://", "redis://127.0.0.1:1", "rediss://:x@127.0.0.1:1/2", "redis+unix:///no/such/file"],
)
def test_nothing_is_called_yet(address: str) -> None:
    open_storage(address)


def test_a_scheme_that_is_none() -> None:
    assert "no storage tape; use memory or redis" in refusal(f"tape://:{SECRET}@host")


def test_a_missing_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    import_module("redis")
    monkeypatch.setitem(sys.modules, "redis", None)
    assert "missing; install pyregistry-server[redis]" in refusal(f"redis://:{SECRET}@host")


def test_a_missing_driver_of_another_storage() -> None:
    assert "the Python driver for valkey is missing" in refusal(f"valkey://:{SECRET}@host")


@pytest.mark.parametrize(
    "address",
    [f"redis://:{SECRET}@host:port/0", f"redis://:{SECRET}@h/0?socket_timeout=x", "redis://[::1"],
)
def test_an_address_that_is_none(address: str) -> None:
    assert "correct the address" in refusal(address)


def test_a_cluster_that_is_not_there() -> None:
    assert "start the server" in refusal(f"redis+cluster://:{SECRET}@127.0.0.1:1")
