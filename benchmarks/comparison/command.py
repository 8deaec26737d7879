"""The command `python -m benchmarks`."""

import argparse
import os
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.comparison import corpus, machine, wrk
from benchmarks.comparison.field import NAMES, Field
from benchmarks.comparison.peers import installed
from benchmarks.comparison.results import Results
from benchmarks.comparison.run import Rounds, measure_all, say, start_all
from benchmarks.comparison.works import asks_of, field_works
from tests.clients.environments import REPOSITORY

_RESULTS = REPOSITORY / "benchmarks" / "results"
_PEERS = REPOSITORY / "var" / "benchmarks" / "peers"


def parser() -> argparse.ArgumentParser:
    """What a run can be told."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="WORK", help="kinds of work; else all")
    parser.add_argument("--targets", nargs="+", metavar="TARGET", choices=NAMES, default=NAMES)
    parser.add_argument("--rounds", type=int, metavar="NUMBER")
    parser.add_argument("--seconds", type=float, metavar="NUMBER", help="of one measurement")
    parser.add_argument("--quick", action="store_true", help="little of everything, one round")
    parser.add_argument("--name", default="run", help="the end of the names of the results")
    parser.add_argument("--output", type=Path, default=_RESULTS, metavar="FOLDER")
    parser.add_argument("--peers", type=Path, default=_PEERS, metavar="FOLDER")
    return parser


def main() -> None:
    """Measure, and write down what came out."""
    options = parser().parse_args()
    rounds = options.rounds or (1 if options.quick else 3)
    seconds = options.seconds or (1 if options.quick else 3)
    sizes = corpus.QUICK if options.quick else corpus.FULL
    wrk.program()
    os.umask(0o022)
    # What was started is ended then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="pyregistry-benchmark-")))
        # As root the PostgreSQL server runs as another user, who must reach its folder.
        folder.chmod(0o755)
        works = field_works(sizes.pages)
        works = [each for each in works if not options.only or each.name in options.only]
        field = Field(folder, options.peers, sizes.pages, stack)
        results = Results(
            options.name,
            machine.described(installed(options.peers), field.services.postgresql_version),
            {"rounds": rounds, "seconds": seconds, "quick": options.quick},
        )
        path = options.output / f"{time.strftime('%Y-%m-%d')}-{options.name}.json"
        source = field.registry()
        say("making the corpus")
        source.start()
        field.capture(asks_of(works), source)
        source.stop()
        targets, failed = start_all(stack, field.targets(options.targets))
        measure_all(
            results,
            works,
            targets,
            Rounds(folder, rounds, seconds, lambda found: found.write(path)),
            failed,
        )
        results.write(path)
        say(f"written: {path}")
