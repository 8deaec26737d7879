"""Publishing with every client, and what each says when it is refused."""

import hashlib
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.checkouts import Builds, Checkout
from tests.clients.environments import Environments
from tests.clients.publishers import PUBLISHERS, Publisher
from tests.clients.server import Project
from tests.clients.workstation import Outcome, Workstation

pytestmark = pytest.mark.clients

Publish = Callable[..., Outcome]


@pytest.fixture(params=PUBLISHERS)
def publisher(request: pytest.FixtureRequest) -> Publisher:
    return PUBLISHERS[request.param]


@pytest.fixture
def checkout(builds: Builds, publisher: Publisher, tmp_path: Path) -> Checkout:
    return builds.checkout(publisher.package, tmp_path / "checkout")


@pytest.fixture
def publish(
    publisher: Publisher, workstation: Workstation, environments: Environments, project: Project
) -> Publish:
    """Publishes a checkout into the project, with the token of a developer by default."""

    def run(
        checkout: Checkout, *options: str, role: str = "developer", token: str | None = None
    ) -> Outcome:
        secret = token or project.registry.tokens[role]
        url = project.upload_url
        return publisher.publish(workstation, environments, checkout, url, secret, *options)

    return run


def served_as_built(project: Project, checkout: Checkout) -> bool:
    built = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in checkout.distributions
    }
    return project.files(checkout.package) == built


def test_wheel_and_sdist_are_published(publish, checkout, project):
    outcome = publish(checkout)
    assert outcome.status == 0, outcome.output
    assert served_as_built(project, checkout)
    assert len(checkout.distributions) == 2
    page = project.page(checkout.package)
    assert {file["requires-python"] for file in page["files"]} == {">=3.8"}
    assert page["versions"] == ["1.0"]


def test_same_bytes_again_change_nothing(publish, checkout, project):
    publish(checkout)
    before = project.page(checkout.package)
    outcome = publish(checkout)
    assert outcome.status == 0, outcome.output
    assert project.page(checkout.package) == before


def test_other_bytes_under_the_same_name(publish, checkout, publisher, builds, project, tmp_path):
    publish(checkout)
    before = project.files(checkout.package)
    changed = builds.checkout(publisher.package, tmp_path / "changed", changed=True)
    outcome = publish(changed)
    assert project.files(checkout.package) == before
    assert outcome.status != 0, outcome.output
    assert ("already exists" if publisher.shows_sentences else "409") in outcome.output


@pytest.mark.parametrize(
    "publisher",
    [publisher for publisher in PUBLISHERS.values() if publisher.skip_existing],
    ids=[name for name, publisher in PUBLISHERS.items() if publisher.skip_existing],
)
def test_skip_existing(publish, checkout, publisher, builds, project, tmp_path):
    publish(checkout)
    before = project.files(checkout.package)
    changed = builds.checkout(publisher.package, tmp_path / "changed", changed=True)
    outcome = publish(changed, publisher.skip_existing)
    assert outcome.status == 0, outcome.output
    assert project.files(checkout.package) == before


def test_role_that_may_not_publish(publish, publisher, checkout, project):
    outcome = publish(checkout, role="reporter")
    assert outcome.status != 0, outcome.output
    sentence = "Your role here does not permit this"
    assert (sentence if publisher.shows_sentences else "403") in outcome.output
    assert project.api("GET", f"packages/pypi/simple/{checkout.package}/").status == 404


def test_wrong_token(publish, publisher, checkout):
    outcome = publish(checkout, token="pyrpat_wrong")
    assert outcome.status != 0, outcome.output
    sentence = "the credentials are wrong"
    assert (sentence if publisher.shows_sentences else "401") in outcome.output


def test_metadata_is_served_byte_for_byte(publish, checkout, project):
    publish(checkout)
    page = project.page(checkout.package)
    (sdist,) = (path for path in checkout.distributions if path.name.endswith(".tar.gz"))
    with tarfile.open(sdist) as archive:
        member = archive.extractfile(f"{sdist.name.removesuffix('.tar.gz')}/PKG-INFO")
        expected = hashlib.sha256(member.read()).hexdigest()
    announced = {file["filename"]: file["core-metadata"] for file in page["files"]}
    assert announced.pop(sdist.name) in (False, {"sha256": expected})
    (wheel,) = announced
    (address,) = (file["url"] for file in page["files"] if file["filename"] == wheel)
    # Links begin at the page; two levels up is where the index and the files lie.
    answer = project.api("GET", f"packages/pypi/{address.removeprefix('../../')}.metadata")
    assert answer.status == 200
    assert announced[wheel] == {"sha256": hashlib.sha256(answer.body).hexdigest()}
