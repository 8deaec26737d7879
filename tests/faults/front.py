"""nginx before the hosts."""

import http.client
import os
import re
import shutil
import ssl
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from tests.clients.environments import REPOSITORY
from tests.factories.certificates import new_certificates
from tests.faults.programs import PATIENCE, Program, until

_CONFIGURATION = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 512; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{site}
}}
"""


def _site(folder: Path, port: int, hosts: Sequence[int], certificate: Path) -> str:
    """deploy/nginx.conf with what an administrator changes, and with ports of its own."""
    text = (REPOSITORY / "deploy/nginx.conf").read_text()
    for pattern, changed in (
        (r"( *server )127\.0\.0\.1:6543(.*)", _servers(hosts)),
        (r"listen \[::\].*", ""),
        (r"listen 80;", f"listen unix:{folder}/plain.sock;"),
        (r"listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        (r"(ssl_certificate(_key)?) .*;", rf"\1 {certificate};"),
        (r"access_log \S+", f"access_log {folder}/access.log"),
        (r"alias /var/lib/pyregistry/files/", f"alias {folder}/files/"),
    ):
        text, number = re.subn(pattern, changed, text)
        assert number, f"deploy/nginx.conf has no {pattern}"
    return text


def _servers(hosts: Sequence[int]) -> str:
    """What takes the place of the one server in the file: each host in its manner."""
    return "\n".join(rf"\g<1>127.0.0.1:{host}\g<2>" for host in hosts)


def nginx_program() -> str:
    """Where nginx is. Skips the test where it is not, but in continuous integration."""
    # Debian keeps it where only administrators look.
    found = shutil.which("nginx", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
    if found is None:
        assert not os.environ.get("CI"), "nginx is not installed, and must be here"
        pytest.skip("nginx is not installed")
    return found


class Front:
    """nginx, which ends TLS and balances several hosts."""

    def __init__(self, folder: Path, port: int, hosts: Sequence[int]) -> None:
        """Nothing is started yet. `hosts` are the ports of the hosts."""
        self._folder = folder
        self.port = port
        folder.mkdir(parents=True)
        certificates = new_certificates(folder)
        self.trust = ssl.create_default_context(cafile=certificates.authority)
        site = _site(folder, port, hosts, certificates.chain)
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(
            _CONFIGURATION.format(folder=folder, user=user, site=site)
        )
        self._program = Program(folder / "nginx.log")

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        command = [nginx_program(), "-p", self._folder, "-c", self._folder / "nginx.conf"]
        command += ["-e", self._folder / "error.log"]
        self._program.start(command, {"PATH": os.environ["PATH"]}, self._folder)
        until(lambda: not self._program.runs or self._listens(), "nginx answered")
        assert self._program.runs, self._program.log

    def stop(self) -> None:
        """End it at once. Safe to repeat."""
        self._program.kill()

    @property
    def log(self) -> str:
        """What went wrong, as it says."""
        return (self._folder / "error.log").read_text()

    def connection(self) -> http.client.HTTPSConnection:
        """A client's connection to it."""
        return http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=PATIENCE, context=self.trust
        )

    def _listens(self) -> bool:
        with suppress(OSError):
            connection = self.connection()
            connection.connect()
            connection.close()
            return True
        return False
