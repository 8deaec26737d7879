"""Settings of the log and of the metrics."""

import re
from pathlib import Path
from typing import Final

from pyregistry.settings import parsers
from pyregistry.settings.rows import Secrecy, optional, setting, table

_TOKEN: Final = re.compile(r"[!-~]{20,512}")


def token(text: str) -> str:
    """A secret that stands in a header."""
    if _TOKEN.fullmatch(text) is None:
        raise ValueError("give 20 to 512 printable ASCII characters without spaces")
    return text


@table
class WatchingSettings:
    """How those who run the registry see what it does."""

    logs_format: str = setting(
        "logs.format",
        parsers.choice("text", "json"),
        "text",
        "`text` or `json`",
        "How the log is written: as the format of the ini file says, or as a JSON object a line.",
    )
    metrics_token: str | None = setting(
        "metrics.token",
        optional(token),
        "",
        "text",
        "With what Prometheus may read `/-/metrics`, as a bearer token. Without it, only"
        " administrators may. Secret: it is taken from the environment only.",
        secret=Secrecy.ENVIRONMENT_ONLY,
    )
    metrics_folder: Path | None = setting(
        "metrics.folder",
        optional(parsers.folder),
        "",
        "folder",
        "Where the processes of one host count together, for servers with several processes."
        " Without it each process counts for itself.",
        also=("PROMETHEUS_MULTIPROC_DIR",),
    )
