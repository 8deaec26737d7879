"""Sweeping: removing stored bytes that no file is made of."""

from typing import Final

from pyregistry.jobs.work import Work
from pyregistry.packaging.services.references import named_digests
from pyregistry.storage.sweeper import SweepReport, sweep

NAME: Final = "sweep"


def run(work: Work) -> None:
    """Sweep every storage that is configured, as `pyregistry storage sweep` does.

    Done twice, even at once, it removes the same.
    """
    parts = work.parts
    total = SweepReport()
    _tell(work, total)
    for storage in parts.storages.configured():
        for report in sweep(
            storage,
            named_digests(parts.database, storage.name),
            grace=parts.settings.storage_sweep_grace,
            now=parts.clock(),
        ):
            total += report
            _tell(work, total)


def _tell(work: Work, total: SweepReport) -> None:
    report = {"objects": total.objects, "leftovers": total.leftovers, "bytes": total.size}
    work.tell(total.objects + total.leftovers, unit="removed", report=report)
