"""The same documents on both engines: ours at /graphql/, and the Saleor at SALEOR_API_URL. `make bench` runs it when that
is set; `python -m tests.bench.side_by_side` runs it alone.

The Saleor is one that `manage.py saleor_setup` has prepared and a demo has filled (`SHOP_ENGINE=saleor make run` once), so
that both hold the same goods. It gets real orders: give it a Saleor of your own. Its memory is read from /proc, so it must
run on this machine, else the column is empty; SALEOR_STATEMENT_LOG names PostgreSQL's log with `log_statement=all`,
without which its statements are not counted.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from tests.bench import load, memory
from tests.bench.figures import percentile
from tests.bench.journeys import NotAsExpected
from tests.bench.market import ROOT, BenchMarket

CHANNEL: Final = "cho"
QUERY: Final = "nam linh chi"
FASTER: Final = {"list of 24": 10.0, "product": 10.0, f"search “{QUERY}”": 10.0, "checkout to complete": 20.0}
"""How many times Saleor's throughput is aimed at (issue: aims on one machine)."""
SMALLER: Final = 4.0
"""How many times less memory."""

_CARD = """fragment Card on Product {
  id name slug
  category { name }
  thumbnail(size: 256) { url alt }
  pricing { priceRange { start { gross { amount currency } } stop { gross { amount } } } }
}"""
LIST: Final = (
    "query Products($channel: String!) { products(first: 24, channel: $channel, sortBy: {field: NAME, direction: ASC}) "
    "{ totalCount edges { node { ...Card } } pageInfo { hasNextPage endCursor } } } " + _CARD
)
SEARCH: Final = (
    "query Search($channel: String!, $text: String!) { products(first: 24, channel: $channel, search: $text) "
    "{ totalCount edges { node { ...Card } } pageInfo { hasNextPage endCursor } } } " + _CARD
)
PRODUCT: Final = """query Product($channel: String!, $slug: String!) {
  product(slug: $slug, channel: $channel) {
    id name slug description isAvailable
    category { name slug }
    media { id alt url(size: 512) }
    attributes { attribute { slug name } values { name } }
    variants { id name sku quantityAvailable pricing { price { gross { amount currency } } } }
  }
}"""
CREATE: Final = """mutation Create($input: CheckoutCreateInput!) {
  checkoutCreate(input: $input) { checkout { id totalPrice { gross { amount } } } errors { field message code } }
}"""
EMAIL: Final = """mutation Email($id: ID!, $email: String!) {
  checkoutEmailUpdate(id: $id, email: $email) { checkout { email } errors { field message code } }
}"""
SHIPPING: Final = """mutation Shipping($id: ID!, $address: AddressInput!, $rules: CheckoutAddressValidationRules!) {
  checkoutShippingAddressUpdate(id: $id, shippingAddress: $address, validationRules: $rules) {
    checkout { shippingAddress { city } } errors { field message code }
  }
}"""
BILLING: Final = """mutation Billing($id: ID!, $address: AddressInput!, $rules: CheckoutAddressValidationRules!) {
  checkoutBillingAddressUpdate(id: $id, billingAddress: $address, validationRules: $rules) {
    checkout { billingAddress { city } } errors { field message code }
  }
}"""
DELIVERIES: Final = """mutation Deliveries($id: ID!) {
  deliveryOptionsCalculate(id: $id) { deliveries { id shippingMethod { name price { amount } } } errors { message code } }
}"""
DELIVERY: Final = """mutation Delivery($id: ID!, $delivery: ID!) {
  checkoutDeliveryMethodUpdate(id: $id, deliveryMethodId: $delivery) {
    checkout { totalPrice { gross { amount } } } errors { field message code }
  }
}"""
COMPLETE: Final = """mutation Complete($id: ID!) {
  checkoutComplete(id: $id) { order { id number status total { gross { amount } } } errors { field message code } }
}"""
ADDRESS: Final = {
    "lastName": "Trần Văn Nam",
    "streetAddress1": "Ấp 3",
    "city": "Phường Vị Tân",
    "cityArea": "Phường Vị Tân",
    "countryArea": "Thành phố Cần Thơ",
    "country": "VN",
}
RULES: Final = {"checkFieldsFormat": False, "enableFieldsNormalization": False}

_buyers = itertools.count(int(time.time()) % 1_000_000 * 10)


