"""An identity provider to test with: it speaks the real wire, signs with real keys, and lies when
it is told to."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from anfu.kernel.clock import Clock
from anfu.kernel.ids import Entropy

Alter = Callable[[dict[str, Any]], None]


@dataclass
class Grant:
    """A code that was given out."""

    client: str
    redirect: str
    nonce: str
    challenge: str
    subject: str


@dataclass
class Provider:
    """Signs in whoever it is told to. `alter` changes the claims before they are signed, `sign`
    replaces the signing altogether; `published` are the keys it shows."""

    issuer: str
    client: str
    secret: str | None
    clock: Clock
    entropy: Entropy
    groups: list[str] = field(default_factory=list)
    alter: Alter | None = None
    sign: Callable[[dict[str, Any]], str] | None = None
    key: Any = field(default_factory=lambda: generate_private_key(SECP256R1()))
    kid: str = "k1"
    asked: list[str] = field(default_factory=list)
    grants: dict[str, Grant] = field(default_factory=dict)

    @property
    def app(self) -> Starlette:
        """The provider over HTTP."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._about),
                Route("/keys", self._keys),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    def public(self) -> dict[str, Any]:
        """Its public key as a JWK."""
        key: dict[str, Any] = jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {**key, "kid": self.kid, "use": "sig", "alg": "ES256"}

    def authorize(self, url: str, subject: str) -> dict[str, str]:
        """Somebody signs in on the page at `url`: what comes back to ours."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = self.entropy.bytes(16).hex()
        self.grants[code] = Grant(
            query["client_id"], query["redirect_uri"], query["nonce"], query["code_challenge"],
            subject,
        )  # fmt: skip
        return {"code": code, "state": query["state"]}

    async def _about(self, _request: Request) -> Response:
        self.asked.append("about")
        return JSONResponse(
            {"issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
             "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys"}
        )  # fmt: skip

    async def _keys(self, _request: Request) -> Response:
        self.asked.append("keys")
        return JSONResponse({"keys": [self.public()]})

    async def _token(self, request: Request) -> Response:
        self.asked.append("token")
        form = {k: v[0] for k, v in parse_qs((await request.body()).decode()).items()}
        grant = self.grants.pop(form.get("code", ""), None)
        if grant is None or not self._fits(grant, form, request):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(self.clock.now().timestamp())
        claims: dict[str, Any] = {
            "iss": self.issuer, "aud": grant.client, "sub": grant.subject, "iat": now,
            "exp": now + 300, "nonce": grant.nonce, "amr": ["pwd", "mfa"], "groups": self.groups,
        }  # fmt: skip
        if self.alter is not None:
            self.alter(claims)
        sign = self.sign or self._signed
        return JSONResponse({"id_token": sign(claims), "token_type": "Bearer"})

    def _fits(self, grant: Grant, form: dict[str, str], request: Request) -> bool:
        shown = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(shown).rstrip(b"=").decode()
        basic = base64.b64encode(f"{self.client}:{self.secret}".encode()).decode()
        known = self.secret is None or hmac.compare_digest(
            request.headers.get("authorization", ""), f"Basic {basic}"
        )
        return known and challenge == grant.challenge and form.get("redirect_uri") == grant.redirect

    def _signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self.key, algorithm="ES256", headers={"kid": self.kid})
