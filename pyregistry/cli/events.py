"""`pyregistry events …`"""

from datetime import datetime
from typing import Any

import click

from pyregistry.api.events import event_lines
from pyregistry.audit.filters import EventFilter, actions_of, moment_of
from pyregistry.audit.services.listing import event_batches
from pyregistry.cli.context import Registry, pass_registry
from pyregistry.errors import Invalid
from pyregistry.namespaces.services.create import find


class Moment(click.ParamType[datetime]):
    """A date or a time in ISO 8601."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The moment that a text names."""
        try:
            return moment_of(param.opts[0] if param else self.name, value)
        except Invalid as error:
            self.fail(error.sentence, param, ctx)


@click.group()
def events() -> None:
    """Read the audit log."""


@events.command("export")
@click.option("--since", type=Moment(), help="Only from this day (UTC) or time on.")
@click.option("--until", type=Moment(), help="Only before this day (UTC) or time.")
@click.option("--path", help="Only of this group or project, and of everything in it.")
@click.option(
    "--action",
    "actions",
    multiple=True,
    help="Only these, such as member.added, or member. for all of members; without it "
    "everything but pulls (file.pulled).",
)
@pass_registry
def export(
    registry: Registry,
    since: datetime | None,
    until: datetime | None,
    path: str | None,
    actions: tuple[str, ...],
) -> None:
    """Print events as JSON Lines, newest first."""
    chosen = EventFilter(
        actions=actions_of("--action", actions), namespace_path=path, since=since, until=until
    )
    registry.check_schema()
    found = False
    for lines in event_lines(event_batches(registry.database, None, chosen)):
        found = True
        click.echo(lines, nl=False)
    if path is not None and not found:
        with registry.reading() as session:
            find(session, path)  # refuses what is none, and never was one
