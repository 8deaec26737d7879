"""How much the registry holds, as metrics."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client import Metric
from prometheus_client.metrics_core import GaugeMetricFamily
from sqlalchemy.orm import Session

from pyregistry.health.services.report import count_everything


def describe_holdings(session: Session, _now: datetime) -> Iterator[Metric]:
    """Users, groups, projects, packages, files and their bytes: two queries."""
    counts = count_everything(session)
    for name, text, value in (
        ("users", "People who have an account.", counts.users),
        ("groups", "Groups.", counts.groups),
        ("projects", "Projects.", counts.projects),
        ("packages", "Packages.", counts.packages),
        ("files", "Files.", counts.files),
        (
            "files_bytes",
            "Bytes of the files, as often as projects hold them.",
            counts.storage_bytes,
        ),
    ):
        yield GaugeMetricFamily(f"pyregistry_{name}", text, value=value)
