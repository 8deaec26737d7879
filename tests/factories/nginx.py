"""Debian's nginx with the configuration that we ship, on loopback."""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from tests.factories.certificates import Certificates

ABSENT: Final = "this machine has no nginx (on Debian: apt-get install nginx)"
SHIPPED: Final = Path(__file__).parents[2] / "deploy" / "nginx.conf"
PATIENCE: Final = 30

# What Debian's own nginx.conf has around it, where nobody but a test may write or listen.
_AROUND: Final = """
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    types {{ text/html html; }}
    default_type application/octet-stream;
    gzip on;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/pyregistry.conf;
}}
"""


def nginx_program() -> str:
    """The program. Skips where there is none; fails there with `CI=true`."""
    found = shutil.which("nginx", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{ABSENT}, and CI=true asks for it")
        pytest.skip(ABSENT)
    return found


def adapted(
    folder: Path, certificates: Certificates, servers: Sequence[int], files: Path, port: int
) -> str:
    """The shipped configuration with the lines changed that say "# change", and where to listen."""
    changes = {
        "server 127.0.0.1:6543 max_fails=0;": " ".join(
            f"server 127.0.0.1:{each} max_fails=0;" for each in servers
        ),
        "server_name packages.example.org;": "server_name localhost;",
        "return 301 https://packages.example.org/;": f"return 301 https://localhost:{port}/;",
        "ssl_certificate /etc/ssl/pyregistry/fullchain.pem;": (
            f"ssl_certificate {certificates.chain};"
        ),
        "ssl_certificate_key /etc/ssl/pyregistry/privkey.pem;": (
            f"ssl_certificate_key {certificates.chain};"
        ),
        "proxy_cache_path /var/cache/nginx-pyregistry-pages levels=1:2 use_temp_path=off": (
            f"proxy_cache_path {folder}/pages levels=1:2 use_temp_path=off"
        ),
        "alias /var/lib/pyregistry/files/;": f"alias {files}/;",
    }
    lines = []
    for line in SHIPPED.read_text().splitlines():
        directive, mark, _ = line.partition("  # change")
        lines.append(line.replace(directive.strip(), changes[directive.strip()]) if mark else line)
    text = "\n".join(lines)
    text = re.sub(r"listen \[::\].*\n", "", text)
    text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;")
    text = text.replace("listen 80;", f"listen unix:{folder}/http.socket;")
    return text.replace("/var/log/nginx/pyregistry.log", f"{folder}/access.log")


class Nginx:
    """nginx in front of servers, `servers` being their ports; `files` is their folder."""

    def __init__(
        self, folder: Path, certificates: Certificates, servers: Sequence[int], files: Path
    ) -> None:
        self._program = nginx_program()
        self.folder = folder
        self.certificates = certificates
        self.servers = servers
        self._files = files
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0
        folder.mkdir()

    @property
    def address(self) -> str:
        """The address, without a slash at its end."""
        return f"https://localhost:{self.port}"

    @property
    def access_log(self) -> str:
        """What has been logged until now."""
        return (self.folder / "access.log").read_text()

    @property
    def error_log(self) -> str:
        """What has gone wrong until now."""
        return (self.folder / "error.log").read_text()

    def start(self) -> None:
        """Check the configuration, start, and wait until it listens."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._write()
        checked = subprocess.run(
            [*self._command, "-t"], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert checked.returncode == 0, checked.stderr
        assert "[warn]" not in checked.stderr, checked.stderr
        self._process = subprocess.Popen(self._command, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while not self._listens():
            assert self._process.poll() is None, self.error_log
            assert time.monotonic() < deadline, "waited too long"
            time.sleep(0.02)

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE)

    @property
    def _command(self) -> list[str]:
        # The first log, until the configuration is read, is one that only root may write.
        return [
            self._program,
            *("-p", str(self.folder), "-c", str(self.folder / "nginx.conf")),
            *("-e", str(self.folder / "error.log")),
        ]

    def _write(self) -> None:
        user = "user root;" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(_AROUND.format(user=user, folder=self.folder))
        (self.folder / "pyregistry.conf").write_text(
            adapted(self.folder, self.certificates, self.servers, self._files, self.port)
        )

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
