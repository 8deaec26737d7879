"""What the index says of files and packages, as those who install see it."""

import json

import pytest

from tests.clients.environments import OWN_COMMANDS
from tests.clients.installers import Installer
from tests.clients.publishers import PUBLISHERS
from tests.clients.server import Project
from tests.factories.distributions import sdist, wheel

pytestmark = pytest.mark.clients

NEWEST = pytest.mark.parametrize("installer", ["pip newest", "uv"], indirect=True)


def release(version: str, **options):
    return wheel("demo", version, **options)


class TestYanked:
    @pytest.fixture
    def index(self, project: Project) -> str:
        project.publish(release("1.0"), release("2.0"))
        project.yank("demo", "2.0", "it deletes the wrong file")
        return project.index()

    def test_is_passed_over(self, installer: Installer, index):
        outcome = installer.install("--index-url", index, "demo")
        assert outcome.status == 0, outcome.output
        assert installer.installed("demo") == "1.0"

    def test_is_installed_where_it_is_pinned(self, installer: Installer, index):
        outcome = installer.install("--index-url", index, "demo==2.0")
        assert outcome.status == 0, outcome.output
        assert installer.installed("demo") == "2.0"
        assert "yanked" in outcome.output
        assert "it deletes the wrong file" in outcome.output


def test_requires_python_is_respected(installer, project):
    project.publish(release("1.0"), release("2.0", metadata={"Requires-Python": ">=4.0"}))
    outcome = installer.install("--index-url", project.index(), "demo")
    assert outcome.status == 0, outcome.output
    assert installer.installed("demo") == "1.0"


def test_local_version(installer, project):
    project.publish(release("1.0+ours.2"), release("1.0"))
    outcome = installer.install("--index-url", project.index(), "demo==1.0+ours.2")
    assert outcome.status == 0, outcome.output
    assert installer.installed("demo") == "1.0+ours.2"


def test_build_tag_and_several_tags(installer, project):
    older = release("1.0", build="1", files={"demo/build.py": b"NUMBER = 1\n"})
    newer = release(
        "1.0", build="2", files={"demo/build.py": b"NUMBER = 2\n"}, tags="py2.py3-none-any"
    )
    project.publish(older, newer)
    outcome = installer.install("--index-url", project.index(), "demo")
    assert outcome.status == 0, outcome.output
    code = "from demo.build import NUMBER; print(NUMBER)"
    assert installer.workstation.run(installer.python, "-c", code).output == "2"


def test_other_spellings_of_the_name(installer, project):
    project.publish(wheel("Demo.Spelt_In-Ways", "1.0"))
    outcome = installer.install("--index-url", project.index(), "demo_spelt.IN-ways")
    assert outcome.status == 0, outcome.output
    assert installer.installed("Demo.Spelt_In-Ways") == "1.0"


class TestHashes:
    @staticmethod
    def requirements(installer, project, digest):
        return installer.workstation.write(
            "requirements.txt",
            f"--index-url {project.index()}\ndemo==1.0 --hash=sha256:{digest}\n",
        )

    def test_right_hash(self, installer, project):
        project.publish(release("1.0"))
        file = self.requirements(installer, project, release("1.0").sha256)
        outcome = installer.install("--require-hashes", "--requirement", file)
        assert outcome.status == 0, outcome.output
        assert installer.installed("demo") == "1.0"

    def test_wrong_hash(self, installer, project):
        project.publish(release("1.0"))
        file = self.requirements(installer, project, "0" * 64)
        outcome = installer.install("--require-hashes", "--requirement", file)
        assert outcome.status != 0
        assert release("1.0").sha256 in outcome.output
        assert installer.installed("demo") is None


class TestStatus:
    def test_quarantined_package_is_not_found(self, installer, project):
        project.publish(release("1.0"))
        project.set_status("demo", "quarantined", "under investigation")
        outcome = installer.install("--index-url", project.index(), "demo")
        assert outcome.status != 0
        assert installer.installed("demo") is None

    def test_archived_package_is_still_installed(self, installer, project):
        project.publish(release("1.0"))
        project.set_status("demo", "archived", "use demo2")
        outcome = installer.install("--index-url", project.index(), "demo")
        assert outcome.status == 0, outcome.output
        assert installer.installed("demo") == "1.0"

    @pytest.mark.parametrize("status", ["archived", "quarantined"])
    @pytest.mark.parametrize("publisher", ["twine 7", "uv"])
    def test_closed_package_refuses_uploads(
        self, workstation, environments, project, builds, tmp_path, status, publisher
    ):
        chosen = PUBLISHERS[publisher]
        project.publish(wheel(chosen.package, "0.1"))
        project.set_status(chosen.package, status, "use another")
        checkout = builds.checkout(chosen.package, tmp_path / "checkout")
        token = project.registry.tokens["maintainer"]
        outcome = chosen.publish(workstation, environments, checkout, project.upload_url, token)
        assert outcome.status != 0
        assert f"is {status} and takes no uploads: use another" in outcome.output
        releases = json.loads(project.api("GET", "packages").body)
        assert [release["version"] for release in releases] == ["0.1"]


class TestMetadataWithoutTheFile:
    """Resolving needs the core metadata alone (PEP 658), so no file is fetched for it."""

    @pytest.fixture
    def index(self, project: Project) -> str:
        project.publish(
            wheel("demo", "1.0", metadata={"Requires-Dist": "demo-needed >=1"}),
            wheel("demo-needed", "1.0"),
        )
        return project.index()

    def test_pip(self, environments, workstation, index):
        pip = Installer.new("pip newest", environments, workstation)
        outcome = pip.install("-vv", "--dry-run", "--index-url", index, "demo")
        assert outcome.status == 0, outcome.output
        assert "Would install demo-1.0 demo-needed-1.0" in outcome.output
        for name in ("demo", "demo_needed"):
            assert f'/{name}-1.0-py3-none-any.whl.metadata HTTP/1.1" 200' in outcome.output
            assert f"/{name}-1.0-py3-none-any.whl HTTP" not in outcome.output

    def test_uv(self, workstation, index):
        requirements = workstation.write("requirements.in", "demo\n")
        outcome = workstation.run(
            OWN_COMMANDS / "uv", "pip", "compile", "--verbose", "--index-url", index, requirements
        )
        assert outcome.status == 0, outcome.output
        assert "demo-needed==1.0" in outcome.output
        assert ".whl.metadata" in outcome.output
        assert "range request" not in outcome.output.lower()

    @NEWEST
    def test_sdist_with_reliable_metadata_is_not_built(self, installer: Installer, project):
        """`Dynamic` names nothing (PEP 643): what PKG-INFO says holds for every build."""
        broken = {"demo_backend.py": b"raise SystemExit('must not be built')\n"}
        project.publish(sdist("demo", "1.0", files=broken))
        assert project.page("demo")["files"][0]["core-metadata"]
        outcome = installer.install("--dry-run", "--index-url", project.index(), "demo")
        assert outcome.status == 0, outcome.output
