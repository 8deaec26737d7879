"""Answers of the registry, kept for what serves the same bytes."""

import gzip
import json
from pathlib import Path

from benchmarks.comparison.answers import Answer

_OF_CONNECTIONS = {
    *("connection", "date", "server", "transfer-encoding", "content-length", "keep-alive"),
    "x-request-id",
}


def keep(folder: Path, key: str, answer: Answer) -> None:
    """Write an answer down: the body as it came, not compressed, and the headers."""
    folder.mkdir(parents=True, exist_ok=True)
    headers = {name: value for name, value in answer.headers.items() if name not in _OF_CONNECTIONS}
    (folder / f"{key}.headers").write_text(json.dumps(headers, indent=1, sort_keys=True))
    (folder / f"{key}.sent").write_bytes(answer.body)
    if answer.headers.get("content-encoding") == "gzip":
        (folder / f"{key}.gz").write_bytes(answer.body)
        (folder / key).write_bytes(gzip.decompress(answer.body))
    else:
        (folder / key).write_bytes(answer.body)


def headers_of(folder: Path, key: str) -> dict[str, str]:
    """The headers of an answer that was written down."""
    headers: dict[str, str] = json.loads((folder / f"{key}.headers").read_text())
    return headers
