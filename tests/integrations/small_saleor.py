"""A Saleor of the tests' own, as far as an App sees it: it publishes keys, knows its Apps' tokens, and signs what it
sends. It can be down, slow and wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client

from backend.commerce.naming import GATEWAY

APP_ID = "QXBwOjE="
TOKEN = "a" * 30


def encoded(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Key:
    """An RSA key under its RFC 7638 name."""

    def __init__(self) -> None:
        self._private = rsa.generate_private_key(65537, 2048)
        numbers = self._private.public_key().public_numbers()
        n = encoded(numbers.n.to_bytes(256, "big"))
        name = json.dumps({"e": "AQAB", "kty": "RSA", "n": n}, separators=(",", ":"))
        self.kid = encoded(hashlib.sha256(name.encode()).digest())
        self.public = {
            "kty": "RSA",
            "key_ops": ["verify"],
            "n": n,
            "e": "AQAB",
            "use": "sig",
            "kid": self.kid,
            "alg": "RS256",
        }

    def sign(self, body: bytes, **header: Any) -> str:
        """Saleor-Signature of ``body``; ``header`` replaces parts of the JWS header."""
        fields = {"alg": "RS256", "b64": False, "crit": ["b64"], "kid": self.kid, "typ": "JWT"} | header
        head = encoded(json.dumps(fields, separators=(",", ":")).encode())
        signed = self._private.sign(head.encode() + b"." + body, PKCS1v15(), SHA256())
        return f"{head}..{encoded(signed)}"


def type_name(event: str) -> str:
    """ "order_created" is told as "OrderCreated"."""
    return "".join(word.capitalize() for word in event.split("_"))


@dataclass
class SmallSaleor:
    """Entered, it listens on a free port. ``tokens`` says which App each token is of."""

    tokens: dict[str, dict[str, str]] = field(
        default_factory=lambda: {TOKEN: {"id": APP_ID, "identifier": GATEWAY}}
    )
    key: Key = field(default_factory=Key)
    published: list[Key] = field(default_factory=list)
    down: bool = False
    silent: threading.Event | None = None
    """It answers only when this is set."""
    moved_to: str = ""
    asked: list[str] = field(default_factory=list)

    def __enter__(self) -> SmallSaleor:
        saleor = self
        self.published = [self.key]

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer({"keys": [key.public for key in saleor.published]})

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                token = self.headers["Authorization"].removeprefix("Bearer ")
                self._answer({"data": {"app": saleor.tokens.get(token)}})

            def _answer(self, value: Any) -> None:
                saleor.asked.append(self.path)
                if saleor.silent is not None:
                    saleor.silent.wait(20)
                    return
                if saleor.moved_to:
                    self.send_response(302)
                    self.send_header("Location", saleor.moved_to)
                    self.end_headers()
                    return
                raw = b"down" if saleor.down else json.dumps(value).encode()
                self.send_response(503 if saleor.down else 200)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's word
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/graphql/"

    def install(self, token: str = TOKEN, *, network: int = 0, named: str | None = None) -> Any:
        """What the market answers to the handshake."""
        return Client(REMOTE_ADDR=f"203.0.113.{network}").post(
            "/saleor/register/",
            json.dumps({"auth_token": token}),
            content_type="application/json",
            headers={"Saleor-Api-Url": self.api_url if named is None else named},
        )

    def body(self, event: str, *, issued_at: datetime, **fields: Any) -> bytes:
        """A body as Saleor writes it."""
        named = {
            "__typename": type_name(event),
            "issuedAt": issued_at.isoformat(),
            "recipient": {"id": APP_ID},
        }
        return json.dumps({**named, **fields}).encode()

    def send(self, event: str, body: bytes, *, signature: str | None = None, **headers: str) -> Any:
        """What the market answers to one delivery of these bytes."""
        return Client().post(
            "/saleor/webhook/",
            body,
            content_type="application/json",
            headers={
                "Saleor-Api-Url": self.api_url,
                "Saleor-Event": event,
                "Saleor-Signature": self.key.sign(body) if signature is None else signature,
                **headers,
            },
        )
