"""What runs when the process stops."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationConflictError

from pyregistry.lifecycle import StopRegistry, lines_of_source_left_out


def run(program):
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )


def test_runs_once_the_last_first():
    ran = []
    registry = StopRegistry()
    registry.on_stop(lambda: ran.append("first"))
    registry.on_stop(lambda: ran.append("second"))
    registry.stop()
    registry.stop()
    assert ran == ["second", "first"]


def test_one_failure_is_logged_and_stops_none_of_the_others(caplog):
    ran = []
    registry = StopRegistry()
    registry.on_stop(lambda: ran.append("first"))
    registry.on_stop(lambda: 1 // 0)
    registry.stop()
    assert ran == ["first"]
    assert "ZeroDivisionError" in caplog.text


def test_what_is_registered_while_stopping_runs_too():
    ran = []
    registry = StopRegistry()
    registry.on_stop(lambda: registry.on_stop(lambda: ran.append("late")))
    registry.stop()
    assert ran == ["late"]


def test_runs_at_the_end_of_the_program():
    program = "from pyregistry.lifecycle import on_stop; on_stop(lambda: print('stopped'))"
    done = run(program)
    assert (done.returncode, done.stdout) == (0, "stopped\n")


def test_runs_once_where_stop_was_called_before_the_end():
    program = (
        "from pyregistry.lifecycle import on_stop, stop;"
        "on_stop(lambda: print('stopped')); stop(); print('end')"
    )
    done = run(program)
    assert done.stdout == "stopped\nend\n"


RARELY_USED = ("alembic", "boto3", "botocore", "docutils", "joserfc", "readme_renderer")
BUILT = """
import gc
import inspect
import sys
from pyregistry.lifecycle import building

# Who asks for a line of source reads and searches a whole file.
inspect.findsource = None

with building():
    assert not gc.isenabled()
    from pyregistry.config import build_components, configure
    from pyregistry.settings import Settings

    configure(build_components(Settings.parse({"pyregistry.data": "."}, {}))).make_wsgi_app()
assert gc.isenabled() and gc.get_freeze_count() > 100_000
print(sorted({name.partition(".")[0] for name in sys.modules} & set(sys.argv[1:])))
"""


def test_a_start_loads_nothing_that_few_requests_need(tmp_path):
    built = subprocess.run(
        [sys.executable, "-P", "-c", BUILT, *RARELY_USED],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert built.stdout == "[]\n"


TWINS = """
from pyramid.view import view_config

@view_config(name="page")
def one(request):
    return None

@view_config(name="page")
def another(request):
    return None
"""


def test_views_in_each_others_way_are_told_with_their_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "twin_views.py").write_text(TWINS)
    monkeypatch.syspath_prepend(str(tmp_path))
    config = Configurator()
    with lines_of_source_left_out():
        config.scan("twin_views")
    with pytest.raises(ConfigurationConflictError) as told:
        config.commit()
    for line in (4, 8):
        assert f"Line {line} of file {tmp_path}/twin_views.py" in str(told.value)
    frame = inspect.currentframe()
    assert frame is not None
    assert "getframeinfo" in (inspect.getframeinfo(frame).code_context or [""])[0]
