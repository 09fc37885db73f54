"""The comparison of both engines: its documents hold on ours, and its arithmetic is right."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import parse, validate

from backend.api.saleor.schema import executor
from tests.api.saleor_documents import PRESENT, saleors_schema
from tests.bench import side_by_side
from tests.bench.journeys import NotAsExpected
from tests.bench.side_by_side import Door, Engine, Figures, Goods, count_in_log, documents, table

pytestmark = pytest.mark.pure

TEXTS = {
    name: text
    for name, text in vars(side_by_side).items()
    if isinstance(text, str) and text.startswith(("query ", "mutation "))
}


def test_there_is_a_text_for_every_request() -> None:
    assert len(TEXTS) == 10


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_the_documents_hold_on_our_engine(name: str) -> None:
    assert validate(executor().schema, parse(TEXTS[name])) == []


if PRESENT:

    @pytest.mark.saleor_sdl
    def test_the_documents_hold_on_saleor() -> None:
        schema = saleors_schema()
        wrong = {name: validate(schema, parse(text)) for name, text in TEXTS.items()}
        assert {name: errors for name, errors in wrong.items() if errors} == {}


def test_both_engines_are_asked_the_same() -> None:
    names = set(documents(Goods(("a",), ("v",))))
    assert names == set(side_by_side.FASTER)


def engine(name: str, rate: float, memory_mb: float) -> Engine:
    figures = {
        each: Figures(alone=[1.0, 2.0, 9.0], rate=rate, eight=[5.0, 7.0], statements=4.0)
        for each in side_by_side.FASTER
    }
    return Engine(name, "http://x/", figures, memory_mb)


def test_the_table_says_how_many_times_more_and_whether_that_is_the_aim() -> None:
    lines = table(engine("ours", 150.0, 250.0), engine("theirs", 10.0, 1250.0)).splitlines()
    assert lines[2] == (
        "| list of 24 | ours | 2.0 ms | 9.0 ms | 3 | 150.00 /s | 7 ms | 4 | 15.0 × | ≥ 10 × OK |"
    )
    assert lines[3] == "| list of 24 | theirs | 2.0 ms | 9.0 ms | 3 | 10.00 /s | 7 ms | 4 |  |  |"
    assert lines[8].endswith("| 15.0 × | ≥ 20 × MISSED |")
    assert lines[-1].endswith("5.0 × (≥ 4 × OK)")
    assert len({line.count("|") for line in lines[:10]}) == 1


def test_memory_that_nobody_saw_is_left_out() -> None:
    theirs = engine("theirs", 10.0, 0.0)
    theirs.memory_mb = None
    assert "Memory" not in table(engine("ours", 150.0, 250.0), theirs)


def test_statements_are_those_that_a_turn_adds_to_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("LOG:  statement: SELECT 0\n")

    def turn() -> None:
        with log.open("a") as file:
            file.write(
                "2026 LOG:  statement: BEGIN\n2026 LOG:  execute <unnamed>: SELECT 1\nDETAIL: x\nLOG:  duration: 1\n"
            )

    assert count_in_log(str(log))(turn) == 2.0
    assert count_in_log("")(turn) is None


class Answering(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    body: object = {}

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        text = json.dumps(self.body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/graphql/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"errors": [{"message": "No."}]}, "No."),
        ({"data": {"checkoutComplete": {"errors": [{"code": "X"}]}}}, "mutation Complete: {'code': 'X'}"),
    ],
)
def test_a_refusal_is_no_figure(url: str, monkeypatch: pytest.MonkeyPatch, body: object, said: str) -> None:
    monkeypatch.setattr(Answering, "body", body)
    door = Door(url)
    with pytest.raises(NotAsExpected) as refused:
        door.ask(side_by_side.COMPLETE, id="1")
    assert str(refused.value) == said
    door.close()


def test_an_answer_is_its_data(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answering, "body", {"data": {"products": {"totalCount": 3}}})
    door = Door(url)
    assert door.ask(side_by_side.LIST) == door.ask(side_by_side.LIST) == {"products": {"totalCount": 3}}
    door.close()


def test_tls_in_between_is_not_measured() -> None:
    with pytest.raises(NotAsExpected):
        Door("https://cho.example.vn/graphql/")
