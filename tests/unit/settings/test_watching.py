"""Settings of the log and of the metrics, and the section that all settings stand in."""

from pathlib import Path

import pytest

from pyregistry.settings import SettingsError, application_section
from tests.unit.settings.support import parse

SECRET = "never-shown-" + "x" * 20


def test_what_holds_where_nothing_is_said() -> None:
    settings = parse()
    assert (settings.logs_format, settings.metrics_token, settings.metrics_folder) == (
        "text",
        None,
        None,
    )


def test_the_token_is_taken_from_the_environment_alone() -> None:
    settings = parse(environ={"PYREGISTRY_METRICS_TOKEN": SECRET})
    assert settings.metrics_token == SECRET
    assert SECRET not in repr(settings)
    with pytest.raises(SettingsError, match="PYREGISTRY_METRICS_TOKEN") as refused:
        parse({"pyregistry.metrics.token": SECRET})
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("wrong", ["too-short", "with a space " * 3, "ä" * 30, "x" * 513])
def test_a_token_must_fit_into_a_header(wrong: str) -> None:
    with pytest.raises(SettingsError, match="give 20 to 512 printable") as refused:
        parse(environ={"PYREGISTRY_METRICS_TOKEN": wrong})
    assert wrong not in str(refused.value)


def test_the_folder_has_the_name_that_other_guides_use() -> None:
    settings = parse(environ={"PROMETHEUS_MULTIPROC_DIR": "/run/metrics"})
    assert settings.metrics_folder == Path("/run/metrics")


def test_the_section_of_the_application() -> None:
    def found(pipeline: str | None, *names: str) -> str:
        named = {name: {"use": "egg:something"} for name in names}
        if pipeline is not None:
            named["pipeline:main"] = {"pipeline": pipeline}
        return application_section(named, named.__getitem__)

    assert found(None, "app:main") == "app:main"
    assert found("errors other", "app:main", "app:other") == "app:main"
    assert found("errors  timing\nregistry", "app:registry") == "app:registry"
    assert found("", "app:registry") == "app:main"
    assert found(None, "server:main") == "app:main"
