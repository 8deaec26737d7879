"""A real OpenID Connect issuer on loopback, behind TLS, with real keys."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any

from joserfc.jwk import ECKey, JWKRegistry, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry, serialize_compact

from tests.factories.certificates import Certificates

DISCOVERY = "/.well-known/openid-configuration"
KEY_SET = "/keys"
Key = RSAKey | ECKey | OKPKey
Reply = tuple[int, dict[str, str], bytes]
_numbers = count(1)


@cache
def key_of(algorithm: str, name: str = "first") -> Key:
    """A key for an algorithm, made once: RSA keys take long."""
    kind, size = {
        "RS": ("RSA", 2048),
        "PS": ("RSA", 2048),
        "ES256": ("EC", "P-256"),
        "ES384": ("EC", "P-384"),
        "ES512": ("EC", "P-521"),
        "Ed": ("OKP", "Ed25519"),
    }[algorithm if algorithm.startswith("ES") else algorithm[:2]]
    key = JWKRegistry.generate_key(kind, size, {"kid": f"{kind}-{size}-{name}"})
    assert not isinstance(key, OctKey)
    return key


def encoded(value: object) -> str:
    """A part of a token: JSON, or bytes as they are."""
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(text).rstrip(b"=").decode()


def signed(header: Mapping[str, Any], payload: object, key: Any) -> str:
    """A token with any header and payload, signed with a key by the header's algorithm."""
    registry = JWSRegistry(algorithms=list(JWSRegistry.algorithms), strict_check_header=False)
    text = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return serialize_compact(dict(header), text, key, registry=registry)


class Issuer:
    """Publishes a discovery document and keys, and signs ID tokens.

    `replies` has what is answered at a path instead, `asked` the paths that were asked for.
    """

    def __init__(self, port: int) -> None:
        self.server = f"https://localhost:{port}"
        self.address = self.server
        """What it calls itself."""
        self.keys: list[dict[str, Any]] = [self.public(key_of("RS256"))]
        self.replies: dict[str, Reply | Callable[[], Reply]] = {}
        self.asked: list[str] = []

    @staticmethod
    def public(key: Key, **more: Any) -> dict[str, Any]:
        """A key as the issuer publishes it."""
        return {**key.as_dict(private=False), "use": "sig", **more}

    def reply(self, path: str) -> Reply:
        """What is answered at a path."""
        self.asked.append(path)
        found = self.replies.get(path)
        if found is not None:
            return found() if callable(found) else found
        if path == DISCOVERY:
            return ok({"issuer": self.address, "jwks_uri": self.server + KEY_SET})
        if path == KEY_SET:
            return ok({"keys": self.keys})
        return 404, {}, b"nothing here"

    def id_token(
        self,
        claims: Mapping[str, Any],
        *,
        algorithm: str = "RS256",
        key: Key | None = None,
        header: Mapping[str, Any] | None = None,
    ) -> str:
        """An ID token with these claims; a header of None leaves the parameter out."""
        key = key or key_of(algorithm)
        head = {"alg": algorithm, "typ": "JWT", "kid": key.kid, **(header or {})}
        return signed(
            {name: value for name, value in head.items() if value is not None}, claims, key
        )

    def claims(self, now: float, **more: Any) -> dict[str, Any]:
        """The claims of a job of GitLab; one of None is left out."""
        number = next(_numbers)
        claims = {
            "iss": self.address,
            "sub": "project_path:acme/core:ref_type:branch:ref:main",
            "aud": "pyregistry",
            "iat": int(now),
            "nbf": int(now) - 5,
            "exp": int(now) + 3600,
            "jti": f"token-{number}",
            "project_path": "acme/core",
            "project_id": "42",
            "namespace_path": "acme",
            "user_login": "ada",
            "user_email": "ada@example.org",
            "pipeline_id": "7",
            "job_id": "11",
            "ref": "main",
            "ref_type": "branch",
            "ref_protected": "true",
            "sha": "c0ffee" + "0" * 34,
            **more,
        }
        return {name: value for name, value in claims.items() if value is not None}


def ok(document: object) -> Reply:
    """A document in JSON."""
    return 200, {"Content-Type": "application/json"}, json.dumps(document).encode()


@contextmanager
def running_issuer(certificates: Certificates) -> Iterator[Issuer]:
    """An issuer that answers on loopback until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = issuer.reply(self.path)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):  # who asked has heard enough
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass  # a client that does not trust the certificate

    server = Server(("127.0.0.1", 0), Handler)
    # The handshake is the business of each connection's own thread.
    server.socket = certificates.server_context().wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    issuer = Issuer(server.server_address[1])
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
