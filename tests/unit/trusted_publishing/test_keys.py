"""What waits for an issuer, and what does not."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event
from typing import Any

import pytest

from pyregistry.trusted_publishing import keys as module
from pyregistry.trusted_publishing.documents import Unfetched
from pyregistry.trusted_publishing.errors import IssuerUnavailable
from pyregistry.trusted_publishing.keys import IssuerKeys

ISSUER = "https://issuer.example"
NOW = datetime(2026, 11, 23, tzinfo=UTC)


class SlowDocuments:
    """An issuer that answers when it is told to, and then has nothing to say."""

    def __init__(self) -> None:
        self.asked = Event()
        self.answer = Event()

    def key_set(self, _issuer: str) -> Any:
        self.asked.set()
        self.answer.wait(30)
        raise Unfetched("it does not answer")


def test_an_issuer_that_does_not_answer_holds_one_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.01)
    documents = SlowDocuments()
    keys = IssuerKeys([ISSUER], documents)  # type: ignore[arg-type]
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(keys.find, ISSUER, "a", "RS256", NOW)
        assert documents.asked.wait(30)
        try:
            with pytest.raises(IssuerUnavailable):
                keys.find(ISSUER, "b", "RS256", NOW)
            assert not first.done()
        finally:
            documents.answer.set()
        with pytest.raises(IssuerUnavailable):
            first.result()
