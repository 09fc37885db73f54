"""A market's books before and after: `python -m tests.faults.world COMMAND`, over its DATABASE_URL and DATA_DIR.

`prepare PAYMENTS SEED` migrates an empty database, opens stalls, sellers, charges and orders, and writes
`plan.json`: every transfer that the bank will report, and by plain addition what must be in the books
afterwards. `settle` waits until nothing waits any more and prints what is in the books as JSON. Neither
looks at the other's code: the expectation never asks the market. `shelf PIECES` fills an empty market with one
good of which there are so many, and `sold` prints what became of it.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backend.accounts.models import Seller
    from backend.commerce.values import Product
    from backend.places.models import Commune
    from backend.sales.services import Choice

STALLS = 4
SELLERS = 2
SECRET = "only-for-tests-of-faults"
SETTLE_WITHIN_S, EACH_S = 120.0, 0.1
# Texts as banks print them around a reference.
TEXTS = (
    "{ref}",
    "{ref} chuyen tien",
    "MBVCB.6912345678.{ref}.CT tu 0123456789 NGUYEN VAN AN toi 0987654321",
    "nguyen thi hoa ck {lower}",
    "IBFT {spaced} GD 612345",
)


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer that the bank will report; `counts_for` is the intent it is for, empty for none."""

    number: int
    account: str
    amount_vnd: int
    content: str
    counts_for: str
    kind: str = "in"


@dataclass(slots=True)
class Asked:
    """One amount asked for: a charge at a stall or an order."""

    intent: str
    reference: str
    account: str
    due_vnd: int
    subject: str
    is_charge: bool


