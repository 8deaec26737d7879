"""Usage as pages show it: the period that an address names, and a chart for each action."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from pyramid.request import Request

from pyregistry.authnz.identity import Viewer
from pyregistry.errors import Invalid
from pyregistry.events.counted import CountedAction
from pyregistry.http.parameters import optional_day
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.packaging.names import normalize_name
from pyregistry.ui.charts import BarChart, bar_chart
from pyregistry.ui.forms import query_text
from pyregistry.usage.filters import UsageFilter, days_of
from pyregistry.usage.services.report import PackageUsage, counts_by_day, most_pulled

PERIODS: Final = (7, 30, 90, 365)
"""In days, until today."""
_TOP: Final = 10

ACTIONS: Final[dict[CountedAction, tuple[str, str]]] = {
    CountedAction.FILE_PULLED: ("Files pulled", "pulls"),
    CountedAction.FILE_PUSHED: ("Files pushed", "pushes"),
    CountedAction.FILE_DELETED: ("Files deleted", "deletions"),
    CountedAction.SETUP_COPIED: ("Setup commands copied", "copies"),
    CountedAction.INSTALL_COPIED: ("Install commands copied", "copies"),
}
"""In the order of the page: the title of the chart, and what one counts in it."""


@dataclass(frozen=True, slots=True)
class UsageChoice:
    """What an address asks for; `period` and `query` say it again, for links to the same."""

    filter: UsageFilter
    days: int | None
    period: dict[str, str]

    @property
    def query(self) -> dict[str, str]:
        """The period, and the package where one is asked for."""
        package = self.filter.package
        return {**self.period, "package": package} if package else self.period


@dataclass(frozen=True, slots=True)
class ShownUsage:
    """The charts of a period and its most pulled packages."""

    charts: list[BarChart] = field(default_factory=list)
    top: list[PackageUsage] = field(default_factory=list)


def chosen_usage(request: Request) -> UsageChoice:
    """The last `days`, or the days `from` and `to`; of one `package` or of all.

    Raises `Invalid` for a period that is none, or longer than a year.
    """
    # A form that a browser sends has its empty fields, too.
    parameters = {
        name: query_text(request, name) for name in ("from", "to") if request.GET.get(name)
    }
    name = query_text(request, "package").strip()
    package = normalize_name(name) if name else None
    today = request.now.date()
    if parameters:
        first, last = days_of(
            optional_day(parameters, "from"), optional_day(parameters, "to"), today
        )
        period = {"from": first.isoformat(), "to": last.isoformat()}
        return UsageChoice(UsageFilter(first, last, package), None, period)
    days = _days(query_text(request, "days"))
    first = today - timedelta(days=days - 1)
    return UsageChoice(UsageFilter(first, today, package), days, {"days": str(days)})


def shown_usage(
    request: Request, scope: NamespaceRecord | None, viewer: Viewer, chosen: UsageFilter
) -> ShownUsage:
    """The charts and the most pulled packages of a project, a group, or (None) of all."""
    counts = counts_by_day(request.db, scope, viewer, chosen)
    charts = [
        usage_chart(action, counts.get(action, {}), chosen.first, chosen.last) for action in ACTIONS
    ]
    top = most_pulled(request.db, scope, viewer, chosen, limit=_TOP)
    return ShownUsage(charts, top)


def usage_chart(
    action: CountedAction, counts: dict[date, int], first: date, last: date
) -> BarChart:
    """The chart of one action."""
    title, noun = ACTIONS[action]
    identifier = f"chart-{action.value.replace('.', '-').replace('_', '-')}"
    return bar_chart(identifier, title, noun, counts.items(), first, last)


def _days(text: str) -> int:
    if not text:
        return PERIODS[1]
    if text not in map(str, PERIODS):
        raise Invalid(f"The parameter days must be one of: {', '.join(map(str, PERIODS))}.")
    return int(text)
