"""Which project an ID token is exchanged for: by its claims, and by its audience."""

from typing import Any

import pytest
from pyramid.registry import Registry

from pyregistry.namespaces.services.create import find
from tests.factories.certificates import Certificates
from tests.factories.distributions import wheel
from tests.factories.issuer import Issuer, key_of, running_issuer
from tests.factories.world import basic
from tests.functional.oidc.support import Trusting, job_tokens, trust
from tests.functional.support import PROJECT

pytestmark = pytest.mark.thorough


def test_every_claim_must_hold(trusting: Trusting) -> None:
    trusting.world.project("acme/other")
    trusting.publisher("acme/other", project_id="42", ref_protected="true", ref=["main", "v1"])
    for wrong in (
        {"project_id": "43"},
        {"project_id": 42},
        {"project_id": None},
        {"ref_protected": "false"},
        {"ref_protected": True},
        {"ref": "mainline"},
        {"ref": ["main", "v1"]},
    ):
        code, sentence = trusting.refused(trusting.token(project_path="acme/other", **wrong))
        assert code == "invalid-publisher"
        assert "claims" in sentence
    trusting.mint(trusting.token(project_path="acme/other", ref="v1"))


def test_the_file_of_a_workflow_at_any_tag(trusting: Trusting) -> None:
    trusting.world.project("acme/other")
    file = "acme/other/.github/workflows/release.yml"
    trusting.publisher("acme/other", repository="acme/other", workflow_ref=file)

    def token(workflow_ref: str, ref: str) -> str:
        job = {"repository": "acme/other", "ref": ref, "workflow_ref": workflow_ref}
        return trusting.token(project_path=None, project_id=None, **job)

    for other in ("acme/other/.github/workflows/test.yml", f"mallory/{file}", f"{file}.yml"):
        assert trusting.refused(token(f"{other}@refs/tags/v1", "refs/tags/v1"))[0] == (
            "invalid-publisher"
        )
    for tag in ("refs/tags/v1", "refs/tags/v2"):
        trusting.mint(token(f"{file}@{tag}", tag))


def test_two_trusted_publishers_of_one_project(trusting: Trusting) -> None:
    trusting.publisher(name="second", project_id="42")
    trusting.mint(trusting.token())
    trusting.mint(trusting.token(project_path="acme/renamed"))
    assert len(job_tokens(trusting.world)) == 2


def test_another_issuer_with_the_same_claims(
    trusting: Trusting, application: tuple[object, Registry], certificates: Certificates
) -> None:
    with running_issuer(certificates) as other:
        issuers = [trusting.issuer.address, other.address]
        trust(trusting.world, application[1], certificates, issuers)
        now = trusting.world.clock().timestamp()
        assert trusting.refused(other.id_token(other.claims(now)))[0] == "invalid-publisher"
        # Nor do the keys of one verify what names the other.
        token = other.id_token(trusting.claims(), key=_own_key(other))
        assert trusting.refused(token)[0] == "invalid-token"


def _own_key(issuer: Issuer) -> Any:
    key = key_of("RS256", "other")
    issuer.keys = [issuer.public(key)]
    return key


def test_an_issuer_that_is_trusted_no_more(
    trusting: Trusting, application: tuple[object, Registry], certificates: Certificates
) -> None:
    trust(trusting.world, application[1], certificates, ["https://other.example"])
    assert "not trusted" in trusting.refused(trusting.token())[1]


class TestSeveralProjects:
    @pytest.fixture(autouse=True)
    def _two_that_fit(self, trusting: Trusting) -> None:
        trusting.world.project("acme/team/Other")
        trusting.publisher("acme/team/Other", project_path="acme/core")

    def test_it_must_name_one(self, trusting: Trusting) -> None:
        code, sentence = trusting.refused(trusting.token())
        assert code == "invalid-publisher"
        assert "several projects" in sentence
        assert "audience" in sentence
        assert "Other" not in sentence

    @pytest.mark.parametrize("path", ["acme/team/Other", "acme/team/other", "ACME/team/Other/"])
    def test_it_names_one(self, trusting: Trusting, path: str) -> None:
        secret = trusting.mint(trusting.token(aud=f"pyregistry/{path}"))["token"]
        trusting.world.upload("acme/team/Other", wheel(), basic(secret))
        trusting.world.upload(PROJECT, wheel(), basic(secret), status=404)

    @pytest.mark.parametrize("end", ["", "/", "/-/simple", "/-/simple/", "/-/legacy", "/-/legacy/"])
    def test_it_names_an_address(
        self,
        trusting: Trusting,
        application: tuple[object, Registry],
        certificates: Certificates,
        end: str,
    ) -> None:
        trust(
            trusting.world,
            application[1],
            certificates,
            [trusting.issuer.address],
            public_url="https://registry.example/packages",
        )
        audience = f"https://registry.example/packages/acme/core{end}"
        secret = trusting.mint(trusting.token(aud=audience))["token"]
        trusting.world.upload(PROJECT, wheel(), basic(secret))

    @pytest.mark.parametrize("path", ["acme", "acme/core/demo-package", "acme/third", "x/y"])
    def test_it_names_none_of_them(self, trusting: Trusting, path: str) -> None:
        trusting.world.project("acme/third")
        token = trusting.token(aud=f"pyregistry/{path}")
        assert trusting.refused(token)[0] == "invalid-publisher"

    @pytest.mark.parametrize(
        "path",
        [
            "acme/core/-/simple",
            "acme//core",
            "acme%2Fcore",
            "../acme/core",
            "acme/core\x00",
            "\ud800",
            "/".join(["a"] * 22),
        ],
    )
    def test_it_names_what_can_be_none(self, trusting: Trusting, path: str) -> None:
        code, sentence = trusting.refused(trusting.token(aud=f"pyregistry/{path}"))
        assert code == "invalid-token"
        assert "audience" in sentence


@pytest.mark.parametrize("end", ["/-/files", "/-/simple/x", "/-", "/-/simple//", "?", "#a"])
def test_other_addresses_of_a_project(
    trusting: Trusting, application: tuple[object, Registry], certificates: Certificates, end: str
) -> None:
    url = "https://registry.example"
    trust(trusting.world, application[1], certificates, [trusting.issuer.address], public_url=url)
    code, _ = trusting.refused(trusting.token(aud=f"{url}/{PROJECT}{end}"))
    assert code == "invalid-token"


class TestTurnedOff:
    """A project without a package registry is as if it were not there."""

    def turn_off(self, trusting: Trusting, path: str) -> None:
        with trusting.world.components.database.writing() as session:
            find(session, path).packages_available = False

    def test_it_lets_nobody_in(self, trusting: Trusting) -> None:
        absent = trusting.refused(trusting.token(project_path="acme/unknown"))
        self.turn_off(trusting, PROJECT)
        assert trusting.refused(trusting.token()) == absent
        assert trusting.refused(trusting.token(aud=f"pyregistry/{PROJECT}")) == absent

    def test_it_is_no_second_project(self, trusting: Trusting) -> None:
        trusting.world.project("acme/other")
        trusting.publisher("acme/other", project_path="acme/core")
        self.turn_off(trusting, "acme/other")
        trusting.mint(trusting.token())
