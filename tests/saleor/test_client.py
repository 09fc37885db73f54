"""The client against a server that misbehaves in the ways that Saleor does."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from backend.commerce.errors import ShopUnavailable
from integrations.saleor import client as room
from integrations.saleor.client import DOCUMENTS, Client, document

pytestmark = pytest.mark.pure


@dataclass
class Server:
    """Answers what it was told to, one after the other, and remembers what it was asked."""

    url: str = ""
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    connections: set[tuple[str, int]] = field(default_factory=set)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Generator[Server]:
    monkeypatch.setattr(room, "PAUSE_S", 0.0)
    told = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.asked.append({"headers": dict(self.headers), "body": body})
            told.connections.add(self.client_address)
            status, content = told.answers.pop(0)
            if not status:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        told.url = f"http://127.0.0.1:{http.server_port}/graphql/"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield told
        http.shutdown()
        thread.join()


def data(**fields: Any) -> tuple[int, bytes]:
    return 200, json.dumps({"data": fields}).encode()


READ, WRITE = "query { shop { name } }", "mutation { shopFetchTaxRates { errors { code } } }"


def test_it_speaks_as_the_app_over_one_connection(server: Server) -> None:
    client = Client(server.url, token="bí mật".encode().hex())
    server.answers = [data(n=1), data(n=2)]
    assert client.ask(READ, {"a": "đ"}) == {"n": 1}
    assert client.ask(READ) == {"n": 2}
    first = server.asked[0]
    assert json.loads(first["body"]) == {"query": READ, "variables": {"a": "đ"}}
    assert first["headers"]["Authorization"] == "Bearer " + "bí mật".encode().hex()
    assert len(server.connections) == 1


def test_reading_is_tried_again(server: Server) -> None:
    server.answers = [(0, b""), (503, b""), data(n=1)]
    assert Client(server.url).ask(READ) == {"n": 1}
    assert len(server.asked) == 3


def test_writing_is_sent_once_unless_its_caller_says_that_it_is_safe(server: Server) -> None:
    client = Client(server.url)
    server.answers = [(502, b"")]
    with pytest.raises(ShopUnavailable):
        client.ask(WRITE)
    assert len(server.asked) == 1
    server.answers = [(502, b""), data(n=1)]
    assert client.ask(WRITE, safe=True) == {"n": 1}


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"<html>"),
        (200, b"[]"),
        (200, json.dumps({"data": None, "errors": [{"message": "PermissionDenied"}]}).encode()),
        (200, json.dumps({"data": {"a": 1}, "errors": [{"message": "half"}]}).encode()),
        (400, json.dumps({"errors": [{"message": "Cannot query field"}]}).encode()),
        (500, b""),
    ],
)
def test_an_answer_that_is_none_pauses_the_shop(server: Server, answer: tuple[int, bytes]) -> None:
    server.answers = [answer]
    with pytest.raises(ShopUnavailable) as refused:
        Client(server.url).ask(READ)
    assert refused.value.status == 503
    assert str(refused.value).startswith("Chợ tạm ngừng nhận đơn")


def test_a_slow_saleor_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = Client(f"http://127.0.0.1:{silent.getsockname()[1]}/graphql/", timeout_s=0.05)
        with pytest.raises(ShopUnavailable):
            client.ask(WRITE)


def test_after_three_failures_nobody_waits_for_a_while(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("integrations.saleor.client.time.monotonic", lambda: now[0])
    client = Client(server.url)
    server.answers = [(503, b"")] * 3
    for _ in range(4):
        with pytest.raises(ShopUnavailable):
            client.ask(WRITE)
    assert len(server.asked) == 3
    now[0] += room.REST_S
    server.answers = [data(n=1)]
    assert client.ask(WRITE) == {"n": 1}


def test_a_file_is_sent_as_the_specification_says(server: Server) -> None:
    server.answers = [data(productMediaCreate={"errors": []})]
    Client(server.url).upload(
        "media_create",
        {"input": {"image": None}},
        path="input.image",
        file_name="a.webp",
        content=b"RIFF",
    )
    body = server.asked[0]["body"]
    assert b'{"0": ["variables.input.image"]}' in body
    assert b'filename="a.webp"' in body
    assert body.index(b'name="operations"') < body.index(b'name="map"') < body.index(b'name="0"')


def test_a_document_brings_exactly_the_fragments_that_it_names() -> None:
    text = document("product")
    assert text.startswith("query Product(")
    assert text.count("fragment ") == 2
    assert "fragment ProductParts on Product {" in text
    assert "fragment VariantParts on ProductVariant {" in text
    assert document("variant_create").count("fragment ") == 0


def test_what_writes_is_never_taken_for_reading() -> None:
    for path in DOCUMENTS.glob("*.graphql"):
        if path.stem != "fragments":
            assert document(path.stem).split(" ", 1)[0] in {"query", "mutation"}
