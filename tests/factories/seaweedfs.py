"""A real S3 server of a test process: SeaweedFS, whose program a wheel brings."""

import http.client
import json
import os
import socket
import subprocess
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from pyregistry.storage.s3.bucket import make_bucket
from pyregistry.storage.s3.client import LazyClients
from pyregistry.storage.s3.options import S3Options
from tests.clients.environments import OWN_COMMANDS

PATIENCE = 120
BUCKET = "registry"
ACCESS_KEY = "tests-access-key"
SECRET_KEY = "tests-secret-key"
READER_KEY = "reader-access-key"
"""The access key of somebody who may read and list, and nothing else; the secret is the same."""

_PARTS = ("master", "volume", "filer", "s3")


class S3Service:
    """What serves a bucket on loopback, and how a registry reaches it."""

    @property
    def port(self) -> int:
        """The port of its S3 service."""
        raise NotImplementedError

    @property
    def endpoint(self) -> str:
        """The address of its S3 service."""
        return f"http://127.0.0.1:{self.port}"

    def options(self, spool_folder: Path, **options: Any) -> S3Options:
        """The options of a storage in a part of the bucket that nothing else uses."""
        return S3Options(
            **{
                "bucket": BUCKET,
                "spool_folder": spool_folder,
                "endpoint": self.endpoint,
                "region": "us-east-1",
                "prefix": f"tests/{uuid4().hex}",
                "addressing": "path",
                "access_key": ACCESS_KEY,
                "secret_key": SECRET_KEY,
                "retries": 0,
                **options,
            }
        )

    def environ(self, **settings: str) -> dict[str, str]:
        """The environment of a registry that keeps its files here, in a part of its own."""
        values = {
            "bucket": BUCKET,
            "endpoint": self.endpoint,
            "region": "us-east-1",
            "prefix": f"tests/{uuid4().hex}",
            "addressing": "path",
            "access_key": ACCESS_KEY,
            "secret_key": SECRET_KEY,
            **settings,
        }
        prefix = "PYREGISTRY_STORAGE"
        return {
            prefix: "s3",
            **{f"{prefix}_S3_{name.upper()}": value for name, value in values.items()},
        }


class SeaweedFS(S3Service):
    """A server on free loopback ports, which keeps its data in a folder."""

    def __init__(self, folder: Path) -> None:
        """Start it and wait until it takes objects."""
        self._folder = folder
        folder.mkdir(parents=True)
        self._configure()
        for _ in range(5):
            self._start()
            if self._answers():
                make_bucket(
                    LazyClients(self.options(folder)).get().service,
                    self.options(folder, create_bucket=True),
                )
                return
            self.stop()
        pytest.fail(f"SeaweedFS did not start:\n{self._log.read_text()[-3000:]}")

    @property
    def port(self) -> int:
        """The port of its S3 service."""
        return self._ports["s3"]

    def stop(self) -> None:
        """End it at once: a normal stop takes half a minute, and nobody wants its data."""
        self._process.kill()
        self._process.wait(PATIENCE)

    def _configure(self) -> None:
        (self._folder / "s3.json").write_text(json.dumps(identities()))
        # One volume for each bucket and not seven: each takes room and time.
        (self._folder / "master.toml").write_text("[master.volume_growth]\ncopy_1 = 1\n")

    def _start(self) -> None:
        names = [name for part in _PARTS for name in (f"{part}.port", f"{part}.port.grpc")]
        self._ports = {
            name.removesuffix(".port"): port
            for name, port in zip(names, free_ports(len(names)), strict=True)
        }
        options = {
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "dir": self._folder,
            "master.volumeSizeLimitMB": 128,
            "master.telemetry": "false",
            "volume.max": 20,
            "s3": "true",
            "s3.autoCreateBucket": "false",
            "s3.config": self._folder / "s3.json",
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
            **{name: self._ports[name.removesuffix(".port")] for name in names},
        }
        arguments = [f"-{name}={value}" for name, value in options.items()]
        self._log = self._folder / "server.log"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [OWN_COMMANDS / "weed", "server", *arguments],
                env={"HOME": str(self._folder), "PATH": os.environ["PATH"]},
                cwd=self._folder,
                stdout=log,
                stderr=log,
            )

    def _answers(self) -> bool:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self._process.poll() is None:
            with suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return True
            time.sleep(0.1)
        return False


def free_ports(number: int) -> list[int]:
    """So many ports of this machine that nothing uses at the moment."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(number)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def identities() -> dict[str, object]:
    """Who may do what, as the S3 service reads it."""
    return {
        "identities": [
            _identity("tests", ACCESS_KEY, ["Admin", "Read", "Write", "List", "Tagging"]),
            _identity("reader", READER_KEY, ["Read", "List"]),
        ]
    }


def _identity(name: str, access_key: str, actions: list[str]) -> dict[str, object]:
    keys = [{"accessKey": access_key, "secretKey": SECRET_KEY}]
    return {"name": name, "credentials": keys, "actions": actions}
