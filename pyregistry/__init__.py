"""A self-hosted Python package registry."""

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


def main(global_config: dict[str, Any], **ini: Any) -> "WSGIApplication":
    """The Paste application factory: what `pserve` builds from an ini file.

    Raises `SettingsError`, and `SystemExit` with one sentence where the database cannot be
    used or has another schema.
    """
    # Imported here: the package is imported for its parts, too, by tools that need no server.
    from pyregistry.lifecycle import building

    with building():
        return _built({**global_config, **ini}, ini)


def _built(given: dict[str, Any], ini: dict[str, Any]) -> "WSGIApplication":
    from pyregistry.lifecycle import on_fork, on_stop
    from pyregistry.logs import use_format
    from pyregistry.proxies import TrustedProxies
    from pyregistry.settings import Settings
    from pyregistry.watching.shared_folder import share

    settings = Settings.parse(given, os.environ)
    use_format(settings.logs_format)
    if settings.metrics_folder is not None:
        share(settings.metrics_folder)

    # After the folder of the metrics is known: their library asks for it when it is imported.
    from pyregistry.config import application, configure, ready_components
    from pyregistry.watching.middleware import Watched

    components = ready_components(settings)
    on_fork(components.database.forget_connections)
    on_fork(components.freshness.forget)
    on_stop(components.database.dispose)
    on_stop(components.freshness.close)
    on_stop(components.metrics.count)
    on_stop(components.recorder.stop)
    remembering = application(configure(components, ini))
    watched = Watched(remembering, components.metrics)
    return TrustedProxies(
        watched,
        settings.trusted_proxies,
        settings.public_url,
        keep_pages=settings.pages_proxy_cache,
    )
