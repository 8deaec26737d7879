"""The bodies of every client, byte for byte, sent to the real server."""

from typing import Any

import pytest

from tests.clients.server import Answer, Project
from tests.factories import uploads
from tests.factories.distributions import Distribution, sdist, wheel
from tests.factories.world import basic, fields_of

pytestmark = pytest.mark.clients


def post(project: Project, path: str, content_type: str, body: bytes) -> Answer:
    headers = {"Content-Type": content_type, **basic(project.registry.tokens["developer"])}
    return project.registry.server.request("POST", f"/{path}", body, headers)


def addresses(project: Project) -> list[str]:
    number = project.registry.server.namespace_id(project.path)
    api = [f"api/v4/projects/{number}/packages/pypi", f"{project.api_path}/packages/pypi"]
    paths = [f"{project.path}/-/legacy", *api]
    return [path + slash for path in paths for slash in ("", "/")]


def fields(distribution: Distribution) -> dict[str, Any]:
    """The fields, without digests: each client's own are added."""
    sent = fields_of(distribution)
    return {name: value for name, value in sent.items() if not name.endswith("_digest")}


@pytest.mark.parametrize("client", uploads.ALL_UPLOADS)
def test_uploads_are_answered_200_at_every_address(project, client):
    for number, path in enumerate(addresses(project)):
        for made in (wheel("Demo.Pkg", f"1.{number}"), sdist("Demo.Pkg", f"1.{number}")):
            body = uploads.ALL_UPLOADS[client](fields(made), made.filename, made.content)
            answer = post(project, path, *body)
            assert (answer.status, answer.reason) == (200, "OK"), (path, answer.body)
            assert project.files("demo-pkg")[made.filename] == made.sha256


@pytest.mark.parametrize("client", uploads.ALL_UPLOADS)
def test_reason_phrase_says_what_is_wrong(project, client):
    project.publish(wheel())
    other = wheel(files={"demo_package/other.py": b""})
    body = uploads.ALL_UPLOADS[client](fields(other), other.filename, other.content)
    answer = post(project, f"{project.path}/-/legacy/", *body)
    assert answer.status == 409
    assert "already exists" in answer.reason
    assert b"already exists" in answer.body
    for digest in (wheel().sha256, other.sha256):
        assert digest in answer.reason
        assert digest.encode() in answer.body


def test_register_is_answered_200_and_stores_nothing(project):
    body = uploads.distutils_register(uploads.DEMO_FIELDS)
    for path in addresses(project):
        answer = post(project, path, *body)
        assert (answer.status, answer.reason) == (200, "OK")
    assert project.api("GET", "packages/pypi/simple/demo-pkg/").status == 404


def test_register_without_credentials_is_challenged(project):
    content_type, body = uploads.distutils_register(uploads.DEMO_FIELDS)
    answer = project.registry.server.request(
        "POST", f"/{project.path}/-/legacy/", body, {"Content-Type": content_type}
    )
    assert answer.status == 401
    # distutils compares the realm, to the letter.
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="pypi"'