class Door:
    """One kept connection to a GraphQL address."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise NotAsExpected(f"{url}: the engines are measured without TLS between, by http://")
        self._path = parts.path
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=60)

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data. Raises NotAsExpected for any error, whether of the document or of its business."""
        body = json.dumps({"query": query, "variables": variables})
        for attempt in (1, 2):
            try:
                self._connection.request("POST", self._path, body, {"Content-Type": "application/json"})
                answer = self._connection.getresponse()
                found = json.loads(answer.read())
                break
            except (ConnectionError, http.client.HTTPException):
                # A kept connection may be closed at any time; what was sent on a fresh one is not sent again.
                self._connection.close()
                if attempt == 2 or query.startswith("mutation"):
                    raise
        if found.get("errors"):
            raise NotAsExpected(str(found["errors"][0]["message"]))
        data: dict[str, Any] = found["data"]
        for payload in data.values():
            if isinstance(payload, dict) and payload.get("errors"):
                raise NotAsExpected(f"{query.split('(')[0]}: {payload['errors'][0]}")
        return data

    def close(self) -> None:
        self._connection.close()


@dataclass(frozen=True, slots=True)
class Goods:
    """What an engine holds, for the documents to ask for."""

    slugs: tuple[str, ...]
    variants: tuple[str, ...]


@dataclass(slots=True)
class Figures:
    """What was measured of one document on one engine; times in milliseconds."""

    alone: list[float] = field(default_factory=list)
    rate: float = 0.0
    eight: list[float] = field(default_factory=list)
    statements: float | None = None


@dataclass(slots=True)
class Engine:
    """One side of the table."""

    name: str
    url: str
    figures: dict[str, Figures] = field(default_factory=dict)
    memory_mb: float | None = None


def goods_of(url: str) -> Goods:
    """The first 24 goods and the variants of them that can be bought. Raises NotAsExpected when they are fewer."""
    door = Door(url)
    found = door.ask(LIST, channel=CHANNEL)["products"]
    slugs = tuple(edge["node"]["slug"] for edge in found["edges"])
    if len(slugs) != 24:
        raise NotAsExpected(f"{url}: channel {CHANNEL} has {found['totalCount']} goods, 24 are needed")
    variants = [
        variant["id"]
        for slug in slugs
        for variant in door.ask(PRODUCT, channel=CHANNEL, slug=slug)["product"]["variants"]
        if (variant["quantityAvailable"] or 0) >= 5
    ]
    if not door.ask(SEARCH, channel=CHANNEL, text=QUERY)["products"]["edges"]:
        raise NotAsExpected(f"{url}: a search for {QUERY!r} finds nothing")
    door.close()
    if not variants:
        raise NotAsExpected(f"{url}: nothing of the first 24 goods is in stock")
    return Goods(slugs, tuple(variants))


def buy(door: Door, variant: str) -> None:
    """From nothing to an order that waits for its money: seven requests."""
    buyer = next(_buyers)
    email = f"bench-{buyer}@vi-du.vn"
    address = {**ADDRESS, "phone": f"+8490{buyer % 10_000_000:07d}"}
    made = door.ask(CREATE, input={"channel": CHANNEL, "lines": [{"variantId": variant, "quantity": 1}]})
    checkout = made["checkoutCreate"]["checkout"]["id"]
    door.ask(EMAIL, id=checkout, email=email)
    door.ask(SHIPPING, id=checkout, address=address, rules=RULES)
    door.ask(BILLING, id=checkout, address=address, rules=RULES)
    deliveries = door.ask(DELIVERIES, id=checkout)["deliveryOptionsCalculate"]["deliveries"]
    if not deliveries:
        raise NotAsExpected("nobody delivers")
    door.ask(DELIVERY, id=checkout, delivery=deliveries[0]["id"])
    order = door.ask(COMPLETE, id=checkout)["checkoutComplete"]["order"]
    if order is None:
        raise NotAsExpected("no order came of the checkout")


def documents(goods: Goods) -> dict[str, Callable[[Door, int], object]]:
    """Each row of the table: what one turn of it asks."""
    return {
        "list of 24": lambda door, _turn: door.ask(LIST, channel=CHANNEL),
        "product": lambda door, turn: door.ask(
            PRODUCT, channel=CHANNEL, slug=goods.slugs[turn % len(goods.slugs)]
        ),
        f"search “{QUERY}”": lambda door, _turn: door.ask(SEARCH, channel=CHANNEL, text=QUERY),
        "checkout to complete": lambda door, turn: buy(door, goods.variants[turn % len(goods.variants)]),
    }


