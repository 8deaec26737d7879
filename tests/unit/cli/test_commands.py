"""What each command does, and what it prints where."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from pyregistry.accounts.models import User
from pyregistry.accounts.services.passwords import verify_password
from pyregistry.accounts.services.sessions import sign_in
from pyregistry.accounts.services.users import find_user
from pyregistry.authnz.credentials import Place, Presented
from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.clock import utcnow
from pyregistry.db import Database
from pyregistry.events.models import Event
from pyregistry.namespaces.models import Membership, NamespaceKind, Visibility
from pyregistry.namespaces.services.create import find
from pyregistry.tokens.models import Token
from pyregistry.tokens.services.identify import identify_token
from tests.unit.cli.conftest import Command

PASSWORD = "correct horse battery staple"


def password_in(output: str) -> str:
    return output.splitlines()[-1].removeprefix("Password, shown once: ")


def signs_in(database: Database, username: str, password: str) -> bool:
    secret = sign_in(
        database,
        username,
        password,
        lifetime=timedelta(days=1),
        address=None,
        user_agent=None,
        now=utcnow(),
    )
    return secret is not None


class TestUsers:
    def test_create_prints_a_password_that_works(self, command: Command, database: Database):
        output = command.succeeds("user", "create", "alice", "--email", "alice@example.org")
        assert output.startswith("Created the user alice.\n")
        with database.reading() as session:
            stored = find_user(session, "alice")
            assert verify_password(stored.password_hash, password_in(output))
            assert not stored.is_admin

    def test_create_takes_a_password(self, command: Command, database: Database):
        output = command.succeeds(
            *("user", "create", "alice", "--email", "alice@example.org", "--password-stdin"),
            stdin=PASSWORD + "\n",
        )
        assert output == "Created the user alice.\n"
        with database.reading() as session:
            assert verify_password(find_user(session, "alice").password_hash, PASSWORD)

    def test_create_an_administrator(self, command: Command, database: Database):
        command.succeeds("user", "create", "alice", "--email", "alice@example.org", "--admin")
        with database.reading() as session:
            assert find_user(session, "alice").is_admin

    def test_create_refuses_a_name_that_is_taken(self, command: Command):
        command.succeeds("user", "create", "alice", "--email", "alice@example.org")
        sentence = command.refuses("user", "create", "ALICE", "--email", "other@example.org")
        assert sentence == "The user name is taken: choose another."

    @pytest.mark.parametrize("given", ["", "\n", "short\n", b"\xff" * 20])
    def test_create_refuses_a_bad_password(self, command: Command, given: str | bytes):
        command.refuses(
            *("user", "create", "alice", "--email", "alice@example.org", "--password-stdin"),
            stdin=given,
        )
        assert command.refuses("user", "block", "alice") == "There is no user 'alice'."

    def test_password_replaces_it(self, command: Command, database: Database):
        command.succeeds("user", "create", "alice", "--email", "alice@example.org")
        output = command.succeeds("user", "password", "Alice", "--password-stdin", stdin=PASSWORD)
        assert output == "Changed the password of Alice.\n"
        assert signs_in(database, "alice", PASSWORD)

    def test_password_prints_a_random_one(self, command: Command, database: Database):
        command.succeeds("user", "create", "alice", "--email", "alice@example.org")
        output = command.succeeds("user", "password", "alice")
        assert signs_in(database, "alice", password_in(output))

    def test_block_and_unblock(self, command: Command, database: Database):
        password = password_in(
            command.succeeds("user", "create", "alice", "--email", "alice@example.org")
        )
        assert command.succeeds("user", "block", "alice") == "Blocked alice.\n"
        assert not signs_in(database, "alice", password)
        assert command.succeeds("user", "unblock", "alice") == "Unblocked alice.\n"
        assert signs_in(database, "alice", password)

    def test_delete(self, command: Command, database: Database):
        command.succeeds("user", "create", "alice", "--email", "alice@example.org")
        assert command.succeeds("user", "delete", "Alice", "--yes") == "Deleted Alice.\n"
        with database.reading() as session:
            assert session.scalars(select(User.username)).all() == []

    def test_delete_asks_first(self, command: Command, database: Database):
        command.succeeds("user", "create", "alice", "--email", "alice@example.org")
        answer = command.run("user", "delete", "Alice", stdin="n\n")
        assert (answer.exit_code, answer.stdout) == (1, "")
        assert "Delete the user alice for ever?" in answer.stderr
        with database.reading() as session:
            assert session.scalars(select(User.username)).all() == ["alice"]

    @pytest.mark.parametrize("verb", ["block", "delete"])
    def test_the_last_administrator_stays(self, command: Command, verb: str):
        command.succeeds("user", "create", "alice", "--email", "alice@example.org", "--admin")
        given = ("--yes",) if verb == "delete" else ()
        assert command.refuses("user", verb, "alice", *given) == (
            "alice is the last administrator: make somebody else administrator first."
        )

    @pytest.mark.parametrize("verb", ["password", "block", "unblock", "delete"])
    def test_unknown_user(self, command: Command, verb: str):
        assert command.refuses("user", verb, "nobody") == "There is no user 'nobody'."


class TestNamespaces:
    def test_create_a_group(self, command: Command, database: Database):
        output = command.succeeds("group", "create", "Acme", "--visibility", "public")
        assert output == "Created the public group Acme.\n"
        with database.reading() as session:
            assert find(session, "acme").visibility is Visibility.PUBLIC

    def test_create_a_project(self, command: Command, database: Database):
        command.succeeds("group", "create", "acme")
        assert command.succeeds("project", "create", "acme/core") == (
            "Created the private project acme/core.\n"
        )
        with database.reading() as session:
            assert find(session, "acme/core").kind is NamespaceKind.PROJECT

    def test_project_without_a_group(self, command: Command):
        sentence = command.refuses("project", "create", "acme/core")
        assert sentence == "There is no group 'acme': create it first."

    def test_project_more_visible_than_its_group(self, command: Command):
        command.succeeds("group", "create", "acme")
        sentence = command.refuses("project", "create", "acme/core", "--visibility", "public")
        assert sentence == "The group acme is private: what is in it cannot be public."

    def test_reserved_word(self, command: Command):
        assert "reserved word" in command.refuses("group", "create", "api")


class TestMembers:
    def membership(self, database: Database) -> Membership:
        with database.reading() as session:
            return session.scalars(select(Membership)).one()

    @pytest.fixture(autouse=True)
    def _alice_and_acme(self, command: Command):
        command.succeeds("user", "create", "alice", "--email", "alice@example.org")
        command.succeeds("group", "create", "acme")

    def test_add(self, command: Command, database: Database):
        assert command.succeeds("member", "add", "ACME", "Alice", "developer") == (
            "alice is Developer of acme.\n"
        )
        assert self.membership(database).role == Role.DEVELOPER
        assert self.membership(database).expires_at is None

    def test_add_again_changes_the_role(self, command: Command, database: Database):
        command.succeeds("member", "add", "acme", "alice", "guest")
        command.succeeds("member", "add", "acme", "alice", "owner")
        assert self.membership(database).role == Role.OWNER

    def test_the_last_owner_stays(self, command: Command, database: Database):
        command.succeeds("member", "add", "acme", "alice", "owner")
        for arguments in (
            ("add", "acme", "alice", "guest"),
            ("add", "acme", "alice", "owner", "--expires", "2199-12-31"),
            ("remove", "acme", "alice"),
        ):
            assert "left without an Owner" in command.refuses("member", *arguments)
        assert self.membership(database).role == Role.OWNER

    def test_remove(self, command: Command, database: Database):
        command.succeeds("member", "add", "acme", "alice", "guest")
        assert command.succeeds("member", "remove", "ACME", "Alice") == (
            "alice has no role of their own in acme any more.\n"
        )
        assert command.refuses("member", "remove", "acme", "alice").startswith("Not found")
        with database.reading() as session:
            assert session.scalars(select(Membership)).all() == []
            events = session.scalars(select(Event).order_by(Event.id)).all()
        assert [event.action for event in events] == [
            "user.created",
            "group.created",
            "member.added",
            "member.removed",
        ]
        assert {(event.actor_name, event.credential_kind) for event in events} == {
            (None, "command_line")
        }

    def test_list(self, command: Command):
        command.succeeds("user", "create", "bob", "--email", "bob@example.org")
        command.succeeds("project", "create", "acme/core")
        assert command.succeeds("member", "list", "acme/core") == ""
        command.succeeds("member", "add", "acme", "alice", "owner")
        command.succeeds("member", "add", "acme/core", "bob", "guest", "--expires", "2199-12-31")
        command.succeeds("user", "block", "bob")
        assert command.succeeds("member", "list", "acme/core") == (
            "alice: Owner\nbob: Guest until 2199-12-31 (blocked)\n"
        )
        assert command.succeeds("member", "list", "acme") == "alice: Owner\n"
        assert "no group or project 'nowhere'" in command.refuses("member", "list", "nowhere")

    def test_external_and_internal(self, command: Command, database: Database):
        for word, is_external in (("external", True), ("internal", False)):
            assert command.succeeds("user", word, "alice") == f"alice is {word}.\n"
            with database.reading() as session:
                assert session.scalars(select(User.is_external)).one() is is_external

    def test_role_holds_on_its_last_day(self, command: Command, database: Database):
        command.succeeds("member", "add", "acme", "alice", "guest", "--expires", "2199-12-31")
        assert self.membership(database).expires_at == datetime(2200, 1, 1, tzinfo=UTC)

    def test_day_that_has_passed(self, command: Command):
        sentence = command.refuses(
            "member", "add", "acme", "alice", "guest", "--expires", "2020-01-01"
        )
        assert sentence == "The membership would have ended already: choose a later date."

    def test_last_day_of_all(self, command: Command):
        line = command.misused("member", "add", "acme", "alice", "guest", "--expires", "9999-12-31")
        assert "no day after this one" in line

    def test_bad_role(self, command: Command):
        assert "'chief' is not one of 'guest'" in command.misused(
            "member", "add", "acme", "alice", "chief"
        )

    def test_unknown_user(self, command: Command):
        sentence = command.refuses("member", "add", "acme", "bob", "guest")
        assert sentence == "There is no user 'bob'."

    def test_unknown_path(self, command: Command):
        sentence = command.refuses("member", "add", "beta", "alice", "guest")
        assert "'beta'" in sentence


class TestTokens:
    @pytest.fixture(autouse=True)
    def _alice(self, command: Command):
        command.succeeds("user", "create", "alice", "--email", "alice@example.org")

    def test_token_is_alone_on_standard_output(self, command: Command, database: Database):
        output = command.succeeds(
            "token", "create", "--user", "alice", "--name", "ci", "--scope", "api"
        )
        secret = output.removesuffix("\n")
        with database.reading() as session:
            identity = identify_token(session, Presented(secret, Place.BASIC, "x"), utcnow())
        assert identity is not None
        assert identity.username == "alice"
        assert identity.credential.name == "ci"
        assert identity.credential.scopes == {Scope.API}

    def test_expiry_in_days(self, command: Command, database: Database):
        before = utcnow()
        command.succeeds(
            *("token", "create", "--user", "alice", "--name", "ci", "--scope", "read_api"),
            *("--expires", "7"),
        )
        with database.reading() as session:
            token = session.scalars(select(Token)).one()
        assert token.expires_at is not None
        assert before + timedelta(days=7) <= token.expires_at <= utcnow() + timedelta(days=7)
        assert token.scopes == ["read_api"]

    def test_unknown_user(self, command: Command):
        sentence = command.refuses(
            "token", "create", "--user", "bob", "--name", "ci", "--scope", "api"
        )
        assert sentence == "There is no user 'bob'."

    def test_longest_lifetime_of_the_settings(self, command: Command):
        sentence = command.refuses(
            *("token", "create", "--user", "alice", "--name", "ci", "--scope", "api"),
            PYREGISTRY_TOKENS_MAX_LIFETIME="30 days",
        )
        assert sentence == "A token may be valid for 30 days here: let it expire earlier."


def test_nothing_is_created_by_what_is_refused(command: Command, database: Database) -> None:
    command.refuses("user", "create", "al ice", "--email", "no address")
    with database.reading() as session:
        assert session.scalars(select(User)).all() == []
