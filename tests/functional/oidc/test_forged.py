"""Forged, stale and foreign ID tokens: each refused with its reason, and nothing is left."""

from base64 import urlsafe_b64decode
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import JWKRegistry, OctKey
from sqlalchemy import URL

from tests.conftest import NewDatabase
from tests.factories.certificates import Certificates
from tests.factories.issuer import Issuer, encoded, key_of, running_issuer, signed
from tests.functional.oidc.support import MINT, Trusting, refusal_of

pytestmark = pytest.mark.thorough

HEADER = {"alg": "RS256", "kid": "RSA-2048-first", "typ": "JWT"}
DAY = 86400


@pytest.fixture
def database_url(new_sqlite: NewDatabase) -> URL:
    """Nothing here gets as far as the database: it need not be asked on each kind."""
    return new_sqlite()


def parts(token: str) -> list[str]:
    return token.split(".")


def with_signature_of(token: str, other: str) -> str:
    return ".".join((*parts(other)[:2], parts(token)[2]))


class TestSignature:
    """Only what the issuer itself signed, by an algorithm of its key, is believed."""

    def refused(self, trusting: Trusting, token: str) -> str:
        code, sentence = trusting.refused(token)
        assert code == "invalid-token"
        return sentence

    @pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE"])
    def test_no_algorithm(self, trusting: Trusting, algorithm: str) -> None:
        header, payload = encoded({**HEADER, "alg": algorithm}), encoded(trusting.claims())
        signature = parts(trusting.token())[2]
        for token in (f"{header}.{payload}.", f"{header}.{payload}.{signature}"):
            self.refused(trusting, token)

    @pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
    @pytest.mark.parametrize("form", ["pem", "der", "modulus", "jwk"])
    def test_the_public_key_is_no_secret(
        self, trusting: Trusting, algorithm: str, form: str
    ) -> None:
        key = key_of("RS256")
        public = JWKRegistry.import_key(key.as_dict(private=False))
        secret = {
            "pem": public.as_pem,
            "der": public.as_der,
            "modulus": lambda: urlsafe_b64decode(str(public["n"]) + "=="),
            "jwk": lambda: str(public.as_dict()).encode(),
        }[form]()
        key_of_hmac = OctKey(secret, secret)
        token = signed({**HEADER, "alg": algorithm}, trusting.claims(), key_of_hmac)
        assert "algorithms" in self.refused(trusting, token)

    def test_a_symmetric_key_that_the_issuer_publishes(self, trusting: Trusting) -> None:
        secret = OctKey.generate_key(256, {"kid": "secret"})
        trusting.issuer.keys.append({**secret.as_dict(private=True), "use": "sig"})
        self.refused(trusting, signed({"alg": "HS256", "kid": "secret"}, trusting.claims(), secret))

    def test_another_key_under_the_same_name(self, trusting: Trusting) -> None:
        stranger = key_of("RS256", "stranger")
        token = trusting.issuer.id_token(
            trusting.claims(), key=stranger, header={"kid": key_of("RS256").kid}
        )
        assert "signature" in self.refused(trusting, token)

    def test_another_key_under_its_own_name(self, trusting: Trusting) -> None:
        token = trusting.issuer.id_token(trusting.claims(), key=key_of("RS256", "stranger"))
        assert "does not publish" in self.refused(trusting, token)

    @pytest.mark.parametrize(
        "kid", ["../keys", "/etc/passwd", "' OR 1=1 --", "x" * 3000, "", "\x00"]
    )
    def test_names_of_keys_that_are_addresses(self, trusting: Trusting, kid: str) -> None:
        self.refused(trusting, trusting.issuer.id_token(trusting.claims(), header={"kid": kid}))
        assert set(trusting.issuer.asked) <= {"/.well-known/openid-configuration", "/keys"}

    @pytest.mark.parametrize("kid", [1, True, ["RSA-2048-first"], {}])
    def test_names_of_keys_that_are_no_text(self, trusting: Trusting, kid: object) -> None:
        signature = parts(trusting.token())[2]
        header = encoded({**HEADER, "kid": kid})
        self.refused(trusting, f"{header}.{encoded(trusting.claims())}.{signature}")

    @pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c", "crit", "b64"])
    def test_headers_that_bring_a_key_along(self, trusting: Trusting, name: str) -> None:
        stranger = key_of("RS256", "stranger")
        value = {
            "jwk": stranger.as_dict(private=False),
            "jku": f"{trusting.issuer.server}/stranger",
            "x5u": f"{trusting.issuer.server}/stranger",
            "x5c": ["AAAA"],
            "crit": ["kid"],
            "b64": True,
        }[name]
        for key in (stranger, key_of("RS256")):
            token = trusting.issuer.id_token(trusting.claims(), key=key, header={name: value})
            assert name in self.refused(trusting, token)
        assert "/stranger" not in trusting.issuer.asked

    def test_a_header_that_nobody_knows_is_ignored(self, trusting: Trusting) -> None:
        trusting.mint(trusting.issuer.id_token(trusting.claims(), header={"x5t": "a", "more": 1}))

    @pytest.mark.parametrize(
        ("published", "used"),
        [("RS256", "ES256"), ("ES256", "ES384"), ("ES256", "RS256"), ("Ed25519", "ES256")],
    )
    def test_the_algorithm_of_another_type_of_key(
        self, trusting: Trusting, published: str, used: str
    ) -> None:
        key = key_of(published)
        trusting.issuer.keys = [trusting.issuer.public(key)]
        token = trusting.issuer.id_token(trusting.claims(), algorithm=used, header={"kid": key.kid})
        self.refused(trusting, token)

    def test_an_algorithm_that_the_key_is_not_for(self, trusting: Trusting) -> None:
        trusting.issuer.keys = [trusting.issuer.public(key_of("RS256"), alg="RS256")]
        self.refused(trusting, trusting.issuer.id_token(trusting.claims(), algorithm="PS256"))

    @pytest.mark.parametrize("more", [{"use": "enc"}, {"key_ops": ["sign"], "use": None}])
    def test_a_key_that_is_not_for_signatures(
        self, trusting: Trusting, more: dict[str, Any]
    ) -> None:
        key = trusting.issuer.public(key_of("RS256"), **more)
        trusting.issuer.keys = [{name: value for name, value in key.items() if value}]
        self.refused(trusting, trusting.token())

    def test_an_algorithm_that_is_not_taken(self, trusting: Trusting) -> None:
        trusting.issuer.keys = [trusting.issuer.public(key_of("ES512"))]
        self.refused(trusting, trusting.issuer.id_token(trusting.claims(), algorithm="ES512"))

    def test_a_short_key(self, trusting: Trusting) -> None:
        with pytest.warns(UserWarning, match="2048"):
            short = JWKRegistry.generate_key("RSA", 1024, {"kid": "short"})
        trusting.issuer.keys = [{**short.as_dict(private=False), "use": "sig"}]
        with pytest.warns(UserWarning, match="2048"):
            self.refused(trusting, trusting.issuer.id_token(trusting.claims(), key=short))

    def test_a_key_whose_private_part_is_published(self, trusting: Trusting) -> None:
        trusting.issuer.keys = [{**key_of("RS256").as_dict(private=True), "use": "sig"}]
        self.refused(trusting, trusting.token())

    def test_without_a_name_where_several_keys_fit(self, trusting: Trusting) -> None:
        token = trusting.issuer.id_token(trusting.claims(), header={"kid": None})
        second = trusting.issuer.public(key_of("RS256", "second"))
        elliptic = trusting.issuer.public(key_of("ES256"))
        trusting.issuer.keys += [second, elliptic]
        self.refused(trusting, token)
        trusting.issuer.keys.remove(second)
        trusting.world.clock.advance(minutes=2)
        trusting.mint(token)

    def test_two_keys_of_one_name(self, trusting: Trusting) -> None:
        other = key_of("RS256", "stranger").as_dict(private=False)
        trusting.issuer.keys.append({**other, "use": "sig", "kid": key_of("RS256").kid})
        self.refused(trusting, trusting.token())

    def test_claims_that_were_changed(self, trusting: Trusting) -> None:
        token = trusting.token(project_path="mallory/core")
        changed = trusting.token()
        assert "signature" in self.refused(trusting, with_signature_of(token, changed))

    def test_a_signature_that_was_cut(self, trusting: Trusting) -> None:
        token = trusting.token()
        for wrong in (token[:-4], token[:-1], f"{token}A", f"{token}AAAA"):
            self.refused(trusting, wrong)


