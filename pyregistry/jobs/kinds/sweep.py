"""Sweeping: removing stored bytes that no file is made of."""

from typing import Final

from pyregistry.jobs.work import Work
from pyregistry.packaging.services.references import named_digests
from pyregistry.storage.errors import StorageError
from pyregistry.storage.sweeper import SweepReport, sweep

NAME: Final = "sweep"


def run(work: Work) -> None:
    """Sweep every storage that is configured, as `pyregistry storage sweep` does.

    Done twice, even at once, it removes the same. Raises the last `StorageError`, after the other
    storages, which have nothing to do with it.
    """
    parts = work.parts
    total = SweepReport()
    failure: StorageError | None = None
    _tell(work, total)
    for storage in parts.storages.configured():
        ask = named_digests(parts.database, storage.name)
        grace = parts.settings.storage_sweep_grace
        try:
            for report in sweep(storage, ask, grace=grace, now=parts.clock()):
                total += report
                _tell(work, total)
        except StorageError as error:
            failure = error
    if failure is not None:
        raise failure


def _tell(work: Work, total: SweepReport) -> None:
    report = {"objects": total.objects, "leftovers": total.leftovers, "bytes": total.size}
    work.tell(total.examined, unit="objects", report=report)
