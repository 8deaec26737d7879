"""wrk, the load generator: 16 connections kept alive by 2 threads."""

import json
import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.comparison.asks import Question

ABSENT = "This machine has no wrk (on Debian: apt-get install wrk), which sends the requests."
CONNECTIONS, THREADS = 16, 2

_SCRIPT = """
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\\n@{"requests":%d,"microseconds":%d,"bytes":%d,"wrong":%d,"broken":%d,' ..
    '"p50":%.3f,"p99":%.3f,"most":%.3f}\\n',
    summary.requests, summary.duration, summary.bytes, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end
"""


@dataclass(frozen=True)
class Load:
    """What wrk saw. Times are milliseconds."""

    per_second: float
    bytes_per_second: float
    p50: float
    p99: float
    most: float
    broken: int
    """Connections that broke off or timed out."""

    def details(self) -> dict[str, float]:
        """All of it, for the results."""
        return {name: round(value, 3) for name, value in asdict(self).items()}


def program() -> str:
    """The program. Raises `SystemExit` with one sentence where there is none."""
    found = shutil.which("wrk")
    if found is None:
        raise SystemExit(ABSENT)
    return found


def load(question: Question, seconds: float, folder: Path, connections: int = CONNECTIONS) -> Load:
    """Ask over and over for some seconds.

    Raises `AssertionError` where an answer had a status of 400 or more, or none came.
    """
    script = folder / "wrk.lua"
    script.write_text(_SCRIPT)
    headers = [part for pair in question.headers.items() for part in ("-H", ": ".join(pair))]
    threads = min(THREADS, connections)
    done = subprocess.run(
        [
            program(),
            *(f"-t{threads}", f"-c{connections}", f"-d{max(1, round(seconds))}s"),
            *("--timeout", "30s", "-s", str(script), *headers, question.address),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return read(done.stdout)


def read(output: str) -> Load:
    """What the script has printed."""
    said = json.loads(output.rpartition("\n@")[2])
    if said["wrong"] or not said["requests"]:
        raise AssertionError(f"{said['wrong']} of {said['requests']} answers were errors")
    seconds = said["microseconds"] / 1e6
    return Load(
        per_second=said["requests"] / seconds,
        bytes_per_second=said["bytes"] / seconds,
        p50=said["p50"],
        p99=said["p99"],
        most=said["most"],
        broken=said["broken"],
    )
