"""The demo bank's counter, for tests: its web server before a market that is really served."""

from __future__ import annotations

import http.client
import json
import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from payments.demobank.bank import Bank as DemoBank
from payments.demobank.ledger import Ledger
from payments.demobank.server import make_server
from payments.feeds.demo import waiting_token
from payments.intents.values import Intent
from tests.payments.bank import SECRET, Bank, new_bank


def write_market(folder: Path, url: str, path: str, **more: object) -> None:
    (folder / "demo").mkdir(exist_ok=True)
    row = {
        "webhook_url": url + path,
        "secret": SECRET,
        "waiting_url": f"{url}/demo/waiting.json",
        "waiting_token": waiting_token(),
    }
    (folder / "demo" / "bank.json").write_text(json.dumps(row | more))


@dataclass
class Counter:
    """The demo bank's web server, a browser without scripts before it, and the market's own view of things."""

    port: int
    demo: DemoBank
    market: Bank
    folder: Path

    def get(self, path: str) -> tuple[int, str]:
        return self._ask("GET", path, None)

    def press(self, path: str, form: dict[str, str], **headers: str) -> tuple[int, str]:
        """Post a form and follow the redirect."""
        return self._ask("POST", path, urlencode(form), **headers)

    def _ask(self, method: str, path: str, body: str | None, **headers: str) -> tuple[int, str]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as wire:
            wire.request(method, path, body, headers)
            answer = wire.getresponse()
            text = answer.read().decode()
            if answer.status == 303:
                return self.get(answer.headers["Location"])
            return answer.status, text

    def form_for(self, intent: Intent, words: str) -> dict[str, str]:
        """The hidden fields of the button with these words on the card of this intent."""
        _, page = self.get("/")
        card = next(part for part in page.split("<li ") if intent.reference in part)
        form = next(part for part in card.split("<form ")[1:] if words in part)
        return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))


@contextmanager
def open_counter(folder: Path, market_url: str) -> Iterator[Counter]:
    """An open demo bank before the market at `market_url`, with a payee of its own; DATA_DIR must be `folder`."""
    market = new_bank()
    write_market(folder, market_url, market.connection.path)
    demo = DemoBank(Ledger(folder / "demo" / "bank.sqlite3"))
    server = make_server(demo, 0, lambda _: None)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Counter(server.server_port, demo, market, folder)
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