class TestTimes:
    """The clock of the registry decides, and gives 30 seconds."""

    def moment(self, trusting: Trusting, seconds: float) -> float:
        return trusting.world.clock().timestamp() + seconds

    @pytest.mark.parametrize(
        ("claim", "seconds", "said"),
        [
            ("exp", -30, "expired"),
            ("exp", -DAY, "expired"),
            ("exp", -30.0, "expired"),
            ("nbf", 31, "not valid yet"),
            ("nbf", DAY, "not valid yet"),
            ("iat", 31, "not valid yet"),
            ("iat", -DAY - 1, "24 hours"),
        ],
    )
    def test_out_of_time(self, trusting: Trusting, claim: str, seconds: float, said: str) -> None:
        token = trusting.token(**{claim: self.moment(trusting, seconds)})
        code, sentence = trusting.refused(token)
        assert code == "invalid-token"
        assert said in sentence

    @pytest.mark.parametrize(
        ("claim", "seconds"),
        [("exp", -29), ("nbf", 30), ("nbf", -400 * DAY), ("iat", 30), ("iat", -DAY + 1)],
    )
    def test_in_time(self, trusting: Trusting, claim: str, seconds: float) -> None:
        trusting.mint(trusting.token(**{claim: self.moment(trusting, seconds)}))

    def test_without_nbf(self, trusting: Trusting) -> None:
        trusting.mint(trusting.token(nbf=None))

    @pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
    @pytest.mark.parametrize("value", ["1", True, [1], -1, 10**30, 1e300, {}])
    def test_what_is_no_time(self, trusting: Trusting, claim: str, value: object) -> None:
        code, sentence = trusting.refused(trusting.token(**{claim: value}))
        assert code == "invalid-token"
        assert claim in sentence

    @pytest.mark.parametrize("claim", ["exp", "iat", "jti", "aud", "iss"])
    def test_what_every_token_has(self, trusting: Trusting, claim: str) -> None:
        assert trusting.refused(trusting.token(**{claim: None}))[0] == "invalid-token"

    @pytest.mark.parametrize("jti", ["", 1, True, ["a"], {}])
    def test_what_is_no_jti(self, trusting: Trusting, jti: object) -> None:
        code, sentence = trusting.refused(trusting.token(jti=jti))
        assert code == "invalid-token"
        assert "jti" in sentence


