"""What python-gitlab does by itself where it should try again: limits, and no answer."""

from collections.abc import Iterator
from threading import Timer
from types import SimpleNamespace

import pytest
from gitlab import Gitlab
from gitlab.exceptions import GitlabError, GitlabHttpError

from tests.clients.environments import REPOSITORY
from tests.clients.server import PATIENCE, Server

pytestmark = pytest.mark.clients

PASSWORD = "correct horse battery staple\n"


HOUR = 60 * 60


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A registry of its own in which hardly a request may fail."""
    server = Server(
        REPOSITORY,
        tmp_path_factory.mktemp("strict") / "registry",
        PYREGISTRY_THROTTLE_TOKEN_FAILURES_PER_ADDRESS="2 per hour",
    )
    server.command_here("setup")
    server.start()
    yield server
    server.stop()


def client(server: Server, token: str, **options: bool) -> Gitlab:
    return Gitlab(server.address, private_token=token, timeout=PATIENCE, **options)


def test_the_library_waits_as_long_as_it_is_told(strict: Server, monkeypatch: pytest.MonkeyPatch):
    gl = client(strict, "pyrpat_wrong")
    for _ in range(3):
        with pytest.raises(GitlabError) as refusal:
            gl.http_get("/user", obey_rate_limit=False)
    assert refusal.value.response_code == 429
    assert "again" in refusal.value.error_message
    waits: list[float] = []
    monkeypatch.setattr("gitlab.utils.time", SimpleNamespace(sleep=waits.append))
    with pytest.raises(GitlabHttpError) as still:
        gl.http_get("/user", max_retries=2)
    assert still.value.response_code == 429
    assert len(waits) == 2
    assert all(0 < wait <= HOUR for wait in waits)


def test_a_restart_is_waited_for(strict: Server):
    strict.command_here(
        *("user", "create", "ada", "--email", "ada@example.org", "--password-stdin"),
        stdin=PASSWORD,
    )
    token = strict.command_here(
        *("token", "create", "--user", "ada", "--name", "tests", "--scope", "read_api")
    ).strip()
    gl = client(strict, token, retry_transient_errors=True)
    gl.auth()
    strict.stop()
    again = Timer(0.5, strict.start_at_its_port)
    again.start()
    try:
        gl.auth()
    finally:
        again.join()
    assert gl.user is not None
    assert gl.user.username == "ada"
