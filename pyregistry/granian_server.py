"""granian, several worker processes: the other server that `pserve` can start for production.

    [server:main]
    use = egg:pyregistry-server#granian
    workers = 2

granian reads and writes HTTP outside of Python, which leaves four times as many requests to the
application. Sockets, processes and signals are those of `pyregistry.prefork`: gunicorn's parent
forks the workers, replaces them and stops them, and granian serves in each of them. So both take
the same keys. `docs/settings.md` lists them, `docs/deployment.md` says in what the servers differ.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pyregistry.granian_process import GranianProcess
from pyregistry.prefork import prefork_server

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


def granian_server(
    _global_config: Mapping[str, str], **section: str
) -> "Callable[[WSGIApplication], None]":
    """The Paste server factory: binds the address, and returns what serves an application.

    It promises what `pyregistry.prefork.gunicorn_server` does, but for reason phrases: an answer
    has its number and no words beside it.

    Raises `SystemExit` with one sentence where the section or the environment's `PORT` is
    wrong, or the address is taken.
    """
    return prefork_server(section, GranianProcess)