def measure(
    engine: Engine,
    *,
    times: int,
    seconds: float,
    orders: int,
    count: Callable[[Callable[[], object]], float | None],
) -> None:
    """All documents on one engine: one client, then eight; ``count`` tells the statements of one turn."""
    for name, ask in documents(goods_of(engine.url)).items():
        buying = name == "checkout to complete"
        figures = engine.figures[name] = Figures()
        door = Door(engine.url)
        for turn in range(1 if buying else 5):
            ask(door, turn)  # warm-up
        for turn in range(orders if buying else times):
            begun = time.perf_counter()
            ask(door, turn)
            figures.alone.append((time.perf_counter() - begun) * 1000)
        figures.statements = count(partial(ask, door, 0))
        door.close()
        crowd = load.at_once(
            [
                partial(_client, engine.url, ask, place, seconds=seconds, most=orders if buying else None)
                for place in range(load.CLIENTS)
            ]
        )
        figures.rate, figures.eight = crowd.rate, crowd.milliseconds


def _client(
    url: str, ask: Callable[[Door, int], object], place: int, *, seconds: float, most: int | None
) -> list[float]:
    """One of eight: for so long, or so many orders, since goods run out."""
    door = Door(url)
    found: list[float] = []
    end = time.perf_counter() + seconds
    turn = place
    while len(found) < most if most is not None else time.perf_counter() < end:
        begun = time.perf_counter()
        ask(door, turn)
        found.append((time.perf_counter() - begun) * 1000)
        turn += load.CLIENTS
    door.close()
    return found


# --- memory and statements ---


def saleor_memory_mb() -> float | None:
    """PSS of Saleor's own processes on this machine (API, workers, beat; without its database and Redis), or None."""
    total = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if re.search(r"saleor\.(asgi|celeryconf)", command) and "python" in command:
            total += sum(memory.pss_kib(pid) for pid in _whole_family(int(entry.name)))
    return total * 1024 / 1e6 if total else None


def _whole_family(pid: int) -> list[int]:
    """A process and those of its children that /proc does not show as Saleor's by their command line."""
    found = memory.family(pid)
    return [pid] + [
        each
        for each in found[1:]
        if b"saleor" not in Path(f"/proc/{each}/cmdline").read_bytes().replace(b"\0", b" ")
    ]


def count_in_log(path: str) -> Callable[[Callable[[], object]], float | None]:
    """Counts what a turn adds to PostgreSQL's log (log_statement=all); Saleor's worker may add to it meanwhile."""

    def count(turn: Callable[[], object]) -> float | None:
        if not path:
            return None
        log = Path(path)
        before = log.stat().st_size
        turn()
        with log.open("rb") as file:
            file.seek(before)
            text = file.read()
        return float(len(re.findall(rb"LOG:\s+(?:statement|execute [^:]*):", text)))

    return count


