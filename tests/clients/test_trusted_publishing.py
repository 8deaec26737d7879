"""`uv publish --trusted-publishing always`, in a job of GitLab, with a real issuer behind TLS."""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.clients.checkouts import Builds, Checkout
from tests.clients.environments import OWN_COMMANDS, REPOSITORY
from tests.clients.server import Project, Registry, Server
from tests.clients.workstation import Outcome, Workstation
from tests.factories.certificates import Certificates, new_certificates
from tests.factories.issuer import Issuer, running_issuer
from tests.factories.tls_front import tls_front
from tests.factories.world import basic

pytestmark = pytest.mark.clients

SHA = "c0ffee" + "0" * 34


@dataclass
class Job:
    """A job of a continuous integration system that an issuer vouches for."""

    workstation: Workstation
    registry: Registry
    issuer: Issuer
    certificates: Certificates
    host: str
    """Of the registry, behind TLS."""

    def id_token(self, **claims: Any) -> str:
        """The ID token that the job is given."""
        return self.issuer.id_token(self.issuer.claims(time.time(), **claims))

    def uv_publish(self, project: Project, checkout: Checkout, id_token: str) -> Outcome:
        """Publish as a job of GitLab does."""
        return self.workstation.run(
            *(OWN_COMMANDS / "uv", "publish", "--trusted-publishing", "always"),
            *("--publish-url", f"https://{self.host}/{project.path}/-/legacy/"),
            *checkout.distributions,
            GITLAB_CI="true",
            PYREGISTRY_ID_TOKEN=id_token,
            SSL_CERT_FILE=str(self.certificates.authority),
        )


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, ...]]:
    """A registry behind TLS that trusts an issuer."""
    certificates = new_certificates(tmp_path_factory.mktemp("certificates"))
    with ExitStack() as stack:
        issuer = stack.enter_context(running_issuer(certificates))
        server = Server(
            REPOSITORY,
            tmp_path_factory.mktemp("registry"),
            PYREGISTRY_OIDC_ISSUERS=issuer.address,
            PYREGISTRY_OIDC_CA_FILE=str(certificates.authority),
            NO_PROXY="*",
        )
        registry = Registry(server)
        registry.set_up()
        server.start()
        stack.callback(server.stop)
        host = stack.enter_context(tls_front(certificates, server.port))
        yield registry, issuer, certificates, host


@pytest.fixture
def job(running: tuple[Any, ...], workstation: Workstation) -> Job:
    return Job(workstation, *running)


@pytest.fixture
def project(running: tuple[Any, ...]) -> Project:
    """A project that trusts the jobs of `acme/…` on protected refs."""
    registry, issuer, *_ = running
    project: Project = registry.project()
    answer = project.api(
        "POST",
        "trusted_publishers",
        name="release",
        issuer=issuer.address,
        claims={"project_path": project.path, "ref_protected": "true"},
    )
    assert answer.status == 201, answer
    return project


@pytest.fixture
def checkout(builds: Builds, tmp_path: Path) -> Checkout:
    return builds.checkout("demo-hatchling", tmp_path / "checkout")


def test_a_job_publishes_without_a_secret(job: Job, project: Project, checkout: Checkout) -> None:
    outcome = job.uv_publish(project, checkout, job.id_token(project_path=project.path, sha=SHA))
    assert outcome.status == 0, outcome.output
    assert set(project.files("demo-hatchling")) == checkout.filenames
    (release,) = json.loads(project.api("GET", "packages").body)
    (pipeline,) = json.loads(project.api("GET", f"packages/{release['id']}/pipelines").body)[:1]
    assert pipeline["verified"] is True
    assert pipeline["issuer"] == job.issuer.address
    assert (pipeline["id"], pipeline["job_id"], pipeline["ref"]) == (7, 11, "main")
    assert (pipeline["sha"], pipeline["user"]["username"]) == (SHA, "ada")
    assert pipeline["source_repository"] == f"{job.issuer.address}/{project.path}"
    page = project.registry.server.request(
        "GET",
        f"/{project.path}/demo-hatchling/",
        None,
        {"Accept": "text/html", **basic(project.registry.tokens["maintainer"])},
    )
    assert b"Verified" in page.body
    assert f'href="{pipeline["web_url"]}"'.encode() in page.body


def test_uv_gives_the_token_back(job: Job, project: Project, checkout: Checkout) -> None:
    assert job.uv_publish(project, checkout, job.id_token(project_path=project.path)).status == 0
    token = job.registry.server.row(
        "SELECT * FROM tokens WHERE kind = 'job_token' ORDER BY id DESC"
    )
    assert token["revoked_at"] is not None


def test_an_id_token_is_good_once(job: Job, project: Project, checkout: Checkout) -> None:
    id_token = job.id_token(project_path=project.path)
    assert job.uv_publish(project, checkout, id_token).status == 0
    outcome = job.uv_publish(project, checkout, id_token)
    assert outcome.status != 0
    assert "exchanged before" in outcome.output


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"ref_protected": "false"}, "no project has a trusted publisher"),
        ({"project_path": "mallory/core"}, "no project has a trusted publisher"),
        ({"aud": "elsewhere"}, "its audience must be pyregistry"),
        ({"exp": 1}, "has expired"),
    ],
)
def test_uv_shows_why_it_is_refused(
    job: Job, project: Project, checkout: Checkout, claims: dict[str, Any], said: str
) -> None:
    id_token = job.id_token(**{"project_path": project.path, **claims})
    outcome = job.uv_publish(project, checkout, id_token)
    assert outcome.status != 0
    assert said in outcome.output
    assert project.api("GET", "packages").body == b"[]"


def test_a_project_that_is_named_by_the_audience(
    job: Job, project: Project, checkout: Checkout
) -> None:
    other = job.registry.project()
    answer = other.api(
        "POST",
        "trusted_publishers",
        name="release",
        issuer=job.issuer.address,
        claims={"project_path": project.path},
    )
    assert answer.status == 201, answer
    outcome = job.uv_publish(other, checkout, job.id_token(project_path=project.path))
    assert outcome.status != 0
    assert "several projects" in outcome.output
    id_token = job.id_token(project_path=project.path, aud=f"pyregistry/{other.path}")
    assert job.uv_publish(other, checkout, id_token).status == 0
    assert set(other.files("demo-hatchling")) == checkout.filenames


@pytest.mark.skipif(shutil.which("curl") is None, reason="this machine has no curl")
def test_curl_and_twine(job: Job, project: Project, checkout: Checkout) -> None:
    """As the documentation has it for clients that know nothing of the exchange."""
    workstation, authority = job.workstation, str(job.certificates.authority)
    body = json.dumps({"token": job.id_token(project_path=project.path)})
    file = workstation.write("body.json", body)
    exchange = f"https://{job.host}/_/oidc/mint-token"
    answer = workstation.run(
        *("curl", "--fail-with-body", "--silent", "--show-error", "--cacert", authority),
        *("--data", f"@{file}", exchange),
    )
    assert answer.status == 0, answer.output
    outcome = workstation.run(
        *(OWN_COMMANDS / "twine", "upload", "--non-interactive"),
        *("--repository-url", f"https://{job.host}/{project.path}/-/legacy/"),
        *checkout.distributions,
        TWINE_USERNAME="__token__",
        TWINE_PASSWORD=json.loads(answer.output)["token"],
        TWINE_CERT=authority,
    )
    assert outcome.status == 0, outcome.output
    assert set(project.files("demo-hatchling")) == checkout.filenames
