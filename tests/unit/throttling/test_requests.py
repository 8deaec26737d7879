"""Limits of requests, with the counts in memory and in a real Redis."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from pyregistry.settings import Rate, Settings
from pyregistry.throttling.requests import Quota, RequestLimit, RequestLimits
from tests.factories.redis_server import RedisServer

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TWO = RequestLimit("name", Rate(2, timedelta(minutes=1)))


def limits(storage: str, **rates: str) -> RequestLimits:
    rates = rates or {"api_per_identity": "2 per minute"}
    ini = {"storage": storage, **rates}
    keys = {f"pyregistry.throttle.{key}": value for key, value in ini.items()}
    return RequestLimits.of(Settings.parse(keys, {}))


def counted(limited: RequestLimits, limit: RequestLimit, caller: str, now: datetime) -> Quota:
    quota = limited.count(limit, caller, now)
    assert quota is not None
    return quota


def test_each_request_counts(storage: str) -> None:
    limited = limits(storage)
    quotas = [counted(limited, TWO, "ann", NOON) for _ in range(4)]
    assert [quota.observed for quota in quotas] == [1, 2, 3, 4]
    assert [quota.remaining for quota in quotas] == [1, 0, 0, 0]
    assert [quota.is_exceeded for quota in quotas] == [False, False, True, True]


def test_callers_and_limits_do_not_share_their_counts(storage: str) -> None:
    limited = limits(storage)
    counted(limited, TWO, "ann", NOON)
    assert counted(limited, TWO, "bob", NOON).observed == 1
    other = RequestLimit("other", TWO.rate)
    assert counted(limited, other, "ann", NOON).observed == 1


@pytest.mark.parametrize(
    ("window", "now", "resets_at"),
    [
        (timedelta(minutes=1), NOON, NOON + timedelta(minutes=1)),
        (timedelta(minutes=1), NOON + timedelta(seconds=59.9), NOON + timedelta(minutes=1)),
        (timedelta(hours=1), NOON + timedelta(minutes=7), NOON + timedelta(hours=1)),
        (timedelta(days=1), NOON, NOON + timedelta(hours=12)),
        (timedelta(seconds=15), NOON + timedelta(seconds=44), NOON + timedelta(seconds=45)),
    ],
)
def test_periods_begin_with_those_of_the_clock(
    window: timedelta, now: datetime, resets_at: datetime
) -> None:
    quota = counted(limits("memory://"), RequestLimit("name", Rate(2, window)), "ann", now)
    assert quota.resets_at == resets_at.timestamp()
    assert quota.retry_after >= 1
    assert now + timedelta(seconds=quota.retry_after) >= resets_at


def test_a_new_period_counts_anew(storage: str) -> None:
    limited = limits(storage)
    for _ in range(3):
        counted(limited, TWO, "ann", NOON)
    assert counted(limited, TWO, "ann", NOON + timedelta(minutes=1)).observed == 1


def test_processes_with_one_redis_count_together(redis_server: RedisServer) -> None:
    first, second = limits(redis_server.address), limits(redis_server.address)
    counted(first, TWO, "ann", NOON)
    assert counted(second, TWO, "ann", NOON).observed == 2


def test_off_opens_no_storage() -> None:
    limited = limits("redis://127.0.0.1:1/0", api_per_identity="off")
    assert not limited.api
    assert not limited.packages
    assert limited.count(TWO, "ann", NOON) is None


def test_a_redis_that_is_gone_is_not_asked_for_each_request(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited = limits(redis_server.address)
    counted(limited, TWO, "ann", NOON)
    redis_server.stop()
    with caplog.at_level(logging.WARNING):
        assert limited.count(TWO, "ann", NOON) is None
        monkeypatch.setattr(limited._storage, "incr", lambda *_: pytest.fail("asked again"))
        assert limited.count(TWO, "ann", NOON) is None
    assert len(caplog.records) == 1
    assert "Requests are not limited" in caplog.text