class TestForm:
    """What is no ID token at all."""

    @pytest.mark.parametrize(
        "token",
        [
            "",
            "a",
            "a.b",
            "a.b.c",
            "a.b.c.d",
            "a.b.c.d.e",
            "..",
            "a..c",
            "Ω.Ω.Ω",
            "a.b.c\n",
            " a.b.c",
            "a+/=.b.c",
            "pyrpat_" + "A" * 49,
            "\x00.\x00.\x00",
            "\ud800.a.a",
        ],
    )
    def test_nonsense(self, trusting: Trusting, token: str) -> None:
        assert trusting.refused(token)[0] == "invalid-token"
        assert trusting.issuer.asked == []

    @pytest.mark.parametrize("token", [None, 1, True, [], ["a.b.c"], {"token": "a.b.c"}])
    def test_a_token_that_is_no_text(self, trusting: Trusting, token: object) -> None:
        assert trusting.refused(token)[0] == "invalid-payload"

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"token=a.b.c",
            b"null",
            b"[]",
            b'"a.b.c"',
            b"{",
            b"\xff\xfe",
            b'\xef\xbb\xbf{"token": "a.b.c"}',
            b'{"token": "a.b.c", "token": "a.b.c"}',
            b'{"token": NaN}',
            b'{"token": 1e999}',
            b"[" * 50_000,
            b'{"token": ' + b'{"a":' * 5000,
            b'{"token": "' + b"a" * 70_000 + b'"}',
        ],
    )
    def test_a_body_that_is_none(self, trusting: Trusting, body: bytes) -> None:
        code, _ = refusal_of(trusting.app.post(MINT, body, status=422))
        assert code == "invalid-payload"

    def test_too_long(self, trusting: Trusting) -> None:
        code, sentence = trusting.refused(trusting.token(padding="x" * 16384))
        assert code == "invalid-token"
        assert "16384" in sentence
        trusting.mint(trusting.token(padding="x" * 10_000))

    @pytest.mark.parametrize(
        "payload",
        [
            b"",
            b"null",
            b"[]",
            b'"x"',
            b"not json",
            b"\xff",
            b"[" * 3000,
            b'{"iss": NaN}',
            b'{"iss": 1' + b"0" * 5000 + b"}",
        ],
    )
    def test_a_payload_that_is_no_object(self, trusting: Trusting, payload: bytes) -> None:
        token = signed(HEADER, payload or b"{}x", key_of("RS256"))
        assert trusting.refused(token)[0] == "invalid-token"

    @pytest.mark.parametrize(
        "header", [b"[]", b"null", b'"alg"', b"{}", b"{", b'{"alg": ["RS256"]}']
    )
    def test_a_header_that_is_no_object(self, trusting: Trusting, header: bytes) -> None:
        _, payload, signature = parts(trusting.token())
        assert trusting.refused(f"{encoded(header)}.{payload}.{signature}")[0] == "invalid-token"

    def test_a_claim_that_comes_twice(self, trusting: Trusting) -> None:
        """Who of two readers would take the first, and who the last?"""
        claims = str(trusting.claims(project_path="mallory/core")).replace("'", '"')
        doubled = claims[:-1] + ', "project_path": "acme/core"}'
        token = signed(HEADER, doubled.encode(), key_of("RS256"))
        assert "JSON object" in trusting.refused(token)[1]

    def test_a_header_that_comes_twice(self, trusting: Trusting) -> None:
        header = encoded(b'{"alg": "none", "alg": "RS256", "kid": "RSA-2048-first"}')
        _, payload, signature = parts(trusting.token())
        assert "header" in trusting.refused(f"{header}.{payload}.{signature}")[1]

    def test_a_token_in_a_token(self, trusting: Trusting) -> None:
        """Nested: the payload is a token, and so no object."""
        inner = trusting.token()
        outer = signed({**HEADER, "cty": "JWT"}, inner.encode(), key_of("RS256"))
        assert trusting.refused(outer)[0] == "invalid-token"


