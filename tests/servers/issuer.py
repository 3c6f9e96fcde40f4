"""A small OpenID Connect issuer on loopback: discovery, authorization with PKCE, tokens signed with its own key."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "segue", "between you and me"


class Issuer:
    """Says of everybody who comes that they are `subject`. `claims` is what a lying one says instead.

    While `speaks` is not set it says nothing at all; `asked` is set by whoever asks.
    """

    def __init__(self) -> None:
        self.subject = "nora-1"
        self.claims: dict[str, Any] = {}
        self.key = RSAKey.generate_key(2048, {"kid": "first", "alg": "RS256"})
        self.signs_with = self.key
        self.codes: dict[str, dict[str, str]] = {}
        self.asked, self.speaks = threading.Event(), threading.Event()
        self.speaks.set()
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def parse_request(self) -> bool:
                issuer.asked.set()
                issuer.speaks.wait(60)
                return super().parse_request()

            def do_GET(self) -> None:
                asked = urlsplit(self.path)
                if asked.path == "/.well-known/openid-configuration":
                    self._answer(issuer.discovery())
                elif asked.path == "/keys":
                    self._answer({"keys": [issuer.key.as_dict(private=False)]})
                elif asked.path == "/authorize":
                    self.send_response(302)
                    self.send_header("Location", issuer.authorize({k: v[0] for k, v in parse_qs(asked.query).items()}))
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                else:
                    self.send_error(404)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                token = issuer.token(form, self.headers.get("Authorization", ""))
                self._answer(token or {"error": "invalid_grant"}, 200 if token else 400)

            def _answer(self, content: dict[str, Any], code: int = 200) -> None:
                body = json.dumps(content).encode()
                self.send_response(code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def discovery(self) -> dict[str, Any]:
        """Where everything is."""
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes back to, with a code that is good once."""
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return asked["redirect_uri"] + "?" + urlencode({"code": code, "state": asked["state"]})

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """Tokens for a code, if client and verifier are right."""
        asked = self.codes.pop(form.get("code", ""), None)
        known = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or authorization != f"Basic {known}" or challenge != asked["code_challenge"]:
            return None
        now = int(time.time())
        claims = {"iss": self.address, "sub": self.subject, "aud": CLIENT, "iat": now, "exp": now + 60}
        claims |= {"nonce": asked["nonce"]} | self.claims
        signed = jwt.encode({"alg": "RS256", "kid": "first"}, claims, self.signs_with)
        return {"access_token": "none", "token_type": "Bearer", "id_token": signed}

    def __enter__(self) -> Issuer:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
