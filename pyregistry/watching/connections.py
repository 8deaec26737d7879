"""How many connections to the database a process has in use."""

from typing import Any, Final

from sqlalchemy import Engine, event

from pyregistry.watching.metrics import Metrics

_COUNTED: Final = "pyregistry.counted"


def count_connections(engine: Engine, metrics: Metrics) -> None:
    """Have the metrics follow the pool of an engine, also after a fork.

    A connection that could not be made is given back without having been given out: so each is
    marked while it is counted.
    """

    def given_out(_connection: Any, record: Any, _fairy: Any) -> None:
        record.record_info[_COUNTED] = True
        metrics.connections.inc()

    def given_back(_connection: Any, record: Any) -> None:
        if record.record_info.pop(_COUNTED, False):
            metrics.connections.dec()

    event.listen(engine, "checkout", given_out)
    event.listen(engine, "checkin", given_back)
