"""Limits of the connections to the database: durations, or none."""

from datetime import timedelta

import pytest

from tests.unit.settings.support import parse, refusal

KEYS = (
    "database.statement_timeout",
    "database.idle_in_transaction_timeout",
    "database.slow_query",
    "database.migration_statement_timeout",
)


@pytest.mark.parametrize("key", KEYS)
def test_a_limit_may_be_off(key: str) -> None:
    name = key.replace(".", "_")
    assert getattr(parse({f"pyregistry.{key}": "off"}), name) is None
    assert getattr(parse({f"pyregistry.{key}": "OFF"}), name) is None
    assert getattr(parse({f"pyregistry.{key}": "90"}), name) == timedelta(seconds=90)


@pytest.mark.parametrize("text", ["soon", "0", "-1", "1 parsec"])
def test_other_texts_are_refused(text: str) -> None:
    sentence = refusal({"pyregistry.database.slow_query": text})
    assert sentence.endswith("or 'off'.")


def test_waiting_is_always_limited() -> None:
    assert "off" in refusal({"pyregistry.database.migration_wait": "off"})
    assert "off" in refusal({"pyregistry.database.pool_timeout": "off"})
