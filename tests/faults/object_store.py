"""An S3 service of several servers: SeaweedFS with a copy of every object on another one."""

import http.client
import json
import os
from contextlib import suppress
from pathlib import Path

from pyregistry.storage.s3.bucket import make_bucket
from pyregistry.storage.s3.client import LazyClients
from tests.clients.environments import OWN_COMMANDS
from tests.factories.seaweedfs import S3Service, identities
from tests.faults.programs import Program, lasting_ports, until

VOLUME_SERVERS = 3
REPLICATION = "001"
"""One copy more, on another server of the same rack."""


class ObjectStore(S3Service):
    """A master, three volume servers, and a filer with the S3 service; on loopback."""

    def __init__(self, folder: Path) -> None:
        """Nothing is started yet."""
        self._folder = folder
        folder.mkdir(parents=True)
        self._programs: dict[str, Program] = {}
        self._commands: dict[str, list[str]] = {}

    def start(self) -> None:
        """Start all of it, and wait until it takes objects."""
        self._configure()
        for name in self._commands:
            self._start(name)
        until(self._has_all_volume_servers, "the volume servers had told the master of themselves")
        until(lambda: _answers(self.port, "/healthz"), "the S3 service answered")
        make_bucket(
            LazyClients(self.options(self._folder)).get().service,
            self.options(self._folder, create_bucket=True),
        )

    def stop(self) -> None:
        """End all of it at once; safe where it was never started."""
        for program in reversed(self._programs.values()):
            program.kill()

    def kill_volume_server(self, number: int) -> None:
        """End a volume server, 0 to 2, by SIGKILL."""
        self._programs[f"volume{number}"].kill()

    def start_volume_server(self, number: int) -> None:
        """Start it again, and wait until the master knows it."""
        self._start(f"volume{number}")
        until(self._has_all_volume_servers, "the volume server was back")

    def _configure(self) -> None:
        (self._folder / "s3.json").write_text(json.dumps(identities()))
        # A few volumes on each pair of servers, so that some can be written to without any one.
        (self._folder / "master.toml").write_text("[master.volume_growth]\ncopy_2 = 6\n")
        ports = lasting_ports(4 + 2 * VOLUME_SERVERS + 2)
        pair = [(ports[at], ports[at + 1]) for at in range(0, len(ports), 2)]
        (self._master, _), (self._filer, _), (self._s3, _), *volumes = pair
        common = {"ip": "127.0.0.1", "ip.bind": "127.0.0.1"}
        master = f"127.0.0.1:{pair[0][0]}.{pair[0][1]}"
        self._add(
            "master",
            {
                **common,
                "mdir": self._place("master"),
                "port": pair[0][0],
                "port.grpc": pair[0][1],
                "peers": "none",
                "defaultReplication": REPLICATION,
                "volumeSizeLimitMB": 64,
                "telemetry": "false",
            },
        )
        for number, (port, grpc) in enumerate(volumes):
            self._add(
                f"volume{number}",
                {
                    **common,
                    "dir": self._place(f"volume{number}"),
                    "port": port,
                    "port.grpc": grpc,
                    "master": master,
                    "max": 40,
                    "minFreeSpace": "100MiB",
                    "preStopSeconds": 0,
                },
            )
        self._add(
            "filer",
            {
                **common,
                "defaultStoreDir": self._place("filer"),
                "port": pair[1][0],
                "port.grpc": pair[1][1],
                "master": master,
                "localSocket": self._folder / "filer.sock",
            },
        )
        self._add(
            "s3",
            {
                **common,
                "port": pair[2][0],
                "port.grpc": pair[2][1],
                "port.iceberg": 0,
                "port.lance": 0,
                "filer": f"127.0.0.1:{pair[1][0]}.{pair[1][1]}",
                "localSocket": self._folder / "s3.sock",
                "autoCreateBucket": "false",
                "config": self._folder / "s3.json",
            },
        )

    @property
    def port(self) -> int:
        """The port of its S3 service."""
        return self._s3

    def _place(self, name: str) -> Path:
        folder = self._folder / name
        folder.mkdir()
        return folder

    def _add(self, name: str, options: dict[str, object]) -> None:
        kind = name.rstrip("012")  # of volume0 and so on
        arguments = [f"-{option}={value}" for option, value in options.items()]
        self._commands[name] = [str(OWN_COMMANDS / "weed"), kind, *arguments]
        self._programs[name] = Program(self._folder / f"{name}.log")

    def _start(self, name: str) -> None:
        environ = {"HOME": str(self._folder), "PATH": os.environ["PATH"]}
        self._programs[name].start(self._commands[name], environ, self._folder)

    def _has_all_volume_servers(self) -> bool:
        body = _asked(self._master, "/dir/status")
        if body is None:
            return False
        nodes = [
            node
            for center in json.loads(body)["Topology"].get("DataCenters") or ()
            for rack in center["Racks"]
            for node in rack["DataNodes"]
        ]
        return len(nodes) == VOLUME_SERVERS


def _answers(port: int, path: str) -> bool:
    return _asked(port, path) is not None


def _asked(port: int, path: str) -> bytes | None:
    with suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status == 200:
            return body
    return None
