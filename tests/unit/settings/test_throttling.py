"""Rates, and where failures are counted."""

from datetime import timedelta

import pytest

from pyregistry.settings import Rate, throttling
from tests.unit.settings.support import parse, refusal

SECRET = "s3cret"


class TestThrottling:
    @pytest.mark.parametrize(
        ("text", "rate"),
        [
            ("10 per 10 minutes", Rate(10, timedelta(minutes=10))),
            ("300 per minute", Rate(300, timedelta(minutes=1))),
            ("1 per 1 Day", Rate(1, timedelta(days=1))),
            ("100000 per 366 days", Rate(100_000, timedelta(days=366))),
            ("off", None),
            ("OFF", None),
        ],
    )
    def test_rate(self, text, rate):
        assert throttling.rate(text) == rate

    @pytest.mark.parametrize(
        "text",
        ["10", "10/minute", "per minute", "-1 per minute", "x", "1 per 1.5 hours", "٣ per day"],
    )
    def test_rate_refuses(self, text):
        with pytest.raises(ValueError, match="give a rate such as '10 per 10 minutes', or 'off'"):
            throttling.rate(text)

    @pytest.mark.parametrize("text", ["0 per minute", "100001 per minute", "1 per 367 days"])
    def test_rate_out_of_range(self, text):
        with pytest.raises(ValueError, match="1 to 100000 in up to 366 days"):
            throttling.rate(text)

    def test_rate_of_a_strange_unit(self):
        with pytest.raises(ValueError, match="seconds, minutes"):
            throttling.rate("10 per fortnight")

    @pytest.mark.parametrize("text", ["memory", "host:6379", "async+redis://h", "redis://a b", ""])
    def test_storage_address_refuses(self, text):
        with pytest.raises(ValueError, match="'memory://' or an address"):
            throttling.storage_address(text)

    def test_the_storage_is_secret(self):
        key = "pyregistry.throttle.storage"
        assert SECRET not in repr(parse({key: f"redis://:{SECRET}@host/0"}))
        assert SECRET not in refusal({key: f"redis://:{SECRET}@ host/0"})
