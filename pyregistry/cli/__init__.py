"""The `pyregistry` command."""

from pathlib import Path

import click

from pyregistry.cli.backup import export_, import_
from pyregistry.cli.context import RefusingGroup, Registry
from pyregistry.cli.events import events
from pyregistry.cli.members import member
from pyregistry.cli.moves import group, project
from pyregistry.cli.moving_in import import_files, import_index
from pyregistry.cli.settings import instance
from pyregistry.cli.setup import setup
from pyregistry.cli.storage import storage
from pyregistry.cli.tokens import token
from pyregistry.cli.users import user
from pyregistry.cli.worker import jobs, worker
from pyregistry.version import __version__


@click.group(cls=RefusingGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path("development.ini"),
    envvar="PYREGISTRY_CONFIG",
    show_default=True,
    show_envvar=True,
    help="The ini file of the registry to work on.",
)
@click.version_option(__version__, prog_name="pyregistry")
@click.pass_context
def main(context: click.Context, config: Path) -> None:
    """Set up and administer a pyregistry, a registry of Python packages.

    The variables DATA (a folder for the database and the files) and PORT mean the
    same here as for the server.
    """
    context.obj = Registry(config)


for command in (
    *(setup, instance, user, group, project, member, token, storage, events),
    *(worker, jobs),
):
    main.add_command(command)
for command in (export_, import_, import_files, import_index):
    main.add_command(command)
