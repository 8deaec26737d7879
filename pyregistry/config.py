"""The application, put together: an ordered list of includes."""

from typing import TYPE_CHECKING

from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy.exc import DBAPIError

from pyregistry.authority import TokenUse, write_token_uses
from pyregistry.clock import utcnow
from pyregistry.components import Components
from pyregistry.db import Database, reason_of
from pyregistry.engines import Connecting
from pyregistry.events.recorder import Recorder
from pyregistry.events.services.record import Happening
from pyregistry.freshness.databases import freshness_of
from pyregistry.health.checks import Health
from pyregistry.lifecycle import lines_of_source_left_out
from pyregistry.packaging.services.downloads import write_pulls
from pyregistry.remembered.answers import AnswerMemory
from pyregistry.remembering import Remembering
from pyregistry.resources import root_factory
from pyregistry.schema import problem
from pyregistry.settings import Settings, SettingsError
from pyregistry.simple.cache import PageCache
from pyregistry.storage.errors import StorageError
from pyregistry.storage.storages import Storages
from pyregistry.throttling.requests import RequestLimits
from pyregistry.throttling.throttle import Throttle
from pyregistry.trusted_publishing.keys import IssuerKeys
from pyregistry.usage.services.copies import Copy, count_copies
from pyregistry.watching.connections import count_connections
from pyregistry.watching.metrics import Metrics
from pyregistry.watching.shared_folder import shared_folder

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

INCLUDES = (
    "pyregistry.http.request_ids",
    "pyramid_jinja2",
    "pyregistry.watching.view_names",
    "pyregistry.transactions",
    "pyregistry.second_attempts",
    "pyregistry.authnz.actors",
    "pyregistry.authority",
    "pyregistry.quotas",
    "pyregistry.csrf",
    "pyregistry.exactness",
    "pyregistry.simple.views",
    "pyregistry.packaging.views",
    "pyregistry.pypi.views",
    "pyregistry.forklift.views",
    "pyregistry.trusted_publishing.views",
    "pyregistry.api",
    "pyregistry.ui",
    "pyregistry.health.views",
    "pyregistry.watching.views",
    "pyregistry.refusals",
)


def connecting_of(settings: Settings) -> Connecting:
    """How requests reach the database, by these settings."""
    return Connecting(
        pool_size=settings.database_pool_size,
        pool_timeout=settings.database_pool_timeout,
        connect_timeout=settings.database_connect_timeout,
        patience=settings.database_patience,
        statement_timeout=settings.database_statement_timeout,
        idle_in_transaction_timeout=settings.database_idle_in_transaction_timeout,
        slow_query=settings.database_slow_query,
        application_name=settings.database_application_name,
    )


def build_components(settings: Settings) -> Components:
    """The parts of a registry with these settings. Nothing is opened yet.

    Raises `SettingsError` where what a setting names is not there.
    """
    database = Database(settings.database_url, connecting_of(settings))
    storages = Storages(settings)
    metrics = Metrics(shared_folder())
    count_connections(database.engine, metrics)
    return Components(
        settings=settings,
        database=database,
        freshness=freshness_of(database),
        storages=storages,
        recorder=Recorder(
            database,
            {Happening: write_pulls, TokenUse: write_token_uses, Copy: count_copies},
            interval=settings.events_flush_interval.total_seconds(),
            wake_at=settings.events_max_buffered,
        ),
        pages=PageCache(settings.pages_cache_size, metrics.page_looked_up),
        answers=AnswerMemory(),
        throttle=Throttle.of(settings),
        request_limits=RequestLimits.of(settings),
        issuer_keys=IssuerKeys.of(settings),
        health=Health.of(database, storages.default),
        metrics=metrics,
        clock=utcnow,
    )


def ready_components(settings: Settings) -> Components:
    """The parts of a registry whose database has the schema of this version.

    Raises `SystemExit` with one sentence where it has not, where the database cannot be reached,
    and where the service that new files go to does not take them.
    """
    try:
        components = build_components(settings)
        wrong = problem(components.database)
        components.storages.check_at_start()
    except DBAPIError as error:
        raise SystemExit(f"pyregistry: The database cannot be used: {reason_of(error)}") from None
    except SettingsError as error:
        raise SystemExit(f"pyregistry: {error.sentence}") from None
    except StorageError as error:
        raise SystemExit(f"pyregistry: {error}") from None
    except OSError as error:
        raise SystemExit(f"pyregistry: Cannot use {error.filename}: {error.strerror}.") from None
    # The server forks after this: its workers must not share the connection.
    components.database.dispose()
    if wrong is not None:
        raise SystemExit(f"pyregistry: {wrong}")
    return components


def configure(components: Components, ini: dict[str, str] | None = None) -> Configurator:
    """The configured application, of which its caller makes a WSGI application."""
    with lines_of_source_left_out():
        config = Configurator(settings=dict(ini or {}), root_factory=root_factory)
        config.registry["pyregistry.components"] = components
        config.add_request_method(_components, "components", property=True)
        config.add_request_method(_now, "now", reify=True)
        for include in INCLUDES:
            config.include(include)
    return config


def application(config: Configurator) -> "WSGIApplication":
    """The configured application, and what it remembers around it."""
    return Remembering(config.make_wsgi_app(), config.registry)


def _components(request: Request) -> Components:
    components: Components = request.registry["pyregistry.components"]
    return components


def _now(request: Request) -> object:
    """One moment for everything that a request does."""
    return request.components.clock()
