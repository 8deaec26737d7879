"""The results of a run as tables and charts: python -m benchmarks.report --help."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks.comparison.charts import chart
from benchmarks.comparison.report import bar_lines, machine_lines, work_lines, write_table
from benchmarks.comparison.results import Results, read

DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"


def main() -> None:
    """Write the tables beside the results, and everything into the document and its charts."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.report",
        description="Writes what a run has found into docs/performance.md, with charts, and as "
        "tables beside the file of the results.",
    )
    parser.add_argument("results", type=Path, help="a JSON file in benchmarks/results")
    parser.add_argument("--document", type=Path, default=DOCUMENT, metavar="FILE")
    options = parser.parse_args()
    results = read(options.results)
    write_table(results, options.results.with_suffix(".md"))
    write_document(results, options.results.name, options.document)


def write_document(results: Results, source: str, document: Path) -> None:
    """Put results between the marks of a document, and their charts into a folder beside it.

    Raises `SystemExit` with one sentence where the document has no marks.
    """
    text = document.read_text()
    if BEGIN not in text or END not in text:
        raise SystemExit(f"{document} needs the lines {BEGIN} and {END}; results go between them.")
    folder = document.with_suffix("")
    inside = "\n".join(_lines(results, source, folder))
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    document.write_text(f"{before}{BEGIN}\n{inside}\n{END}{after}")


def _lines(results: Results, source: str, folder: Path) -> Iterator[str]:
    yield f"From `benchmarks/results/{source}`:"
    yield ""
    yield from machine_lines(results)
    yield ""
    yield "### Bars"
    yield ""
    yield from bar_lines(results)
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    for name, work in results.works.items():
        yield ""
        yield f"### {work.title[0].upper()}{work.title[1:]}"
        yield ""
        drawn = chart(work)
        if drawn is not None:
            file = folder / f"{re.sub(r'[^a-z0-9-]', '', name)}.svg"
            file.write_text(drawn)
            yield f"![{work.title}, {work.unit}]({folder.name}/{file.name})"
            yield ""
        yield from work_lines(work)


if __name__ == "__main__":
    main()
