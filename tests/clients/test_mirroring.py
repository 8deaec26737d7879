"""Mirrors of the instance, made by bandersnatch."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.environments import REPOSITORY, Environments
from tests.clients.installers import Installer
from tests.clients.server import Project, Registry, Server
from tests.clients.workstation import Outcome, Workstation
from tests.factories.distributions import Distribution, sdist, wheel
from tests.factories.world import basic

pytestmark = pytest.mark.clients

CONFIGURATION = """\
[mirror]
directory = {directory}
master = {address}/-
download-mirror = {address}
download-mirror-no-fallback = true
api-method = simple
allow-non-https = true
json = true
"""


class Mirror:
    """A mirror of what somebody may pull, and the command that brings it up to date."""

    def __init__(
        self,
        registry: Registry,
        role: str | None,
        environments: Environments,
        workstation: Workstation,
    ) -> None:
        self._command = environments.commands("bandersnatch") / "bandersnatch"
        self._workstation = workstation
        self._folder = workstation.home / "mirror"
        address = registry.address_for(role, "").removesuffix("/")
        text = CONFIGURATION.format(directory=self._folder, address=address)
        self._configuration = workstation.write("bandersnatch.conf", text)

    @property
    def web(self) -> Path:
        """What a web server would serve."""
        return self._folder / "web"

    def update(self) -> None:
        """Bring the mirror up to date."""
        outcome = self._run("mirror")
        # It goes on after errors, and ends well all the same.
        assert "ERROR" not in outcome.output, outcome.output

    def delete_what_is_gone(self) -> None:
        """Delete the files that no document names any more."""
        self._run_alone("verify", "--delete")

    def start_over(self) -> None:
        """Compare everything, whatever its serial."""
        (self._folder / "status").unlink()
        self.update()

    def delete(self, name: str) -> None:
        """Delete a package from the mirror."""
        self._run_alone("delete", name)

    def file(self, distribution: Distribution) -> Path:
        """Where a file is."""
        return self.web / "packages" / distribution.sha256 / distribution.filename

    def holds(self, distribution: Distribution) -> bool:
        """Whether the file is there, byte for byte."""
        file = self.file(distribution)
        return file.exists() and file.read_bytes() == distribution.content

    def page(self, name: str) -> dict[str, dict[str, Any]]:
        """The files on the simple page of a package, by name."""
        page = json.loads((self.web / "simple" / name / "index.v1_json").read_text())
        return {file["filename"]: file for file in page["files"]}

    def document(self, name: str) -> dict[str, Any]:
        """What the JSON API says of a package."""
        document: dict[str, Any] = json.loads((self.web / "pypi" / name / "json").read_text())
        return document

    def names(self) -> list[str]:
        """The packages on the first simple page."""
        page = json.loads((self.web / "simple" / "index.v1_json").read_text())
        return [project["name"] for project in page["projects"]]

    def _run_alone(self, *arguments: str) -> None:
        """Run a command that wants a server with https, and asks it for nothing."""
        plain = self._configuration.read_text()
        self._configuration.write_text(plain.replace("http://", "https://"))
        self._run(*arguments)
        self._configuration.write_text(plain)

    def _run(self, *arguments: str) -> Outcome:
        outcome = self._workstation.run(self._command, "-c", self._configuration, *arguments)
        assert outcome.status == 0, outcome.output
        return outcome


@pytest.fixture
def own_registry(tmp_path: Path) -> Iterator[Registry]:
    """A registry in which nobody else publishes: a mirror holds everything."""
    server = Server(REPOSITORY, tmp_path / "registry")
    registry = Registry(server)
    registry.set_up()
    server.start()
    yield registry
    server.stop()


def test_mirror_of_what_a_token_may_pull(own_registry, environments, workstation):
    project, other = own_registry.project(), own_registry.project()
    first, second = wheel("Demo.Package", "1.0"), sdist("Demo.Package", "1.0")
    elsewhere = wheel("other", "2.0+local.1")
    project.publish(first, second)
    other.publish(elsewhere)

    mirror = Mirror(own_registry, "reporter", environments, workstation)
    mirror.update()
    assert mirror.names() == ["demo-package", "other"]
    assert all(mirror.holds(file) for file in (first, second, elsewhere))
    assert set(mirror.page("demo-package")) == {first.filename, second.filename}
    assert mirror.document("demo-package") == read_document(own_registry, "demo-package")

    installer = Installer.new("pip newest", environments, workstation)
    index = f"file://{mirror.web}/simple"
    installed = installer.install("--index-url", index, "demo-package", "other")
    assert installed.status == 0, installed.output
    assert installer.installed("Demo.Package") == "1.0"
    assert installer.installed("other") == "2.0+local.1"


def test_a_mirror_follows_uploads_yanks_and_deletes(own_registry, environments, workstation):
    project, other = own_registry.project(), own_registry.project()
    files = {version: wheel("demo", version) for version in ("1.0", "2.0", "3.0")}
    project.publish(files["1.0"], files["2.0"])
    local = wheel("other", "1.0+local.1")
    other.publish(local)
    mirror = Mirror(own_registry, "reporter", environments, workstation)
    mirror.update()

    # The change of one package is not the last of all: a serial of its own would hide it.
    project.publish(files["3.0"])
    other.publish(wheel("new", "1.0"))
    mirror.update()
    assert mirror.names() == ["demo", "new", "other"]
    assert mirror.holds(files["3.0"])

    project.yank("demo", "2.0", "broken")
    mirror.update()
    page = mirror.page("demo")
    assert page[files["2.0"].filename]["yanked"] is True
    assert page[files["3.0"].filename]["yanked"] is False
    html = (mirror.web / "simple" / "demo" / "index.html").read_text()
    assert 'data-yanked="broken"' in html

    delete(project, "demo", "1.0")
    mirror.update()
    assert set(mirror.page("demo")) == {files["2.0"].filename, files["3.0"].filename}
    assert mirror.holds(files["1.0"])
    mirror.delete_what_is_gone()
    assert not mirror.file(files["1.0"]).exists()
    assert mirror.holds(files["2.0"])
    assert mirror.holds(local)


def test_a_mirror_without_credentials_holds_what_is_public(own_registry, environments, workstation):
    group = own_registry.group(visibility="public")
    public = own_registry.project(group=group, visibility="public")
    shown, hidden = wheel("demo", "1.0"), wheel("demo", "2.0")
    public.publish(shown)
    own_registry.project().publish(hidden, wheel("secret"))
    mirror = Mirror(own_registry, None, environments, workstation)
    mirror.update()
    assert mirror.names() == ["demo"]
    assert set(mirror.page("demo")) == {shown.filename}
    assert mirror.holds(shown)
    assert not mirror.file(hidden).exists()


def test_a_mirror_starts_over_where_it_may_pull_more(own_registry, environments, workstation):
    project = own_registry.project()
    own_registry.server.command_here("group", "create", "other")
    secret = own_registry.project(group="other")
    project.publish(wheel("demo"))
    own_registry.server.command_here("member", "add", secret.path, "developer", "developer")
    secret.publish(wheel("secret"))
    project.publish(wheel("later"))
    mirror = Mirror(own_registry, "reporter", environments, workstation)
    mirror.update()
    assert mirror.names() == ["demo", "later"]
    own_registry.server.command_here("member", "add", secret.path, "reporter", "reporter")
    mirror.start_over()
    assert mirror.names() == ["demo", "later", "secret"]
    assert mirror.holds(wheel("secret"))

    mirror.delete("secret")
    assert not (mirror.web / "simple" / "secret").exists()
    assert not mirror.file(wheel("secret")).exists()


def test_a_mirror_takes_back_what_is_quarantined(own_registry, environments, workstation):
    project = own_registry.project()
    project.publish(wheel("demo"))
    mirror = Mirror(own_registry, "reporter", environments, workstation)
    mirror.update()
    assert mirror.page("demo")
    project.set_status("demo", "quarantined", "malware")
    mirror.update()
    assert mirror.page("demo") == {}


def read_document(registry: Registry, name: str) -> dict[str, Any]:
    """What the instance's JSON API says of a package."""
    headers = basic(registry.tokens["reporter"])
    answer = registry.server.request("GET", f"/-/pypi/{name}/json", headers=headers)
    assert answer.status == 200, answer
    document: dict[str, Any] = json.loads(answer.body)
    return document


def delete(project: Project, name: str, version: str) -> None:
    """Delete a release."""
    releases = json.loads(project.api("GET", f"packages?package_name={name}").body)
    (found,) = [release["id"] for release in releases if release["version"] == version]
    answer = project.api("DELETE", f"packages/{found}")
    assert answer.status == 204, answer
