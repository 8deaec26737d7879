"""What one running registry is made of, built once and shared by all its requests."""

from dataclasses import dataclass

from pyregistry.clock import Clock
from pyregistry.db import Database
from pyregistry.events.recorder import Recorder
from pyregistry.freshness.questions import Freshness
from pyregistry.health.checks import Health
from pyregistry.remembered.answers import AnswerMemory
from pyregistry.settings import Settings
from pyregistry.simple.cache import PageCache
from pyregistry.storage.interfaces import IFileStorage
from pyregistry.storage.storages import Storages
from pyregistry.throttling.requests import RequestLimits
from pyregistry.throttling.throttle import Throttle
from pyregistry.trusted_publishing.keys import IssuerKeys
from pyregistry.watching.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Components:
    """The parts of a running registry. None of them opens anything before its first use."""

    settings: Settings
    database: Database
    freshness: Freshness
    storages: Storages
    recorder: Recorder
    pages: PageCache
    answers: AnswerMemory
    throttle: Throttle
    request_limits: RequestLimits
    issuer_keys: IssuerKeys
    health: Health
    metrics: Metrics
    clock: Clock

    @property
    def storage(self) -> IFileStorage:
        """Where new files go."""
        return self.storages.default
