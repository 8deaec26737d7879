"""The machine and the versions that a result belongs to."""

import os
import platform
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.clients.environments import OWN_COMMANDS, REPOSITORY


def described(peers: Mapping[str, str]) -> dict[str, Any]:
    """What a reader has to know of the machine; nothing that tells whose it is."""
    return {
        "processor": _first("/proc/cpuinfo", r"model name\s*: (.+)"),
        "cores": os.cpu_count(),
        "memory_gib": round(int(_first("/proc/meminfo", r"MemTotal:\s*(\d+)")) / 1024**2),
        "kernel": platform.release(),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "sqlite": _sqlite(),
        "nginx": _said(r"nginx/(\S+)", "nginx", "-v"),
        "wrk": _said(r"wrk \S*?(\d[\w.-]*)", "wrk", "--version"),
        "uv": _said(r"uv (\S+)", str(OWN_COMMANDS / "uv"), "--version"),
        **{name: version for name, version in peers.items() if name != "waitress"},
        "commit": _said(r"(\w+)", "git", "-C", str(REPOSITORY), "rev-parse", "--short", "HEAD"),
        "changed_since_commit": bool(
            _said(r"(\S+)", "git", "-C", str(REPOSITORY), "status", "--porcelain", "-uno")
        ),
    }


def _first(path: str, pattern: str) -> str:
    found = re.search(pattern, Path(path).read_text())
    return found[1].strip() if found else "unknown"


def _said(pattern: str, *command: str) -> str | None:
    """What a command says of itself; None where there is none."""
    path = f"{os.environ['PATH']}{os.pathsep}/usr/sbin"
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, "PATH": path}
        )
    except OSError:
        return None
    found = re.search(pattern, done.stdout + done.stderr)
    return found[1] if found else None


def _sqlite() -> str:
    import sqlite3  # noqa: PLC0415 -- for its version alone

    return sqlite3.sqlite_version
