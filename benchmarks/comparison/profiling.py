"""Where the time of a page goes: the processor time of a request, by package."""

import json
import subprocess
import sys

from benchmarks.comparison import corpus
from benchmarks.comparison.asks import Ask, NotOffered
from benchmarks.comparison.ceiling import Bare
from benchmarks.comparison.registry import Registry
from benchmarks.comparison.served import Served
from benchmarks.comparison.target import Target
from benchmarks.comparison.works import Measured, Setting

_REQUESTS = 400


class Profile:
    """A page that is warm, without a server: what the application itself costs."""

    name = "profile"
    title = "processor time of a warm page in the application alone"
    unit = "µs"
    less_is_better = True

    def measure(self, target: Target, setting: Setting) -> Measured:
        """Microseconds a request; the shares are percents of it, by package."""
        question = target.question(Ask("page-10-html", corpus.PACKAGES[10]))
        served = _served(target)
        asked = {
            "ini": str(served.ini),
            "path": question.path,
            "headers": question.headers,
            "count": max(50, round(_REQUESTS * min(1.0, setting.seconds / 3))),
        }
        served.folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.comparison.profiled"],
            env=served.environ,
            cwd=served.folder,
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-1000:]
        # An ini file may have anything said before.
        found = json.loads(done.stdout.strip().rpartition("\n")[2])
        return Measured(found.pop("microseconds"), found)


def _served(target: Target) -> Served:
    """A server like that of the target, which is not started: its ini file and environment."""
    if isinstance(target, Registry) and not target.in_front:
        return target.another()
    if isinstance(target, Bare):
        return target.served
    raise NotOffered("its application is not the one that is asked about")