class TestIssuerAndAudience:
    """Only what a trusted issuer says, and says to this registry."""

    @pytest.mark.parametrize(
        "change",
        [
            lambda address: address + "/",
            lambda address: address.upper(),
            lambda address: address.replace("https://", "http://"),
            lambda address: address + " ",
            lambda address: address + "\n",
            lambda address: address.replace("localhost", "127.0.0.1"),
            lambda address: address.replace("localhost", "localhost."),
            lambda address: address.replace("https://", "https://x@"),
            lambda address: [address],
            lambda address: {"iss": address},
            lambda _: 1,
            lambda _: "",
        ],
    )
    def test_another_issuer(self, trusting: Trusting, change: Callable[[str], object]) -> None:
        token = trusting.token(iss=change(trusting.issuer.address))
        code, sentence = trusting.refused(token)
        assert code == "invalid-token"
        assert "not trusted" in sentence
        assert trusting.issuer.asked == []

    def test_a_stranger_with_a_good_signature(
        self, trusting: Trusting, certificates: Certificates
    ) -> None:
        with running_issuer(certificates) as stranger:
            token = stranger.id_token(stranger.claims(trusting.world.clock().timestamp()))
            assert "not trusted" in trusting.refused(token)[1]
            assert stranger.asked == []

    @pytest.mark.parametrize(
        "audience",
        [
            "pypi",
            "Pyregistry",
            "pyregistry ",
            "pyregistryx",
            "pyregistry/",
            "pyregistry//",
            "pyregistry//acme/core",
            "",
            ["pyregistry"],
            ["pyregistry", "pypi"],
            [],
            {"aud": "pyregistry"},
            1,
            True,
            "http://localhost",
            "http://localhost/acme/core",
            "localhost/acme/core",
        ],
    )
    def test_another_audience(self, trusting: Trusting, audience: object) -> None:
        code, sentence = trusting.refused(trusting.token(aud=audience))
        assert code == "invalid-token"
        assert "audience" in sentence

    def test_the_host_of_a_request_is_no_audience(self, trusting: Trusting) -> None:
        """Another service that was sent the ID token could call us by its own name."""
        body = {"token": trusting.token(aud="https://elsewhere.example/acme/core")}
        for headers in (
            {"Host": "elsewhere.example"},
            {"Host": "elsewhere.example", "X-Forwarded-Proto": "https"},
        ):
            response = trusting.app.post_json(
                MINT,
                body,
                headers=headers,
                extra_environ={"wsgi.url_scheme": "https"},
                status=422,
            )
            assert refusal_of(response)[0] == "invalid-token"


def test_an_issuer_with_a_slash_at_its_end(trusting: Trusting, issuer: Issuer) -> None:
    """Exactly as written: the one without it is another issuer."""
    issuer.address = issuer.server + "/"
    token = trusting.token()
    assert "not trusted" in trusting.refused(token)[1]
