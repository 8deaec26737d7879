"""The document and the charts, from a file of results."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.comparison.charts import chart
from benchmarks.comparison.results import WorkResult, read
from benchmarks.report import BEGIN, END, write_document

RESULTS = """
{
 "name": "fixture",
 "machine": {"processor": "a processor", "cores": 2},
 "options": {"rounds": 3, "seconds": 2},
 "works": {
  "page-10-html": {
   "title": "simple page, 10 files, HTML",
   "unit": "requests/s",
   "less_is_better": false,
   "targets": {
    "sqlite": {"rounds": [700.0, 600.0, 650.0], "median": 650.0, "details": [{"p99": 4.5}]},
    "bare": {"rounds": [1000.0, 1000.0, 1000.0], "median": 1000.0},
    "nginx": {"rounds": [20000.0, 21000.0, 22000.0], "median": 21000.0},
    "devpi": {"rounds": [], "failed": "AssertionError: it ended"}
   }
  }
 },
 "failures": []
}
"""


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """A document with text around its results, made from the fixture twice."""
    (tmp_path / "run.json").write_text(RESULTS)
    path = tmp_path / "speed.md"
    path.write_text(f"# Speed\n\n{BEGIN}\nold\n{END}\n\nAfter.\n")
    for _ in range(2):
        write_document(read(tmp_path / "run.json"), "run.json", path)
    return path


def test_results_replace_those_of_before_and_nothing_else(document: Path) -> None:
    text = document.read_text()
    assert text.startswith(f"# Speed\n\n{BEGIN}\n")
    assert text.endswith(f"{END}\n\nAfter.\n")
    assert "old" not in text
    assert text.count("| sqlite | 650 | 600 to 700 | 65 % | 3 % | p99 ms 4.5 |") == 1
    assert "- processor: a processor" in text
    assert "failed: AssertionError: it ended" in text


def test_charts_are_where_the_document_finds_them(document: Path) -> None:
    assert "(speed/page-10-html.svg)" in document.read_text()
    root = ElementTree.parse(document.parent / "speed" / "page-10-html.svg").getroot()
    said = [element.text for element in root.iter() if element.tag.endswith("}text")]
    assert {"650", "1,000", "21,000"} <= set(said)
    rectangles = [each for each in root.iter() if each.tag.endswith("}rect")]
    bars = [float(each.get("width", 0)) for each in rectangles[1:]]
    # The best first; each line stands for ten times the one before.
    assert bars == sorted(bars, reverse=True)
    assert bars[1] - bars[2] == pytest.approx((bars[0] - bars[1]) * 0.187 / 1.322, rel=0.01)


def test_a_document_without_marks_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(RESULTS)
    (tmp_path / "speed.md").write_text("# Speed\n")
    with pytest.raises(SystemExit, match="needs the lines"):
        write_document(read(tmp_path / "run.json"), "run.json", tmp_path / "speed.md")


def test_what_nobody_measured_has_no_chart() -> None:
    assert chart(WorkResult("a title", "s", less_is_better=True)) is None
