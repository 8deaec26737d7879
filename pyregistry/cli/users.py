"""`pyregistry user …`"""

import click

from pyregistry.accounts.services.passwords import new_password
from pyregistry.accounts.services.users import (
    NewUser,
    block,
    create_user,
    find_user,
    set_external,
    set_password,
    unblock,
)
from pyregistry.cli.context import (
    MACHINE,
    Registry,
    confirm,
    pass_registry,
    read_password,
    yes_option,
)
from pyregistry.clock import utcnow
from pyregistry.members.services.delete import delete_user

_password_option = click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from standard input; without this a random one is printed.",
)


@click.group()
def user() -> None:
    """Create users, set their passwords, block them, mark them as external, delete them."""


@user.command("create")
@click.argument("name")
@click.option("--email", required=True, help="The user's email address.")
@click.option("--admin", is_flag=True, help="Make the user an administrator of the instance.")
@_password_option
@pass_registry
def create(registry: Registry, name: str, email: str, admin: bool, password_stdin: bool) -> None:
    """Create the user NAME."""
    password = _password(password_stdin)
    with registry.writing() as session:
        wanted = NewUser(name, email, password=password, is_admin=admin)
        create_user(session, wanted, MACHINE, utcnow())
    _tell(f"Created the user {name}.", password, password_stdin)


@user.command("password")
@click.argument("name")
@_password_option
@pass_registry
def password_(registry: Registry, name: str, password_stdin: bool) -> None:
    """Give the user NAME a new password; ends their browser sessions."""
    password = _password(password_stdin)
    with registry.writing() as session:
        set_password(session, find_user(session, name), password, MACHINE, utcnow())
    _tell(f"Changed the password of {name}.", password, password_stdin)


@user.command("block")
@click.argument("name")
@pass_registry
def block_(registry: Registry, name: str) -> None:
    """Block the user NAME: all their credentials stop working at once."""
    with registry.writing() as session:
        block(session, find_user(session, name), MACHINE, utcnow())
    click.echo(f"Blocked {name}.")


@user.command("unblock")
@click.argument("name")
@pass_registry
def unblock_(registry: Registry, name: str) -> None:
    """Let the user NAME in again."""
    with registry.writing() as session:
        unblock(session, find_user(session, name), MACHINE, utcnow())
    click.echo(f"Unblocked {name}.")


@user.command("external")
@click.argument("name")
@pass_registry
def external(registry: Registry, name: str) -> None:
    """Mark the user NAME as external: they see what is internal only as a member."""
    with registry.writing() as session:
        set_external(session, find_user(session, name), True, MACHINE, utcnow())
    click.echo(f"{name} is external.")


@user.command("internal")
@click.argument("name")
@pass_registry
def internal(registry: Registry, name: str) -> None:
    """Let the user NAME see what is internal, as every user who is not external."""
    with registry.writing() as session:
        set_external(session, find_user(session, name), False, MACHINE, utcnow())
    click.echo(f"{name} is internal.")


@user.command("delete")
@click.argument("name")
@yes_option
@pass_registry
def delete(registry: Registry, name: str, yes: bool) -> None:
    """Delete the user NAME for ever, with their roles, tokens and browser sessions.

    What they published and created stays.
    """
    with registry.reading() as session:
        username = find_user(session, name).username
    confirm(f"Delete the user {username} for ever?", asks=not yes)
    with registry.writing() as session:
        delete_user(session, find_user(session, username).id, MACHINE, utcnow())
    click.echo(f"Deleted {name}.")


def _password(from_stdin: bool) -> str:
    return read_password() if from_stdin else new_password()


def _tell(what: str, password: str, from_stdin: bool) -> None:
    click.echo(what)
    if not from_stdin:
        click.echo(f"Password, shown once: {password}")
