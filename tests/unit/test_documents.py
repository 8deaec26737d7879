"""Documents that must keep up with the code."""

import re
import tomllib
from pathlib import Path

import pytest

LINK = re.compile(r"\]\((?!https?:)([^)#]+)[^)]*\)")


def test_every_dependency_is_explained(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text())
    requirements = [
        *project["project"]["dependencies"],
        *(
            entry
            for extra in project["project"]["optional-dependencies"].values()
            for entry in extra
        ),
        *project["dependency-groups"]["build"],
        *(entry for entry in project["dependency-groups"]["test"] if isinstance(entry, str)),
    ]
    names = {re.split(r"[ \[<>=~]", requirement)[0] for requirement in requirements}
    explained = (repository / "docs/dependencies.md").read_text()
    assert {name for name in names if name not in explained} == set()


@pytest.mark.parametrize(
    "lock", ["requirements.lock", "requirements-test.lock", "requirements-production.lock"]
)
def test_locks_pin_exactly_with_digests_and_name_no_index(repository: Path, lock: str) -> None:
    text = (repository / lock).read_text()
    assert "://" not in text
    assert "index-url" not in text
    requirements = re.split(r"\n(?=\S)", text.strip())
    pinned = [entry for entry in requirements if not entry.startswith("#")]
    assert pinned
    for entry in pinned:
        assert re.match(r"[a-z0-9.-]+(\[[a-z]+\])?==", entry), entry
        assert "--hash=sha256:" in entry, entry


@pytest.mark.parametrize(
    ("lock", "extras"), [("requirements.lock", False), ("requirements-production.lock", True)]
)
def test_locks_hold_everything_that_an_installation_asks_for(
    repository: Path, lock: str, extras: bool
) -> None:
    """Hosts without an index find nothing else."""
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    wanted = list(project["dependencies"])
    if extras:
        wanted += [each for extra in project["optional-dependencies"].values() for each in extra]
    names = {re.split(r"[ \[<>=~]", each)[0].lower().replace(".", "-") for each in wanted}
    locked = set(
        re.findall(r"^([a-z0-9.-]+)(?:\[[a-z]+\])?==", (repository / lock).read_text(), re.M)
    )
    assert names - locked == set()


def test_links_between_documents_lead_somewhere(repository: Path) -> None:
    documents = [repository / "README.md", *sorted((repository / "docs").glob("*.md"))]
    for document in documents:
        for target in LINK.findall(document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_extras_are_explained_and_not_locked(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text())
    explained = (repository / "docs/dependencies.md").read_text()
    locked = (repository / "requirements.lock").read_text()
    for extra in project["project"]["optional-dependencies"]:
        assert f"the extra `{extra}`" in explained
        assert not re.search(rf"^{extra}==", locked, re.MULTILINE)


def test_the_guide_installs_everything_that_is_there_to_be_deployed(repository: Path) -> None:
    guide = (repository / "docs/deployment.md").read_text()
    blocks = "".join(re.findall(r"^```sh\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL))
    shipped = [f"deploy/{file.name}" for file in (repository / "deploy").iterdir()]
    assert shipped
    assert [file for file in shipped if file not in blocks] == []
