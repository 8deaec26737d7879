"""An issuer for each test, and a registry that trusts it."""

from collections.abc import Iterator

import pytest
from pyramid.registry import Registry

from tests.factories.certificates import Certificates, new_certificates
from tests.factories.issuer import Issuer, running_issuer
from tests.factories.world import World
from tests.functional.oidc.support import Trusting, trust
from tests.functional.support import PROJECT


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates that nobody trusts who is not told to."""
    return new_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def issuer(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> Iterator[Issuer]:
    """An issuer on loopback, which no proxy can reach."""
    monkeypatch.setenv("NO_PROXY", "*")
    with running_issuer(certificates) as running:
        yield running


@pytest.fixture
def trusting(
    world: World, application: tuple[object, Registry], certificates: Certificates, issuer: Issuer
) -> Trusting:
    """A registry with the private project `acme/core`, which trusts the jobs of its repository."""
    trust(world, application[1], certificates, [issuer.address])
    world.project(PROJECT)
    trusting = Trusting(world, issuer)
    trusting.publisher()
    return trusting
