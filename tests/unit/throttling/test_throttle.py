"""Limits of failures, with the counts in memory and in a real Redis."""

import logging

import pytest

from pyregistry.errors import TooManyRequests
from pyregistry.settings import Settings
from pyregistry.throttling.throttle import Throttle, network_of
from tests.factories.redis_server import RedisServer

DAY = 24 * 60 * 60
HOME, OFFICE = "192.0.2.7", "198.51.100.7"


def throttle(
    storage: str, account: str = "off", address: str = "off", token: str = "off"
) -> Throttle:
    ini = {
        "storage": storage,
        "sign_in_per_account": account,
        "sign_in_per_address": address,
        "token_failures_per_address": token,
    }
    keys = {f"pyregistry.throttle.{key}": value for key, value in ini.items()}
    return Throttle.of(Settings.parse(keys, {}))


def refused(limited: Throttle, username: str, address: str | None) -> TooManyRequests:
    with pytest.raises(TooManyRequests) as caught:
        limited.check_sign_in(username, address)
    return caught.value


def test_an_account_is_limited_from_every_address(storage: str) -> None:
    limited = throttle(storage, account="2 per day")
    for address in (HOME, OFFICE):
        limited.check_sign_in("ada", address)
        limited.sign_in_failed("ada", address)
    for address in (HOME, OFFICE, "2001:db8::1", None):
        refusal = refused(limited, "ada", address)
        assert DAY - 3600 < refusal.retry_after <= DAY
        assert refusal.sentence.startswith("Too many attempts to sign in have failed: try again in")
    limited.check_sign_in("bob", HOME)


def test_an_address_is_limited_for_every_account(storage: str) -> None:
    limited = throttle(storage, address="2 per day")
    for username in ("ada", "bob"):
        limited.check_sign_in(username, HOME)
        limited.sign_in_failed(username, HOME)
    refused(limited, "eve", HOME)
    limited.check_sign_in("ada", OFFICE)


def test_asking_counts_nothing(storage: str) -> None:
    limited = throttle(storage, account="1 per day", address="1 per day")
    for _ in range(5):
        limited.check_sign_in("ada", HOME)


def test_the_longer_wait_is_told(storage: str) -> None:
    limited = throttle(storage, account="1 per day", address="1 per 30 days")
    limited.sign_in_failed("ada", HOME)
    assert refused(limited, "ada", HOME).retry_after > 29 * DAY


def test_wrong_tokens_are_limited_by_address(storage: str) -> None:
    limited = throttle(storage, token="2 per day")
    for _ in range(2):
        limited.token_failed(HOME)
    for _ in range(2):
        with pytest.raises(TooManyRequests, match="wrong credentials") as caught:
            limited.token_failed(HOME)
        assert DAY - 3600 < caught.value.retry_after <= DAY
    limited.token_failed(OFFICE)


def test_limits_do_not_share_their_counts(storage: str) -> None:
    limited = throttle(storage, address="1 per day", token="1 per day")
    limited.token_failed(HOME)
    limited.check_sign_in("ada", HOME)


def test_processes_with_one_redis_count_together(redis_server: RedisServer) -> None:
    first, second = (throttle(redis_server.address, account="2 per day") for _ in range(2))
    first.sign_in_failed("ada", HOME)
    second.sign_in_failed("ada", HOME)
    for limited in (first, second):
        refused(limited, "ada", HOME)


def test_what_is_off_limits_nothing(storage: str) -> None:
    limited = throttle(storage)
    for _ in range(100):
        limited.check_sign_in("ada", HOME)
        limited.sign_in_failed("ada", HOME)
        limited.token_failed(HOME)


@pytest.mark.parametrize("typed", ["ADA", " ada\t", "Ada"])
def test_spellings_of_a_name_count_as_one(typed: str) -> None:
    limited = throttle("memory://", account="1 per day")
    limited.sign_in_failed(typed, HOME)
    refused(limited, "ada", HOME)


@pytest.mark.parametrize("name", ["", "a/b", "\udcff", "é", "n" * 100_000, "%s", "\x00"])
def test_any_text_is_a_name(storage: str, name: str) -> None:
    limited = throttle(storage, account="1 per day")
    limited.sign_in_failed(name, HOME)
    refused(limited, name, HOME)
    limited.check_sign_in("ada", HOME)


@pytest.mark.parametrize("address", [None, "", "unix", "localhost"])
def test_nobody_shares_the_limit_of_no_address(address: str | None) -> None:
    limited = throttle("memory://", account="9 per day", address="1 per day", token="1 per day")
    for _ in range(3):
        limited.sign_in_failed("ada", address)
        limited.token_failed(address)
    limited.check_sign_in("ada", address)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", None),
        ("unix", None),
        (None, None),
    ],
)
def test_what_an_address_counts_as(address: str | None, network: str | None) -> None:
    assert network_of(address) == network


def test_a_customer_has_one_limit(storage: str) -> None:
    limited = throttle(storage, address="2 per day")
    limited.sign_in_failed("ada", "2001:db8::1")
    limited.sign_in_failed("ada", "2001:db8::2")
    refused(limited, "ada", "2001:db8::3")
    limited.check_sign_in("ada", "2001:db8:0:1::1")


def use_everything(limited: Throttle) -> None:
    limited.check_sign_in("ada", HOME)
    limited.sign_in_failed("ada", HOME)
    limited.token_failed(HOME)


def test_the_registry_goes_on_without_its_redis(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    limited = throttle(redis_server.address, "1 per day", "1 per day", "1 per day")
    use_everything(limited)
    refused(limited, "ada", HOME)
    with caplog.at_level(logging.WARNING):
        redis_server.stop()
        use_everything(limited)
        use_everything(limited)
    said = [record for record in caplog.records if record.name == "pyregistry.throttling.outage"]
    assert len(said) == 1
    assert "not limited" in said[0].getMessage()


def test_a_registry_starts_without_its_redis(caplog: pytest.LogCaptureFixture) -> None:
    limited = throttle("redis://:hidden@127.0.0.1:1/0", "1 per day", "1 per day", "1 per day")
    with caplog.at_level(logging.WARNING):
        use_everything(limited)
        use_everything(limited)
    assert len(caplog.records) == 1
    assert "hidden" not in caplog.text
