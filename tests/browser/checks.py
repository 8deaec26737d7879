"""What holds for every page."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

COLOUR_RULES = ["color-contrast", "link-in-text-block"]
"""All that a colour scheme can break."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_AXE = Axe()
_SHIFTS = """() => new Promise((resolve) => {
  const shifts = [];
  const note = (list) => {
    for (const entry of list.getEntries()) {
      // What is gone was half of something that had not come yet, such as details without
      // their summary.
      const moved = entry.sources.map((source) => source.node).filter(Boolean).map((node) => {
        return (node.closest ? node : node.parentElement).outerHTML.slice(0, 120);
      });
      if (moved.length) shifts.push(`by ${entry.value.toFixed(4)}: ${moved.join(" | ")}`);
    }
  };
  const observer = new PerformanceObserver(note);
  observer.observe({type: "layout-shift", buffered: true});
  // What was seen before is handed over in a task after this one.
  requestAnimationFrame(() => setTimeout(() => { observer.disconnect(); resolve(shifts); }));
})"""
_WIDER = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.body.querySelectorAll("*")].filter(
    (element) => element.getBoundingClientRect().right > width + 0.5);
  return [`the page is ${document.documentElement.scrollWidth} wide in ${width}`,
    ...wide.slice(0, 8).map((element) => element.outerHTML.slice(0, 120))];
}"""
_CUT_OFF = """() => [...document.querySelectorAll("nav")]
  .filter((element) => element.scrollWidth > element.clientWidth + 1)
  .map((element) => `not all of it can be seen: ${element.outerHTML.slice(0, 120)}`)"""
_OPEN_DETAILS = """(at_most) => {
  for (const details of [...document.querySelectorAll("details")].slice(0, at_most)) {
    // Those of one name would close each other.
    details.removeAttribute("name");
    details.open = true;
  }
}"""


def check_accessible(page: Page, *, colours_only: bool = False) -> None:
    """Fail with a report where axe finds a violation of WCAG 2.2 AA or of good practice.

    Details that are folded are left out: `open_details` first.
    """
    only: dict[str, Any] = {"type": "tag", "values": RULES}
    if colours_only:
        only = {"type": "rule", "values": COLOUR_RULES}
    found = _AXE.run(
        page,
        # What is left folded is like what was unfolded, and not seen now.
        context={"exclude": [["details:not([open])"]]},
        options={"runOnly": only, "resultTypes": ["violations"]},
    )
    violations = found.response["violations"]
    assert not violations, "\n".join([f"{page.url}:", *map(_report, violations)])


def _report(violation: dict[str, Any]) -> str:
    lines = [f"  {violation['id']} ({violation['impact']}): {violation['help']}"]
    for node in violation["nodes"]:
        said = " ".join(node["failureSummary"].split())
        lines += [f"    {' '.join(map(str, node['target']))}: {said}", f"      {node['html']}"]
    return "\n".join(lines)


def check_layout(page: Page, *, javascript: bool = True) -> None:
    """Fail where a page has no title or not one heading, scrolls sideways, cuts off, or moved."""
    assert page.title().strip(), f"{page.url} has no title"
    # A README has headings of its own.
    headings = page.locator("h1:not(.readme h1)").all_text_contents()
    assert len(headings) == 1, f"{page.url} has the headings {headings}"
    wider = page.evaluate(_WIDER)
    assert not wider, "\n".join([f"{page.url} scrolls sideways:", *wider])
    cut_off = page.evaluate(_CUT_OFF)
    assert not cut_off, "\n".join([f"{page.url} hides a part of a list of links:", *cut_off])
    if javascript:
        shifts = page.evaluate(_SHIFTS)
        assert not shifts, "\n".join([f"{page.url} moved while it was loaded:", *shifts])


def open_details(page: Page, *, at_most: int = 20) -> None:
    """Unfold what can be unfolded, or the first ones of very many that are alike."""
    page.evaluate(_OPEN_DETAILS, at_most)