def count_in_process(data_dir: Path) -> dict[str, float]:
    """The statements of each document on our engine: the same documents, through the same door, in a process that counts."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.side_by_side", "--count"],
        cwd=ROOT,
        env={
            **os.environ,
            "DATA_DIR": str(data_dir),
            "DEMO": "1",
            "DJANGO_SETTINGS_MODULE": "backend.project.settings",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NotAsExpected(f"statements: {done.stderr.strip().splitlines()[-1:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


class InProcess(Door):
    """Our door without a network, counting what the database is asked."""

    def __init__(self) -> None:
        from django.test import Client

        self.statements = 0
        self._client = Client()

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        from django.db import connection

        def counting(execute: Any, *arguments: Any) -> Any:
            self.statements += 1
            return execute(*arguments)

        with connection.execute_wrapper(counting):
            answer = self._client.post(
                "/graphql/",
                json.dumps({"query": query, "variables": variables}),
                content_type="application/json",
                headers={"host": "127.0.0.1"},
            ).json()
        if answer.get("errors"):
            raise NotAsExpected(str(answer["errors"][0]["message"]))
        data: dict[str, Any] = answer["data"]
        return data

    def close(self) -> None:
        pass


def count_here() -> dict[str, float]:
    """Statements of one warm turn of each document, in this process."""
    import django

    django.setup()
    door = InProcess()
    found = door.ask(LIST, channel=CHANNEL)["products"]
    slugs = tuple(edge["node"]["slug"] for edge in found["edges"])
    variants = [
        variant["id"]
        for slug in slugs
        for variant in door.ask(PRODUCT, channel=CHANNEL, slug=slug)["product"]["variants"]
        if (variant["quantityAvailable"] or 0) >= 5
    ]
    counted = {}
    for name, ask in documents(Goods(slugs, tuple(variants))).items():
        ask(door, 0)
        door.statements = 0
        ask(door, 1)
        counted[name] = float(door.statements)
    return counted


# --- the table ---


def table(ours: Engine, theirs: Engine) -> str:
    """Both engines' figures, line under line, with how many times more of ours eight clients get."""
    lines = [
        "| document | engine | p50 | p95 | n | at 8 clients | p95 of 8 | statements | throughput | aim |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for name, mine in ours.figures.items():
        other = theirs.figures[name]
        times = mine.rate / other.rate if other.rate else 0.0
        verdict = "OK" if times >= FASTER[name] else "MISSED"
        for engine, figures in ((ours, mine), (theirs, other)):
            counted = "" if figures.statements is None else f"{figures.statements:.0f}"
            last = f"{times:.1f} × | ≥ {FASTER[name]:g} × {verdict}" if engine is ours else " | "
            lines.append(
                f"| {name} | {engine.name} | {percentile(figures.alone, 0.5):.1f} ms "
                f"| {percentile(figures.alone, 0.95):.1f} ms | {len(figures.alone)} | {figures.rate:.2f} /s "
                f"| {percentile(figures.eight, 0.95):.0f} ms | {counted} | {last} |"
            )
    if ours.memory_mb and theirs.memory_mb:
        less = theirs.memory_mb / ours.memory_mb
        verdict = "OK" if less >= SMALLER else "MISSED"
        lines.append(
            f"\nMemory (PSS): {ours.name}, the whole market, {ours.memory_mb:.0f} MB; {theirs.name}, API, worker and beat "
            f"without database and Redis, {theirs.memory_mb:.0f} MB: {less:.1f} × (≥ {SMALLER:g} × {verdict})"
        )
    return "\n".join(lines)


def compare(saleor_url: str, *, times: int, seconds: float, orders: int) -> tuple[Engine, Engine]:
    """Opens a market of its own with the demo, measures both, one after the other."""
    theirs = Engine("Saleor", saleor_url)
    log = os.environ.get("SALEOR_STATEMENT_LOG", "")
    measure(theirs, times=times, seconds=seconds, orders=orders, count=count_in_log(log))
    theirs.memory_mb = saleor_memory_mb()
    with (
        tempfile.TemporaryDirectory(prefix="choxa-bench-") as folder,
        # Our side is the embedded engine, whatever the shell says of Saleor.
        BenchMarket(Path(folder), SHOP_ENGINE="embedded", SALEOR_API_URL="") as market,
    ):
        ours = Engine("Chợ Xã", f"http://127.0.0.1:{market.port}/graphql/")
        measure(ours, times=times, seconds=seconds, orders=orders, count=lambda _turn: None)
        ours.memory_mb = sum(size for _count, size in memory.by_part(market.pid).values()) * 1024 / 1e6
        for name, counted in count_in_process(Path(folder)).items():
            ours.figures[name].statements = counted
    return ours, theirs


def main(arguments: Sequence[str]) -> int:
    """Prints the table; exit status 1 when something could not be measured."""
    import argparse

    parser = argparse.ArgumentParser(prog="python -m tests.bench.side_by_side", description=__doc__)
    parser.add_argument("--times", type=int, default=60, help="answers per document for one client")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each run with eight clients")
    parser.add_argument(
        "--orders", type=int, default=10, help="checkouts of one client, and of each of eight"
    )
    parser.add_argument("--count", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.count:
        print(json.dumps(count_here()))
        return 0
    url = os.environ.get("SALEOR_API_URL", "")
    if not url:
        print("SALEOR_API_URL is not set.", file=sys.stderr)
        return 1
    try:
        ours, theirs = compare(url, times=options.times, seconds=options.seconds, orders=options.orders)
    except (NotAsExpected, OSError) as error:
        print(f"Không đo được / could not measure: {error}", file=sys.stderr)
        return 1
    print(table(ours, theirs))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
