"""The client against a server that misbehaves in the ways that Saleor does."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
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


class Silent:
    """Takes every connection, says ``at_once``, and then ``drips`` a byte every 50 ms until the test ends."""

    def __init__(self) -> None:
        self.at_once, self.drips, self.taken = b"", b"", 0
        self._over = threading.Event()

    def __enter__(self) -> Silent:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/graphql/"
        threading.Thread(target=self._take, daemon=True).start()
        return self

    def __exit__(self, *_args: object) -> None:
        self._over.set()
        self._socket.close()

    def _take(self) -> None:
        with suppress(OSError):
            while True:
                one, _address = self._socket.accept()
                self.taken += 1
                threading.Thread(target=self._speak, args=(one,), daemon=True).start()

    def _speak(self, one: socket.socket) -> None:
        with suppress(OSError), one:
            one.sendall(self.at_once)
            for byte in self.drips:
                one.sendall(bytes([byte]))
                if self._over.wait(0.05):
                    return
            self._over.wait(20)


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
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = Client(f"http://127.0.0.1:{silent.getsockname()[1]}/graphql/", timeout_s=0.05)
        with pytest.raises(ShopUnavailable):
            client.ask(WRITE)


@pytest.fixture
def silent() -> Generator[Silent]:
    """A server that takes every connection and then says what it is told to, a byte at a time."""
    with Silent() as server:
        yield server


def took(call: Callable[[], Any]) -> float:
    began = time.monotonic()
    with pytest.raises(ShopUnavailable):
        call()
    return time.monotonic() - began


@pytest.mark.parametrize("drips", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + b" " * 900])
@pytest.mark.parametrize("query", [READ, WRITE])
def test_one_call_has_one_deadline(silent: Silent, query: str, drips: bytes) -> None:
    silent.drips = drips
    assert took(lambda: Client(silent.url, timeout_s=0.4).ask(query)) < 1.1
    assert silent.taken == 1


def test_dripping_in_the_body_ends_too(silent: Silent) -> None:
    silent.at_once = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"
    silent.drips = b" " * 900
    assert took(lambda: Client(silent.url, timeout_s=0.4).ask(READ)) < 1.1


def test_after_a_silence_one_asks_and_all_others_are_refused_at_once(
    silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "REST_S", 0.2)
    client = Client(silent.url, timeout_s=0.6)
    took(lambda: client.ask(READ))
    assert took(lambda: client.ask(READ)) < 0.1
    time.sleep(0.25)
    begin = threading.Barrier(8)

    def ask(_number: int) -> float:
        begin.wait(10)
        return took(lambda: client.ask(READ))

    with ThreadPoolExecutor(8) as threads:
        waited = sorted(threads.map(ask, range(8)))
    assert (waited[6] < 0.4, waited[7] >= 0.6) == (True, True)
    assert silent.taken == 2


def test_faults_of_saleor_are_failures(server: Server) -> None:
    client = Client(server.url)
    server.answers = [(500, b"")] * 3
    for _ in range(4):
        with pytest.raises(ShopUnavailable):
            client.ask(READ)
    assert len(server.asked) == 3


def test_a_probe_that_was_never_sent_leaves_room_for_the_next(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "REST_S", 0.0)
    client = Client(server.url)
    server.answers = [(500, b"")] * 3
    for _ in range(3):
        with pytest.raises(ShopUnavailable):
            client.ask(READ)

    def lost(_for_s: float) -> None:
        raise ShopUnavailable

    client.ask_before(lost)
    with pytest.raises(ShopUnavailable):
        client.ask(READ)
    client.ask_before(lambda _for_s: None)
    server.answers = [data(n=1)]
    assert client.ask(READ) == {"n": 1}


def test_pages_do_not_wait_for_pictures_of_a_silent_saleor(silent: Silent) -> None:
    client = Client(silent.url)
    began = time.monotonic()
    assert [client.glance(silent.url, most=10, longest_s=0.3) for _ in range(5)] == [None] * 5
    assert time.monotonic() - began < 0.6
    assert silent.taken == 1


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
