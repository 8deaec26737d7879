"""Medians, ratios, bars and reports, from results that were not measured."""

import re
from pathlib import Path

import pytest

from benchmarks.comparison import wrk
from benchmarks.comparison.bars import Verdict, verdicts
from benchmarks.comparison.nginx import without_tls
from benchmarks.comparison.report import lines_of
from benchmarks.comparison.results import Outcome, Results, WorkResult, read


def _work(less_is_better: bool = False, **targets: list[float]) -> WorkResult:
    outcomes = {name.replace("_", "-"): Outcome(rounds) for name, rounds in targets.items()}
    return WorkResult("a title", "requests/s", less_is_better, outcomes)


def _results(**works: WorkResult) -> Results:
    named = {name.replace("_", "-"): work for name, work in works.items()}
    return Results("test", {"processor": "a processor"}, {"rounds": 3}, named)


def _verdict(results: Results, bar: str, target: str) -> Verdict:
    (found,) = [
        each for each in verdicts(results) if each.bar.startswith(bar) and each.target == target
    ]
    return found


def test_the_round_in_the_middle_counts() -> None:
    work = _work(sqlite=[9.0, 1.0, 5.0], bare=[10.0])
    assert work.median("sqlite") == 5
    assert work.ratio("sqlite", "bare") == 0.5


def test_less_can_be_better() -> None:
    work = _work(less_is_better=True, sqlite=[4.0], devpi=[2.0], pypiserver=[8.0])
    assert work.ratio("sqlite", "devpi") == 0.5
    assert work.best(("devpi", "pypiserver")) == "devpi"


def test_a_target_that_failed_has_no_ratio() -> None:
    work = _work(sqlite=[5.0], bare=[10.0])
    work.targets["bare"].failed = "it ended"
    assert work.ratio("sqlite", "bare") is None
    assert work.ratio("sqlite", "absent") is None


def test_a_bar_is_reached_from_its_number_on() -> None:
    results = _results(page_10_html=_work(sqlite=[60.0], postgresql=[39.0], bare=[100.0]))
    assert _verdict(results, "simple page, 10 files, HTML", "sqlite").passed is True
    assert _verdict(results, "simple page, 10 files, HTML", "postgresql").passed is False


def test_what_was_not_measured_is_no_verdict() -> None:
    assert verdicts(_results()) == []
    assert verdicts(_results(page_10_html=_work(sqlite=[60.0]))) == []


def test_a_large_upload_is_compared_with_copying() -> None:
    work = _work(less_is_better=True, sqlite=[13.0], postgresql=[14.0], copy=[10.0])
    results = _results(upload_large=work)
    assert _verdict(results, "upload of 2 GiB, the time", "sqlite").passed is True
    assert _verdict(results, "upload of 2 GiB, the time", "postgresql").passed is False


def test_a_group_page_may_take_half_as_long_again() -> None:
    project, group = (
        _work(sqlite=[150.0], postgresql=[150.0]),
        _work(sqlite=[100.0], postgresql=[99.0]),
    )
    results = _results(page_of_project=project, page_of_group=group)
    assert _verdict(results, "page of a large group", "sqlite").passed is True
    assert _verdict(results, "page of a large group", "postgresql").passed is False


def test_ranges_overlap_where_the_quickest_is_among_the_others() -> None:
    work = _work(less_is_better=True, sqlite=[1.5, 2.0], postgresql=[1.7, 2.0], nginx=[1.0, 1.6])
    results = _results(install=work)
    assert _verdict(results, "uv pip install", "sqlite").passed is True
    assert _verdict(results, "uv pip install", "postgresql").passed is False


def test_growth_is_compared_with_the_smallest() -> None:
    work = WorkResult(
        "a title",
        "requests/s",
        False,
        {
            "sqlite 1,000": Outcome([100.0]),
            "sqlite 100,000": Outcome([81.0]),
            "sqlite 1,000,000": Outcome([79.0]),
        },
    )
    results = _results(growth_page=work)
    assert _verdict(results, "growth: pages", "sqlite 100,000").passed is True
    assert _verdict(results, "growth: pages", "sqlite 1,000,000").passed is False


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    results = _results(page_10_html=_work(sqlite=[60.0, 61.0], bare=[100.0]))
    results.works["page-10-html"].targets["devpi"] = Outcome(failed="it ended")
    results.failures.append("a stage")
    path = tmp_path / "results" / "test.json"
    results.write(path)
    again = read(path)
    assert again == results


def test_a_report_tells_of_what_failed_too() -> None:
    results = _results(
        page_10_html=_work(sqlite=[60.0], postgresql=[30.0], bare=[100.0], devpi=[4.0])
    )
    results.works["page-10-html"].targets["pypiserver"] = Outcome(failed="it ended")
    text = "\n".join(lines_of(results))
    assert "| sqlite | 60 | 60 to 60 | 60 % | 15 times |" in text
    assert "| pypiserver | - | failed: it ended |" in text
    assert re.search(
        r"simple page, 10 files, HTML, of bare \| sqlite \| ≥ 60 % \| 60 % \| reached", text
    )
    assert re.search(r"of bare \| postgresql \| ≥ 40 % \| 30 % \| \*\*missed\*\*", text)


def test_errors_of_a_load_are_no_result() -> None:
    said = (
        '\n@{"requests":10,"microseconds":2000000,"bytes":300,"wrong":%d,"broken":0,'
        '"p50":1.0,"p99":2.0,"most":3.0}\n'
    )
    assert wrk.read(f"Running{said % 0}").per_second == 5
    with pytest.raises(AssertionError, match="1 of 10 answers were errors"):
        wrk.read(f"Running{said % 1}")


def test_the_shipped_configuration_is_served_without_tls(repository: Path) -> None:
    shipped = (repository / "deploy" / "nginx.conf").read_text()
    text = without_tls(shipped.replace("listen 443 ssl;", "listen 127.0.0.1:8443 ssl;"))
    assert "listen 127.0.0.1:8443;" in text
    assert "ssl_" not in text
