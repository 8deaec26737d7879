"""The folder in which the processes of one host count together.

prometheus_client decides when it is first imported whether metrics lie in the memory of the process
or in files of a folder. So this module imports nothing of it, and `share` comes before what does.
"""

import fcntl
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pyregistry.settings.errors import SettingsError

_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Where prometheus_client looks for the folder."""
_LIBRARY: Final = "prometheus_client"
_LOCK: Final = "in-use.lock"
_FILE: Final = re.compile(r"(?:counter|histogram|gauge_[a-z]+)_([0-9]+)\.db")
_OF_THE_LIVING: Final = ("livesum", "liveall", "livemin", "livemax", "livemostrecent")
_FOLDER_MODE: Final = 0o750
_FILE_MODE: Final = 0o640


def share(folder: Path) -> None:
    """Count in `folder`, together with whoever does so already, until this process ends.

    The first to come removes what others have left: their counts are over. Later ones, such as
    workers that a server starts anew, go on with what there is; the counts of workers that ended
    stay. Children that are forked later count there, too.

    Raises `SettingsError` where the folder cannot be used, or where it is too late.
    """
    if _LIBRARY in sys.modules and _VARIABLE not in os.environ:
        raise SettingsError(
            f"pyregistry.metrics.folder comes too late: something has loaded {_LIBRARY} already;"
            f" name the folder in the environment, as {_VARIABLE}."
        )
    try:
        folder.mkdir(_FOLDER_MODE, parents=True, exist_ok=True)
        # Kept open as long as the process lives: a lock ends with the last who holds it, however
        # that ends. Children inherit it.
        lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, _FILE_MODE)
        _clean_if_first(folder, lock)
        fcntl.flock(lock, fcntl.LOCK_SH)
    except OSError as error:
        raise SettingsError(
            f"pyregistry.metrics.folder = {str(folder)!r} cannot be used: {error.strerror}."
        ) from None
    os.environ[_VARIABLE] = str(folder)


def shared_folder() -> Path | None:
    """The folder that this process counts in; None where it counts for itself."""
    found = os.environ.get(_VARIABLE)
    return Path(found) if found else None


def processes_of(folder: Path) -> tuple[list[int], list[int]]:
    """The ids of those who count in a folder: of processes that live, and of those that ended."""
    found = sorted({process for process, _ in _files(folder)})
    alive = [process for process in found if _is_alive(process)]
    return alive, [process for process in found if process not in alive]


def files_of(folder: Path) -> list[str]:
    """The files that hold counts; one that its process has only just made holds none."""
    return [str(file) for _, file in _files(folder) if _size(file)]


def forget_living(folder: Path, process: int) -> None:
    """Remove what a process that has ended had in use; what it has counted stays."""
    for kind in _OF_THE_LIVING:
        (folder / f"gauge_{kind}_{process}.db").unlink(missing_ok=True)


def _clean_if_first(folder: Path, lock: int) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    for _, file in _files(folder):
        file.unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[tuple[int, Path]]:
    """The files of metrics, and whose they are; what else lies in the folder is not touched."""
    for file in list(folder.iterdir()):
        if (match := _FILE.fullmatch(file.name)) is not None:
            yield int(match[1]), file


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0  # somebody else has seen that its process ended


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
