"""nginx: with pre-rendered files, and in front of a registry as deploy/nginx.conf has it."""

import os
import re
from pathlib import Path

from benchmarks.comparison import captures
from benchmarks.comparison.answers import checked
from benchmarks.comparison.asks import Ask, NotOffered, Question
from benchmarks.comparison.target import Upload, descendants, ended, started
from tests.factories.certificates import Certificates
from tests.factories.distributions import Distribution
from tests.factories.nginx import adapted, nginx_program
from tests.faults.programs import Program, lasting_ports

_AROUND = """
{user}
daemon off;
worker_processes auto;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    types {{ text/html html; }}
    default_type application/octet-stream;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{inside}
}}
"""

# The log of the shipped configuration: what is compared must do the same work.
_STATIC = """
    log_format registry '$remote_addr [$time_iso8601] "$request_method $uri'
                        ' $server_protocol" $status $body_bytes_sent $request_length $request_time'
                        ' $request_id "$http_user_agent"';
    server {{
        listen 127.0.0.1:{port};
        access_log {folder}/access.log registry;
        server_tokens off;
        open_file_cache max=1000;
        root {root};
        location / {{ default_type application/octet-stream; gzip_static on; }}
        location /simple/ {{
            types {{ }}
            default_type application/vnd.pypi.simple.v1+json;
            index index.json;
        }}
    }}
"""


class _Nginx:
    """One nginx process with its workers."""

    def __init__(self, folder: Path, label: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        (self.port,) = lasting_ports(1)
        self._label = label
        self._program = Program(folder / "output.log")

    def start(self, inside: str) -> None:
        """Start it with this inside of the block http."""
        user = "user root;" if os.geteuid() == 0 else ""
        config = self.folder / "nginx.conf"
        config.write_text(_AROUND.format(user=user, folder=self.folder, inside=inside))
        errors = str(self.folder / "error.log")
        command = [nginx_program(), "-p", str(self.folder), "-c", str(config), "-e", errors]
        self._program.start(command, os.environ, self.folder)
        started(self._program, self.port, self._label)

    def stop(self) -> None:
        """End it. Safe to repeat."""
        ended(self._program)

    @property
    def processes(self) -> list[int]:
        """The ids of its processes."""
        return descendants(self._program.pid)


class StaticNginx:
    """nginx with the answers of the registry as files: the limit of the machine."""

    name = "nginx"

    def __init__(self, folder: Path, answers: Path) -> None:
        self.answers = answers
        self._nginx = _Nginx(folder, self.name)

    def start(self) -> None:
        """Serve the captured answers."""
        port, folder = self._nginx.port, self._nginx.folder
        self._nginx.start(_STATIC.format(port=port, folder=folder, root=self.answers))

    def stop(self) -> None:
        """End it."""
        self._nginx.stop()

    def question(self, ask: Ask) -> Question:
        """A file by the key of the question."""
        if not (self.answers / ask.key).exists():
            raise NotOffered("the answer of the registry is not known")
        question = Question(self._nginx.port, f"/{ask.key}", ask.headers)
        if not ask.conditional:
            return question
        return with_validator(question)

    def upload(self, _distribution: Distribution) -> Upload:
        """Files cannot be published."""
        raise NotOffered("files cannot be published")

    @property
    def processes(self) -> list[int]:
        """The ids of its processes."""
        return self._nginx.processes


def with_validator(question: Question) -> Question:
    """The same with the entity-tag of its answer: 304 is what comes."""
    etag = checked(question).headers.get("etag")
    if etag is None:
        raise NotOffered("no ETag")
    headers = {**question.headers, "If-None-Match": etag}
    return Question(question.port, question.path, headers, 304)


class Front:
    """nginx in front of a registry: the shipped configuration, without TLS."""

    def __init__(self, folder: Path, server: int, files: Path) -> None:
        self._nginx = _Nginx(folder, "nginx in front")
        self._server, self._files = server, files

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._nginx.port

    def start(self) -> None:
        """Start it; the registry runs already."""
        nowhere = Certificates(Path("/"), Path("/"))
        text = adapted(self._nginx.folder, nowhere, [self._server], self._files, self.port)
        self._nginx.start(without_tls(text))

    def stop(self) -> None:
        """End it."""
        self._nginx.stop()

    @property
    def processes(self) -> list[int]:
        """The ids of its processes."""
        return self._nginx.processes


def without_tls(config: str) -> str:
    """A configuration whose servers speak HTTP: nobody else is measured with TLS."""
    config = re.sub(r"(listen 127\.0\.0\.1:\d+) ssl;", r"\1;", config)
    return re.sub(r"(?m)^\s*ssl_\w+ .*\n", "", config)


def keep_answer(folder: Path, ask: Ask, question: Question) -> None:
    """Write down what the registry answers, for those who serve the same."""
    captures.keep(folder, ask.key, checked(question))
