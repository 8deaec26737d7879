"""The command `python -m benchmarks`."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.comparison import corpus, machine, wrk
from benchmarks.comparison.field import NAMES
from benchmarks.comparison.peers import installed
from benchmarks.comparison.report import write_table
from benchmarks.comparison.results import Results
from benchmarks.comparison.run import say
from benchmarks.comparison.served import SERVER_VARIABLE
from benchmarks.comparison.stages import Plan, all_works, run_field, run_growth, run_large
from tests.clients.environments import REPOSITORY

_RESULTS = REPOSITORY / "benchmarks" / "results"
_PEERS = REPOSITORY / "var" / "benchmarks" / "peers"


def parser() -> argparse.ArgumentParser:
    """What a run can be told."""
    works = ", ".join(work.name for work in all_works(corpus.FULL))
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measures this registry and others side by side, and writes what came out.",
        epilog=f"Kinds of work: {works}; with --quick the pages of 100 files instead.",
    )
    parser.add_argument(
        "--only", nargs="+", default=(), metavar="WORK", help="kinds of work; else all"
    )
    parser.add_argument(
        "--targets",
        nargs="+",
        choices=NAMES,
        default=NAMES,
        metavar="TARGET",
        help=f"of {', '.join(NAMES)}; else all",
    )
    parser.add_argument("--rounds", type=int, metavar="NUMBER", help="3; 1 with --quick")
    parser.add_argument(
        "--seconds", type=float, metavar="NUMBER", help="of a measurement: 3; 1 with --quick"
    )
    parser.add_argument("--quick", action="store_true", help="little of everything, to try it")
    parser.add_argument(
        "--server",
        choices=("gunicorn", "granian"),
        help="what serves the registry and the bare view; else what production.ini says",
    )
    parser.add_argument("--name", default="run", help="the end of the names of the results")
    parser.add_argument("--output", type=Path, default=_RESULTS, metavar="FOLDER")
    parser.add_argument(
        "--peers", type=Path, default=_PEERS, metavar="FOLDER", help="where others are installed"
    )
    return parser


def main() -> None:
    """Measure, and write down what came out; what a stage cannot do loses none of the others."""
    options = parser().parse_args()
    if options.server:
        os.environ[SERVER_VARIABLE] = options.server
    wrk.program()
    os.umask(0o022)
    # What was started is ended then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sizes = corpus.QUICK if options.quick else corpus.FULL
    _check(options.only, sizes)
    path = options.output / f"{time.strftime('%Y-%m-%d')}-{options.name}.json"
    with TemporaryDirectory(prefix="pyregistry-benchmark-", ignore_cleanup_errors=True) as folder:
        # As root the PostgreSQL server runs as another user, who must reach its folder.
        Path(folder).chmod(0o755)
        plan = Plan(
            sizes=sizes,
            rounds=options.rounds or (1 if options.quick else 3),
            seconds=options.seconds or (1 if options.quick else 3),
            only=options.only,
            targets=options.targets,
            folder=Path(folder),
            peers=options.peers,
            save=lambda results: results.write(path),
        )
        results = Results(options.name, _machine(options), _told(plan, options.quick))
        for run in (run_field, run_large, run_growth):
            _try(run, plan, results)
    results.write(path)
    print(write_table(results, path.with_suffix(".md")))
    say(f"written: {path} and {path.with_suffix('.md')}")


def _machine(options: argparse.Namespace) -> dict[str, object]:
    wanted = {"devpi", "pypiserver"} & set(options.targets)
    return machine.described(installed(options.peers) if wanted else {})


def _told(plan: Plan, quick: bool) -> dict[str, object]:
    server = os.environ.get(SERVER_VARIABLE, "that of production.ini")
    return {"quick": quick, "rounds": plan.rounds, "seconds": plan.seconds, "server": server}


def _check(only: list[str], sizes: corpus.Sizes) -> None:
    known = {work.name for work in all_works(sizes)}
    unknown = [name for name in only if name not in known]
    if unknown:
        raise SystemExit(f"There is no work {unknown[0]!r}; there are {', '.join(sorted(known))}.")


def _try(run: Callable[[Plan, Results], None], plan: Plan, results: Results) -> None:
    """A stage that fails as a whole is told, and the next one runs."""
    try:
        run(plan, results)
    except Exception as error:  # noqa: BLE001 -- what was measured must not be lost
        results.failures.append(f"{run.__name__}: {error!r}")
        say(f"failed: {results.failures[-1]}")
