"""A registry with one of its folders on a disk of a few megabytes, which a test fills."""

import errno
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from shutil import disk_usage

from tests.clients.server import Server

SIZE = 4 * 1024 * 1024
_BALLAST = "ballast"
_OWN_USERS = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
# What the folder holds already is on the new disk as well.
_MOUNT = f"""
set -e
mount -t tmpfs -o size={SIZE} tmpfs /mnt
cp -a "$0/." /mnt
mount --move /mnt "$0"
exec "$@"
"""


def small_disks_can_be_had() -> bool:
    """Whether this machine lets whoever runs the tests mount something for themselves."""
    if shutil.which("unshare") is None or shutil.which("nsenter") is None:
        return False
    command = ["unshare", *_OWN_USERS, "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


class OnSmallDisk(Server):
    """A server that alone sees a small disk at the place of one of its folders."""

    def __init__(self, repository: Path, folder: Path, small: str, **environ: str) -> None:
        """`small` is which folder inside the folder of data."""
        super().__init__(repository, folder, **environ)
        self._small = self.data / small

    @property
    def start_command(self) -> list[str]:
        """What starts the server, in a namespace of its own."""
        alone = ["unshare", *_OWN_USERS, "--mount", "sh", "-c", _MOUNT, str(self._small)]
        return [*alone, *super().start_command]

    @property
    def disk(self) -> Path:
        """The folder, as the server sees it."""
        return Path(f"/proc/{self.pid}/root{self._small}")

    def fill(self, room: int = 0) -> None:
        """Leave no more than so many bytes on the disk."""
        with (self.disk / _BALLAST).open("ab", buffering=0) as ballast:
            try:
                while (left := disk_usage(self.disk).free - room) > 0:
                    ballast.write(bytes(min(left, 4096)))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def empty(self) -> None:
        """Make room again."""
        (self.disk / _BALLAST).unlink()

    def remount(self, mode: str) -> None:
        """Let it be read only (`ro`), or written to again (`rw`)."""
        self._inside(["mount", "-o", f"remount,{mode}", str(self._small)])

    def _inside(self, command: Sequence[str]) -> None:
        users = ["--user", "--preserve-credentials"] if _OWN_USERS else []
        enter = ["nsenter", "--target", str(self.pid), *users, "--mount"]
        subprocess.run([*enter, *command], check=True)