def prepare(payments: int, seed: int) -> None:
    """Fills an empty market and writes the plan."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    random_ = random.Random(seed)
    door, asked = _open(payments, random_)
    transfers = list(_transfers(asked, payments, random_))
    random_.shuffle(transfers)
    plan = {
        "door": door,
        "transfers": [asdict(each) for each in transfers],
        "expected": expected(asked, transfers),
    }
    path = Path(os.environ["DATA_DIR"]) / "plan.json"
    path.write_text(json.dumps(plan), encoding="utf-8")


def expected(asked: list[Asked], transfers: list[Transfer]) -> dict[str, Any]:
    """What the books must say when every transfer has been reported, however often and in whatever order."""
    received: Counter[str] = Counter({each.intent: 0 for each in asked})
    coming_in = [each for each in transfers if each.kind == "in"]
    for each in coming_in:
        if each.counts_for:
            received[each.counts_for] += each.amount_vnd
    accounts: dict[str, list[int]] = {}
    for each in coming_in:
        sums = accounts.setdefault(each.account, [0, 0])
        sums[0] += each.amount_vnd
        sums[1] += each.amount_vnd if each.counts_for else 0
    charges = {each.intent for each in asked if each.is_charge}
    orders = [each for each in asked if not each.is_charge]
    counted = [each for each in coming_in if each.counts_for]
    return {
        "transactions": sorted(str(each.number) for each in transfers),
        "moved_vnd": sum(each.amount_vnd for each in transfers),
        "accounts": {name: {"received": sums[0], "allocated": sums[1]} for name, sums in accounts.items()},
        "intents": dict(received),
        "allocations": len(counted),
        "received_events": len(counted),
        "unmatched_events": len(coming_in) - len(counted),
        "announcements": {
            "commands": sum(each.counts_for in charges for each in counted),
            "amounts_vnd": sum(each.amount_vnd for each in counted if each.counts_for in charges),
        },
        "orders": {each.subject: received[each.intent] for each in orders},
        "fully_paid_events": sum(received[each.intent] >= each.due_vnd for each in orders),
        "discrepancies": [],
        "undelivered": 0,
        "parked": 0,
        "audited_receipts": len(counted),
    }


def _transfers(asked: list[Asked], payments: int, random_: random.Random) -> Iterator[Transfer]:
    """As many as wanted: mostly exact, some in parts, over or twice, some for nobody."""
    numbers = iter(range(70_001, 70_001 + 10 * payments))
    left = payments
    queue = list(asked)

    def text(reference: str) -> str:
        spaced = f"{reference[:4]} {reference[4:]}"
        return random_.choice(TEXTS).format(ref=reference, lower=reference.lower(), spaced=spaced)

    while left > 0:
        way = random_.random()
        one = queue.pop() if queue else random_.choice(asked)
        amounts = [one.due_vnd]
        if way < 0.12:
            first = one.due_vnd // 3
            amounts = [first, one.due_vnd - first]
        elif way < 0.20:
            amounts = [one.due_vnd + 1_000]
        elif way < 0.25:
            amounts = [one.due_vnd, one.due_vnd]
        elif way < 0.29:
            amounts = [one.due_vnd - 500]
        if way > 0.96:
            yield Transfer(next(numbers), one.account, 7_000, "an sang", "")
            left -= 1
        elif way > 0.94:
            stranger = random_.choice([each for each in asked if each.account != one.account])
            yield Transfer(next(numbers), one.account, 9_000, text(stranger.reference), "")
            left -= 1
        elif way > 0.92:
            yield Transfer(next(numbers), one.account, 30_000, "rut tien", "", kind="out")
            left -= 1
        else:
            for amount in amounts[:left]:
                yield Transfer(next(numbers), one.account, amount, text(one.reference), one.intent)
            left -= len(amounts[:left])


def _open(payments: int, random_: random.Random) -> tuple[dict[str, str], list[Asked]]:
    """The market: its feed, stalls with sound boxes, sellers with goods, and what is asked for."""
    from backend.common.money import vnd
    from backend.markets.services import create_market, create_stall, open_charge
    from backend.places.models import Commune
    from backend.sales.services import Buyer, place_purchase
    from devices.soundboxes.services import register_soundbox
    from payments.feeds.services import link_account, open_connection
    from payments.intents.queries import find_intent
    from payments.payees.services import set_payee

    actor = "system:faults"
    commune = Commune.objects.get(pk="31333")
    feed = open_connection(provider="sepay", name="Ngân hàng", secret=SECRET, actor=actor)
    market = create_market(actor=actor, name="Chợ Vị Tân", commune=commune)

    def payee(owner: str, account: str) -> None:
        set_payee(owner=owner, bin="970436", account=account, account_name="NGUYEN THI SEN", actor=actor)
        link_account(connection_id=feed.id, bin="970436", account=account, actor=actor)

    stalls = []
    for number in range(STALLS):
        stall = create_stall(actor=actor, market=market, code=f"A{number}", vendor_name=f"Cô {number}")
        payee(stall.owner, f"100000000{number}")
        register_soundbox(
            device=f"loa-a{number}", owner=stall.owner, xa="vi-tan", cho="cho", label=stall.code, actor=actor
        )
        stalls.append((stall, f"100000000{number}"))
    goods = []
    for number in range(SELLERS):
        seller, product, account = _goods_of(number, commune, pieces=100_000)
        link_account(connection_id=feed.id, bin="970436", account=account, actor=actor)
        goods.append((seller, product, account))

    asked = []
    for number in range(payments * 3 // 4):
        amount = random_.randrange(5, 500) * 1_000
        if number % 6:
            stall, account = random_.choice(stalls)
            charge = open_charge(
                key=f"faults:{number}", stall_id=stall.pk, amount=vnd(amount), note="", actor=actor
            )
            intent = charge.intent
            asked.append(Asked(intent.id, intent.reference, account, amount, charge.id, True))
            continue
        seller, product, account = random_.choice(goods)
        pieces = random_.randrange(1, 9)
        buyer = Buyer(
            name="Trần Văn Nam", phone=f"+8490{number:07}", email="", commune=commune, street="Ấp 3"
        )
        purchase = place_purchase(
            key=f"faults:{number}", buyer=buyer, choices=[_choice(seller.pk, product, pieces)]
        )
        sale = purchase.sales.get()
        found = find_intent("order", sale.pk)
        assert found is not None
        assert sale.order_id is not None
        asked.append(Asked(found.id, found.reference, account, found.due_vnd, sale.order_id, False))
    return {"path": feed.path, "secret": SECRET}, asked


def _goods_of(number: int, commune: Commune, *, pieces: int) -> tuple[Seller, Product, str]:
    """A seller with an account and one good of which there are so many."""
    from backend.accounts.models import Seller
    from backend.commerce import shop
    from backend.commerce.values import ProductDraft, VariantDraft
    from backend.common.money import vnd
    from backend.sales.services import set_terms
    from payments.payees.services import set_payee

    name, account = f"Hộ Nguyễn Thị Sen {number}", f"200000000{number}"
    seller = Seller.objects.create(
        slug=f"ho-{number}",
        name=name,
        kind=Seller.Kind.HOUSEHOLD,
        commune=commune,
        phone=f"+8490000010{number}",
    )
    set_payee(owner=seller.owner, bin="970436", account=account, account_name=name, actor="system:faults")
    set_terms(seller_id=seller.pk, courier_vnd=25_000, free_from_vnd=None, pickup=True, cash=True)
    draft = ProductDraft(
        name=f"Rau mồng tơi {number}",
        seller_id=str(seller.pk),
        category_id=shop().categories()[0].id,
        variants=(VariantDraft(unit="bó 300 g", price=vnd(12_000), quantity=pieces),),
    )
    return seller, shop().create_product(key=f"faults:{number}", draft=draft), account


def _choice(seller_id: int, product: Product, pieces: int) -> Choice:
    from backend.commerce.values import LineDraft
    from backend.sales.services import Choice

    return Choice(
        seller_id=seller_id,
        lines=(LineDraft(product.variant.id, pieces),),
        delivery="pickup",
        payment="vietqr",
        confirmed_total=product.variant.price * pieces,
    )


def settle() -> dict[str, Any]:
    """Waits until every event is with its consumers, then reads the books. What still waits is in the answer.

    The leases of killed workers would last two minutes. They run out here at once, also those of living ones:
    one more fault that consumers have to bear.
    """
    from backend.common import clock
    from backend.common.models import Delivery
    from payments.feeds.models import RawNotice

    Delivery.objects.filter(done_at__isnull=True).update(lease_until=clock.now(), next_at=clock.now())
    deadline = time.monotonic() + max(SETTLE_WITHIN_S, EACH_S * RawNotice.objects.count())
    waiting = Delivery.objects.filter(done_at__isnull=True, parked_at__isnull=True)
    while waiting.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    return _books()


def _books() -> dict[str, Any]:
    from django.db.models import Sum

    from backend.commerce import events
    from backend.common.models import AuditEntry, Delivery, Event
    from backend.engine.models import Order
    from devices.soundboxes.models import Command
    from payments.feeds.models import BankTransaction, RawNotice
    from payments.intents.models import Allocation, PaymentIntent
    from payments.matching.ledger import account_totals, find_discrepancies
    from payments.payees.models import BankAccount

    accounts = {}
    for account in BankAccount.objects.filter(transactions__direction="in").distinct():
        totals = account_totals(account.pk)
        accounts[account.account] = {"received": totals.received_vnd, "allocated": totals.allocated_vnd}
    receipts = Event.objects.filter(name="payment_received")
    announced = {
        f"payment:{payload['transaction_id']}:{payload['intent_id']}": payload["amount_vnd"]
        for payload in receipts.filter(payload__kind="charge").values_list("payload", flat=True)
    }
    commands = list(Command.objects.values_list("key", flat=True))
    return {
        "transactions": sorted(BankTransaction.objects.values_list("provider_id", flat=True)),
        "moved_vnd": BankTransaction.objects.aggregate(all=Sum("amount_vnd"))["all"],
        "accounts": accounts,
        "intents": dict(PaymentIntent.objects.values_list("pk", "received_vnd")),
        "allocations": Allocation.objects.count(),
        "received_events": receipts.count(),
        "unmatched_events": Event.objects.filter(name="payment_unmatched").count(),
        "announcements": {
            "commands": len(commands),
            "amounts_vnd": sum(announced.get(key, 0) for key in commands),
        },
        "orders": dict(Order.objects.values_list("key", "charged_vnd")),
        "fully_paid_events": Event.objects.filter(name=events.ORDER_FULLY_PAID).count(),
        "discrepancies": find_discrepancies(),
        "undelivered": Delivery.objects.filter(done_at__isnull=True, parked_at__isnull=True).count(),
        "parked": Delivery.objects.filter(parked_at__isnull=False).count(),
        "audited_receipts": AuditEntry.objects.filter(action="payment_received").count(),
        "repeats": RawNotice.objects.aggregate(all=Sum("repeats"))["all"],
    }


def fill_shelf(pieces: int) -> None:
    """One seller with one good, for `sold` to look at."""
    from django.core.management import call_command

    from backend.places.models import Commune
    from backend.project.run import collect_static_when_changed

    call_command("migrate", interactive=False, verbosity=0)
    collect_static_when_changed()  # pages are looked at
    commune = Commune.objects.get(pk="31333")
    _goods_of(0, commune, pieces=pieces)


def sold() -> dict[str, int]:
    """Orders are counted, and the stock that they hold."""
    from backend.engine.models import OrderLine, Stock
    from payments.intents.models import PaymentIntent

    stock = Stock.objects.get()
    return {
        "orders": OrderLine.objects.values("order_id").distinct().count(),
        "pieces": sum(OrderLine.objects.values_list("quantity", flat=True)),
        "payments": PaymentIntent.objects.count(),
        "held": stock.quantity_allocated,
        "quantity": stock.quantity,
    }


def main(arguments: list[str]) -> int:
    """Runs one of the two; see the module."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.project.settings")
    import django

    django.setup()
    match arguments:
        case ["prepare", payments, seed]:
            prepare(int(payments), int(seed))
        case ["settle"]:
            print(json.dumps(settle()))
        case ["shelf", pieces]:
            fill_shelf(int(pieces))
        case ["sold"]:
            print(json.dumps(sold()))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
