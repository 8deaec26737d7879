"""The password of an account in Basic authentication, where the settings take it."""

from collections.abc import Callable

import argon2
import pytest
from pyramid.registry import Registry
from sqlalchemy import update

from pyregistry.accounts.models import User
from pyregistry.accounts.services import passwords
from pyregistry.accounts.services.passwords import hash_password, needs_new_hash
from pyregistry.accounts.services.users import block, find_user, set_password
from pyregistry.accounts.services.verification import verify_account
from pyregistry.authnz.roles import Role
from pyregistry.events.models import Event
from pyregistry.packaging.models import File
from pyregistry.settings import Settings
from tests.factories.distributions import sdist
from tests.factories.world import FOUNDER, PASSWORD, World, basic
from tests.functional.support import (
    PROJECT,
    Limited,
    check_wait,
    contents,
    from_address,
    lasting_headers,
    names_in,
    sentence_of,
    statements,
    upload_with,
    with_settings,
)
from tests.functional.ui.browsing import BROWSER, main_text, sign_in

pytestmark = pytest.mark.thorough

INDEX = f"/{PROJECT}/-/simple/"
API = "/api/v4/projects/acme%2Fcore"
WRONG = "not the password"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that passwords were compared with."""
    compared: list[str] = []

    class Listening(argon2.PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002 -- as the library calls it
            compared.append(str(hash))
            return super().verify(hash, password)

    cheap = Listening(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", cheap)
    return compared


@pytest.fixture
def world(world: World, application: tuple[object, Registry]) -> World:
    """A registry that takes passwords, with a private project; ann is Developer of it."""
    with_settings(world, application[1], passwords_basic=True)
    world.project(PROJECT)
    world.upload(PROJECT, sdist("demo-package"))
    world.user("ann", password=PASSWORD)
    world.member(PROJECT, "ann", Role.DEVELOPER)
    return world


def ann(password: str = PASSWORD, username: str = "ann") -> dict[str, str]:
    """The header that a client sends with a user name and a password."""
    return basic(password, username)


@pytest.mark.parametrize("username", ["ann", "ANN"])
def test_it_is_the_account(world: World, username: str) -> None:
    headers = ann(username=username)
    assert names_in(world, INDEX, headers) == ["demo-package"]
    assert len(world.app.get(f"{API}/packages", headers=headers).json) == 1
    world.upload(PROJECT, sdist("another"), headers)
    world.app.put(API, {"visibility": "internal"}, headers=headers, status=403)
    world.member(PROJECT, "ann", Role.OWNER)
    world.app.put(API, {"visibility": "internal"}, headers=headers)
    with world.components.database.reading() as session:
        event = session.query(Event).order_by(Event.id.desc()).first()
        assert event is not None
        assert (event.action, event.actor_name) == ("visibility.changed", "ann")
        assert (event.credential_kind, event.credential_name) == ("password", "password")


def test_off_it_is_a_wrong_token(
    world: World, application: tuple[object, Registry], asked: list[str]
) -> None:
    with_settings(world, application[1], passwords_basic=False)
    for headers in (ann(), ann(WRONG)):
        world.app.get(INDEX, headers=headers, status=401)
        world.upload(PROJECT, sdist("another"), headers, status=401)
    assert asked == []


def test_off_is_what_holds_by_default() -> None:
    assert Settings.parse({}, {}).passwords_basic is False


def test_nobody_can_tell_why_it_is_wrong(world: World, asked: list[str]) -> None:
    world.user("blocked", password=PASSWORD)
    world.user("tokens-only")
    world.user("bot", password=PASSWORD)
    with world.components.database.writing() as session:
        block(session, find_user(session, "blocked"), FOUNDER, world.clock())
        session.execute(update(User).where(User.username == "bot").values(is_bot=True))
        for user in session.query(User).where(User.password_hash.is_not(None)):
            user.password_hash = hash_password(PASSWORD)
    answers = []
    for username, password in (
        ("ann", WRONG),
        ("blocked", PASSWORD),
        ("bot", PASSWORD),
        ("tokens-only", PASSWORD),
        ("nobody", PASSWORD),
        ("no name at all", PASSWORD),
        ("", PASSWORD),
    ):
        del asked[:]
        with statements(world) as executed:
            response = world.app.get(INDEX, headers=ann(password, username), status=401)
        answers.append((response.status, sorted(lasting_headers(response).items()), response.body))
        assert len(executed) <= 1
        # What takes the time is Argon2: it is asked once, with a hash of the same cost.
        (compared,) = asked
        assert argon2.extract_parameters(compared).memory_cost == 64
    assert all(answer == answers[0] for answer in answers)
    assert answers[0] == (
        (plain := world.app.get(INDEX, headers=basic("pyrpat_" + "A" * 49), status=401)).status,
        sorted(lasting_headers(plain).items()),
        plain.body,
    )


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("ann", "pyrpat_" + "A" * 49),
        ("ann", "pyrxyz_"),
        ("__token__", PASSWORD),
        ("gitlab-ci-token", PASSWORD),
        ("ann", ""),
    ],
)
def test_what_is_meant_as_a_token_is_not_tried(
    world: World, asked: list[str], username: str, password: str
) -> None:
    world.app.get(INDEX, headers=basic(password, username), status=401)
    assert asked == []


def test_a_password_that_looks_like_a_token(world: World) -> None:
    with world.components.database.writing() as session:
        user = find_user(session, "ann")
        set_password(session, user, "pyrpat_is my password", FOUNDER, world.clock())
    world.app.get(INDEX, headers=ann("pyrpat_is my password"), status=401)


def test_tokens_go_on_working(world: World, asked: list[str]) -> None:
    for username in ("__token__", "ann", "anything"):
        headers = basic(world.token("ann"), username)
        assert names_in(world, INDEX, headers) == ["demo-package"]
    assert asked == []


@pytest.mark.parametrize(
    "headers",
    [
        {"PRIVATE-TOKEN": PASSWORD},
        {"Authorization": f"Bearer {PASSWORD}"},
        {"JOB-TOKEN": PASSWORD},
        {"Deploy-Token": PASSWORD},
    ],
)
def test_only_in_basic(world: World, asked: list[str], headers: dict[str, str]) -> None:
    world.app.get(INDEX, headers=headers, status=401)
    assert asked == []


def test_a_password_beside_a_token_is_two_credentials(world: World) -> None:
    headers = {**ann(), "PRIVATE-TOKEN": world.token("ann")}
    world.app.get(INDEX, headers=headers, status=401)


@pytest.mark.parametrize(
    "address", [INDEX, "/nothing/", "/", "/-/nothing", "/api/nothing", "/@@nothing", "/a/b/c/d"]
)
@pytest.mark.parametrize("accept", ["*/*", BROWSER["Accept"]])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_one_request_is_one_attempt(
    world: World, asked: list[str], address: str, accept: str, method: str
) -> None:
    headers = {**ann(WRONG), "Accept": accept}
    response = world.app.request(address, method=method, headers=headers, expect_errors=True)
    assert response.status_int == 401
    assert len(asked) == 1
    headers = {**ann(), "Accept": accept}
    response = world.app.request(address, method=method, headers=headers, expect_errors=True)
    assert response.status_int < 500
    assert len(asked) == 2


class TestLimits:
    @pytest.fixture
    def strict(self, world: World, limited: Limited) -> World:
        """It takes two wrong passwords a day for an account."""
        del world
        return limited(sign_in_per_account="2 per day")

    def exhaust(self, strict: World, username: str = "ann") -> None:
        for _ in range(2):
            strict.app.get(INDEX, headers=ann(WRONG, username), status=401)

    @pytest.mark.parametrize(
        "address", [INDEX, "/nothing/", "/", "/-/nothing", "/api/nothing", "/@@nothing", API]
    )
    @pytest.mark.parametrize("accept", ["*/*", BROWSER["Accept"]])
    def test_beyond_no_password_is_looked_at(
        self, strict: World, asked: list[str], address: str, accept: str
    ) -> None:
        self.exhaust(strict)
        del asked[:]
        for password in (WRONG, PASSWORD):
            headers = {**ann(password), "Accept": accept}
            with statements(strict) as executed:
                response = strict.app.get(address, headers=headers, expect_errors=True)
            check_wait(response)
            assert executed == []
            assert "WWW-Authenticate" not in response.headers
            if accept == "*/*":
                assert "Too many attempts to sign in have failed" in sentence_of(response)
        assert asked == []

    def test_unknown_names_are_limited_alike(self, strict: World) -> None:
        for username in ("ann", "nobody", "no name"):
            self.exhaust(strict, username)
            check_wait(strict.app.get(INDEX, headers=ann(WRONG, username), expect_errors=True))

    def test_an_upload(self, strict: World) -> None:
        self.exhaust(strict)
        check_wait(strict.upload(PROJECT, sdist("another"), ann(), status=429))
        assert strict.count(File) == 1
        assert strict.leftovers() == []

    def test_the_sign_in_page_and_basic_count_together(self, strict: World) -> None:
        strict.app.get(INDEX, headers=ann(WRONG), status=401)
        assert sign_in(strict, "ann", WRONG).status_int == 422
        check_wait(strict.app.get(INDEX, headers=ann(), expect_errors=True))
        assert "Too many attempts" in main_text(sign_in(strict, "ann"))

    def test_an_address(self, world: World, limited: Limited) -> None:
        world = limited(sign_in_per_address="2 per day")
        for username in ("one", "two"):
            world.app.get(INDEX, headers=ann(WRONG, username), status=401)
        check_wait(world.app.get(INDEX, headers=ann(), expect_errors=True))
        from_address(world, "192.0.2.8").get(INDEX, headers=ann(), status=200)

    def test_success_is_not_counted(self, strict: World) -> None:
        for _ in range(4):
            strict.app.get(INDEX, headers=ann(), status=200)
        self.exhaust(strict)

    def test_tokens_and_sessions_pass(self, strict: World) -> None:
        self.exhaust(strict)
        strict.app.get(INDEX, headers=basic(strict.token("ann"), "ann"), status=200)

    def test_wrong_tokens_do_not_count(self, strict: World) -> None:
        for _ in range(4):
            strict.app.get(INDEX, headers=basic("pyrpat_" + "A" * 49, "ann"), status=401)
            strict.app.get(INDEX, headers=basic("nonsense", "__token__"), status=401)
        strict.app.get(INDEX, headers=ann(), status=200)

    def test_wrong_passwords_are_wrong_credentials(self, world: World, limited: Limited) -> None:
        world = limited(token_failures_per_address="2 per day")
        self.exhaust(world)
        check_wait(world.app.get(INDEX, headers=ann(WRONG), expect_errors=True))
        world.app.get(INDEX, headers=ann(), status=200)


def new_password(world: World) -> None:
    with world.components.database.writing() as session:
        user = find_user(session, "ann")
        set_password(session, user, "another password", FOUNDER, world.clock())


def same_password_again(world: World) -> None:
    with world.components.database.writing() as session:
        user = find_user(session, "ann")
        set_password(session, user, PASSWORD, FOUNDER, world.clock())


def no_password(world: World) -> None:
    with world.components.database.writing() as session:
        find_user(session, "ann").password_hash = None


def blocked(world: World) -> None:
    with world.components.database.writing() as session:
        block(session, find_user(session, "ann"), FOUNDER, world.clock())


def test_an_upload_is_hashed_once(world: World, asked: list[str]) -> None:
    world.upload(PROJECT, sdist("another"), ann())
    assert len(asked) == 1
    assert world.count(File) == 2


@pytest.mark.parametrize("change", [new_password, same_password_again, no_password, blocked])
def test_what_changes_while_a_file_is_sent(
    world: World, asked: list[str], change: Callable[[World], None]
) -> None:
    before = contents(world)
    response = upload_with(world, sdist("another"), ann(), lambda: change(world))
    assert response.status_int == 401
    sentence_of(response)
    assert contents(world) == before
    assert len(asked) == 1


def test_the_write_lock_is_free_while_it_is_hashed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    others: list[str] = []

    class Meddling(argon2.PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002 -- as the library calls it
            world.user(f"other-{len(others)}")
            others.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_hasher", Meddling(time_cost=1, memory_cost=64, parallelism=1))
    world.member(PROJECT, "ann", Role.OWNER)
    world.app.put(API, {"visibility": "internal"}, headers=ann())
    world.app.put(API, {"visibility": "internal"}, headers=ann(WRONG), status=401)
    world.upload(PROJECT, sdist("another"), ann())
    assert len(others) == 3


def test_a_weak_hash_is_replaced(world: World) -> None:
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with world.components.database.writing() as session:
        find_user(session, "ann").password_hash = weak
    world.app.get(INDEX, headers=ann(WRONG), status=401)
    assert world.user_row("ann").password_hash == weak
    world.app.get(INDEX, headers=ann(), status=200)
    stored = world.user_row("ann").password_hash
    assert stored is not None
    assert not needs_new_hash(stored)
    world.app.get(INDEX, headers=ann(), status=200)
    assert world.user_row("ann").password_hash == stored
    world.upload(PROJECT, sdist("another"), ann())


def test_another_request_replaces_the_weak_hash_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with world.components.database.writing() as session:
        find_user(session, "ann").password_hash = weak

    class Overtaken(argon2.PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002 -- as the library calls it
            if hash == weak:
                same_password_again(world)
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_hasher", Overtaken(time_cost=1, memory_cost=64, parallelism=1))
    world.app.get(INDEX, headers=ann(), status=200)


def test_a_page_of_another_site_changes_nothing_with_it(world: World) -> None:
    """A browser that was given the password sends it by itself."""
    world.member(PROJECT, "ann", Role.OWNER)
    headers = {**ann(), "Origin": "https://evil.example"}
    world.app.put(API, {"visibility": "public"}, headers=headers, status=400)
    world.app.put(API, {"visibility": "public"}, headers=ann(), status=200)


def test_without_its_redis_passwords_are_taken(world: World, limited: Limited) -> None:
    world = limited(storage="redis://127.0.0.1:1/0", sign_in_per_account="1 per day")
    for _ in range(2):
        world.app.get(INDEX, headers=ann(WRONG), status=401)
    world.app.get(INDEX, headers=ann(), status=200)


def test_the_secret_is_in_no_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    world.app.get(INDEX, headers=ann("a secret of mine"), status=401)
    world.app.get(INDEX, headers=ann(), status=200)
    assert "a secret of mine" not in caplog.text
    assert PASSWORD not in caplog.text


def test_what_is_remembered_shows_no_secret(world: World) -> None:
    verified = verify_account(world.components.database, "ann", PASSWORD)
    assert verified is not None
    assert verified.password_hash not in repr(verified)
