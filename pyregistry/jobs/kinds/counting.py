"""Counting: whether the numbers that projects and packages keep are right."""

import logging
from functools import partial
from typing import Final

from pyregistry.jobs.work import Work
from pyregistry.packaging.services.counting import (
    correct_counts,
    projects_after,
    projects_with_drift,
)
from pyregistry.upkeep.services.counts import miscounts, recount

logger = logging.getLogger(__name__)

NAME: Final = "counting"

_AT_ONCE: Final = 100
"""Projects between two looks at whether to stop."""


def run(work: Work) -> None:
    """Count the packages, releases, files and bytes of all projects, and correct what is wrong.

    After that what groups and the registry store, which quotas go by. Done twice, it counts the
    same.
    """
    database = work.parts.database
    counted = corrected = quotas = after = 0

    def tell() -> None:
        report = {"projects": counted, "corrected": corrected, "corrected_quotas": quotas}
        work.tell(counted, unit="projects", report=report)

    while True:
        tell()
        with database.reading() as session:
            project_ids = projects_after(session, after, _AT_ONCE)
            wrong = projects_with_drift(session, project_ids)
        for project_id in wrong:
            rows = database.write(partial(correct_counts, project_id=project_id))
            logger.warning("project %d: %d rows kept wrong numbers", project_id, rows)
            corrected += 1
        if not project_ids:
            break
        counted, after = counted + len(project_ids), project_ids[-1]
    # Nobody uploads while it is set right: that is begun only where it has to be.
    with database.reading() as session:
        found = miscounts(session)
    if found:
        quotas = len(database.write(recount))
        logger.warning("%d counts of stored bytes were wrong", quotas)
    tell()
