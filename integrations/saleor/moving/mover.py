"""The move itself, step by step, each of which may be the last before the power fails.

1. goods with their pictures; 2. customers; 3. open orders; 4. pieces and shelf as they were; 5. both sides added up;
6. if they agree, and only then, sales and certificates follow to the new ids, in one transaction with the end of the move.
A move that stops anywhere is started again and finds what it has done; nobody orders meanwhile (gate.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from backend.commerce.moving import (
    Charge,
    MovedOrder,
    MovedProduct,
    People,
    Placed,
    Refusal,
    Side,
    Wanted,
)
from backend.commerce.values import Order
from backend.common import clock
from backend.ocop.services import follow_products
from backend.sales import moving as sales
from integrations.saleor.app import copies
from integrations.saleor.models import Move
from integrations.saleor.moving import gate
from integrations.saleor.moving.ledger import CUSTOMER, ORDER, PICTURE, PRODUCT, SALEOR, VARIANT, Ledger
from integrations.saleor.moving.report import CHANGED, MOVED, NOTE, REFUSED, THERE, Report, Total

OPEN: Final = frozenset({"unconfirmed", "unfulfilled", "partially fulfilled"})
AT_ONCE: Final = 25

T = TypeVar("T")


class LimitReached(Exception):
    """As many things were written as this run was to write."""


class Mover:
    """Moves what stands in ``source`` to ``target``. ``people``: who keeps accounts, in the same order; None moves none."""

    def __init__(
        self,
        *,
        source: Side,
        target: Side,
        people: tuple[People, People] | None,
        ledger: Ledger,
        sellers: Sequence[str],
        tell: Callable[[str], None] = lambda text: None,
        limit: int = 0,
    ) -> None:
        self.source, self.target, self.people = source, target, people
        self.ledger, self.sellers = ledger, list(sellers)
        self.report = Report()
        self._tell = tell
        self._left = limit or -1
        self._numbers: dict[str, int] = {}

    # --- rehearsal ---

    def rehearse(self) -> Report:
        """What a move would do now. Reads both sides and writes nothing."""
        for product in self.source.products(self.sellers):
            self._would(PRODUCT, product.id, product.name, product.digest())
            for picture in product.pictures:
                self._would(PICTURE, picture.id, product.name, None)
        if self.people is not None:
            for customer in self.people[0].customers():
                self._would(CUSTOMER, customer.id, "", customer.digest())
        for moved in self._orders():
            try:
                whole = _whole(moved)
            except Refusal as refusal:
                self.report.add(ORDER, _number(moved), moved.order.id, "", REFUSED, str(refusal))
            else:
                self._would(ORDER, moved.order.id, _number(moved), whole.digest())
        self._note_what_stays()
        self._add_up(rehearsal=True)
        return self.report

    def _would(self, kind: str, source_id: str, what: str, digest: str | None) -> None:
        row = self.ledger.find(kind, source_id)
        target_id = self.ledger.target_id(kind, source_id)
        done = bool(target_id) if digest is None else self.ledger.is_done(row, digest)
        self.report.add(kind, what, source_id, target_id, THERE if done else CHANGED if target_id else MOVED)

    # --- the move ---

    def run(self, move: Move) -> Report:
        """All steps. Raises ShopUnavailable when a shop does not answer, LimitReached; both are gone on with later."""
        self.target.prepare(str(move.pk), self.sellers)
        orders = list(self._orders())
        ordered = {line.variant_id for each in orders for line in each.order.lines if _is_open(each)}
        self._goods(ordered)
        self._customers()
        self._put_orders(orders)
        self._settle()
        self._note_what_stays()
        self._add_up(rehearsal=False)
        if self.report.agrees:
            self._follow(move)
        return self.report

    def _step(self) -> None:
        """One thing more is to be written."""
        if self._left == 0:
            raise LimitReached
        self._left -= 1

    # goods

    def _goods(self, ordered: set[str]) -> None:
        self._tell(_("Hàng hóa …"))
        for product in self.source.products(self.sellers):
            # Somebody waits for goods that are off the shelf: they stand on it until the order does.
            needed = any(
                each.id in ordered and not (each.offered and product.published) for each in product.variants
            )
            try:
                self._put_product(product, needed)
            except Refusal as refusal:
                self.ledger.refuse(PRODUCT, product.id, str(refusal))
                self.report.add(PRODUCT, product.name, product.id, "", REFUSED, str(refusal))

    def _put_product(self, product: MovedProduct, needed: bool) -> None:
        row = self.ledger.find(PRODUCT, product.id)
        digest = product.digest()
        if self.ledger.is_done(row, digest) and not needed:
            self.report.add(PRODUCT, product.name, product.id, self._there(PRODUCT, product.id), THERE)
            for picture in product.pictures:
                self.report.add(PICTURE, product.name, picture.id, self._there(PICTURE, picture.id), THERE)
            return
        self._step()
        known = self._known(product)
        trace = self.ledger.trace(PRODUCT, product.id)
        with self.target.together():
            placed = self.target.put_product(trace, product, known, needed)
            # The pair alone: the digest says that the pictures stand, too.
            self.ledger.keep(PRODUCT, product.id, placed.product_id)
            for source_id, target_id in placed.variants.items():
                self.ledger.keep(VARIANT, source_id, target_id)
        self._photographs(product, placed)
        self.ledger.keep(PRODUCT, product.id, placed.product_id, digest)
        result = MOVED if known is None else CHANGED
        self.report.add(PRODUCT, product.name, product.id, placed.product_id, result)

    def _there(self, kind: str, source_id: str) -> str:
        return self.ledger.target_id(kind, source_id)

    def _known(self, product: MovedProduct) -> Placed | None:
        product_id = self._there(PRODUCT, product.id)
        if not product_id:
            return None
        variants = self.ledger.targets(VARIANT, [each.id for each in product.variants])
        return Placed(product_id, product.slug, variants)

    def _photographs(self, product: MovedProduct, placed: Placed) -> None:
        wanted = [
            Wanted(self.ledger.trace(PICTURE, each.id), self._there(PICTURE, each.id), each)
            for each in product.pictures
        ]
        # Read before anything is written: no shop is asked within a transaction of ours.
        missing = self.target.lacking(placed.product_id, wanted)
        content = {each.id: self.source.photograph(product.id, each) for each in missing}
        with self.target.together():
            made = self.target.put_photographs(placed.product_id, wanted, content)
            for each, target_id in zip(product.pictures, made, strict=True):
                self.ledger.keep(PICTURE, each.id, target_id)
                result = MOVED if each.id in content else THERE
                self.report.add(PICTURE, product.name, each.id, target_id, result)

    # people

    def _customers(self) -> None:
        if self.people is None:
            return
        self._tell(_("Khách hàng …"))
        here, there = self.people
        for customer in here.customers():
            row = self.ledger.find(CUSTOMER, customer.id)
            known = self._there(CUSTOMER, customer.id)
            if self.ledger.is_done(row, customer.digest()):
                self.report.add(CUSTOMER, "", customer.id, known, THERE)
                continue
            self._step()
            try:
                target_id = there.put_customer(self.ledger.trace(CUSTOMER, customer.id), customer, known)
            except Refusal as refusal:
                self.ledger.refuse(CUSTOMER, customer.id, str(refusal))
                self.report.add(CUSTOMER, "", customer.id, known, REFUSED, str(refusal))
                continue
            self.ledger.keep(CUSTOMER, customer.id, target_id, customer.digest())
            self.report.add(CUSTOMER, "", customer.id, target_id, CHANGED if known else MOVED)

    # orders

    def _orders(self) -> Iterator[MovedOrder]:
        """Open orders of the source; and those that were open over there when the market came from there."""
        seen: set[str] = set()
        for moved in self.source.open_orders(self.sellers):
            seen.add(moved.order.id)
            yield moved
        pairs = {here: there for here, there in self.ledger.pairs(ORDER).items() if here not in seen}
        for some in _parts(list(pairs.items())):
            over_there = self.target.read_orders([there for _here, there in some])
            stale = [here for here, there in some if there in over_there and _is_open(over_there[there])]
            yield from self.source.read_orders(stale).values()

    def _put_orders(self, orders: Iterable[MovedOrder]) -> None:
        self._tell(_("Đơn hàng chưa xong …"))
        for moved in orders:
            order = moved.order
            self._numbers[order.id] = order.number
            try:
                self._put_order(moved)
            except Refusal as refusal:
                self.ledger.refuse(ORDER, order.id, str(refusal))
                self.report.add(ORDER, _number(moved), order.id, "", REFUSED, str(refusal))

    def _put_order(self, moved: MovedOrder) -> None:
        whole = _whole(moved)
        order = whole.order
        row, known = self.ledger.find(ORDER, order.id), self._there(ORDER, order.id)
        if self.ledger.is_done(row, whole.digest()):
            self.report.add(ORDER, _number(moved), order.id, known, THERE)
            return
        self._step()
        variants = self.ledger.targets(VARIANT, [line.variant_id for line in order.lines])
        products = self.ledger.targets(PRODUCT, [line.product_id for line in order.lines])
        trace = self.ledger.trace(ORDER, order.id)
        with self.target.together():
            target_id = self.target.put_order(trace, whole, known, variants, products)
            self.ledger.keep(ORDER, order.id, target_id, whole.digest())
        self.report.add(ORDER, _number(moved), order.id, target_id, CHANGED if known else MOVED)

    # the end

    def _settle(self) -> None:
        self._tell(_("Tồn kho và kệ hàng …"))
        for product in self.source.products(self.sellers):
            known = self._known(product)
            if known is None or set(known.variants) != {each.id for each in product.variants}:
                continue
            try:
                with self.target.together():
                    self.target.settle(product, known)
            except Refusal as refusal:
                self.report.add(PRODUCT, product.name, product.id, known.product_id, REFUSED, str(refusal))

    def _note_what_stays(self) -> None:
        strangers = self.source.strangers(self.sellers)
        if strangers:
            text = _("%(n)s món của người bán mà chợ không biết: ở lại") % {"n": strangers}
            self.report.add("market", "", "", "", NOTE, text)
        if self.people is not None:
            text = _(
                "Mật khẩu không chuyển được, cũng không được chuyển: tài khoản của chợ vẫn ở chợ, "
                "và đăng nhập như trước."
            )
            self.report.add("market", "", "", "", NOTE, text)
            alone = sales.without_address()
            if alone:
                text = _("%(n)s tài khoản chỉ có số điện thoại: ở lại trong chợ") % {"n": alone}
                self.report.add("market", "", "", "", NOTE, text)

    def _add_up(self, *, rehearsal: bool) -> None:
        """Both sides anew, from what they say now."""
        self._tell(_("Đối chiếu …"))
        sums = _Sums(rehearsal)
        for part in _parts(self.source.products(self.sellers)):
            ids = self.ledger.targets(PRODUCT, [each.id for each in part])
            there = {} if rehearsal else self.target.read_products(list(ids.values()))
            for product in part:
                other = there.get(ids.get(product.id, ""))
                sums.product(product, other)
                if not rehearsal:
                    self._compare_product(product, other)
        if self.people is not None:
            self._add_up_people(sums, rehearsal)
        for orders in _parts(self.source.open_orders(self.sellers)):
            ids = self.ledger.targets(ORDER, [each.order.id for each in orders])
            found = {} if rehearsal else self.target.read_orders(list(ids.values()))
            for moved in orders:
                twin = found.get(ids.get(moved.order.id, ""))
                sums.order(moved, twin)
                if not rehearsal:
                    self._compare_order(moved, twin)
        self.report.totals = sums.totals()

    def _add_up_people(self, sums: _Sums, rehearsal: bool) -> None:
        if self.people is None:
            return
        here, there = self.people
        for part in _parts(here.customers()):
            ids = self.ledger.targets(CUSTOMER, [each.id for each in part])
            found = {} if rehearsal else there.read_customers(list(ids.values()))
            sums.add("customers", len(part), sum(each in found for each in ids.values()))

    def _differ(self, what: str, here: object, there: object) -> None:
        self.report.differences.append(
            _("%(what)s: nguồn %(here)s, đích %(there)s") % {"what": what, "here": here, "there": there}
        )

    def _compare_product(self, product: MovedProduct, other: MovedProduct | None) -> None:
        if other is None:
            self._differ(product.name, _("có"), _("không có"))
            return
        if product.slug != other.slug:
            # Other goods have it over there. Codes that were printed with it lead nowhere: people have to know.
            text = _("%(name)s: địa chỉ /%(here)s nay là /%(there)s") % {
                "name": product.name,
                "here": product.slug,
                "there": other.slug,
            }
            self.report.add(PRODUCT, product.name, product.id, other.id, NOTE, text)
        ids = self.ledger.targets(VARIANT, [each.id for each in product.variants])
        theirs = {each.id: each for each in other.variants}
        if product.published != other.published:
            self._differ(f"{product.name}, {_('trên kệ')}", product.published, other.published)
        for each in product.variants:
            twin = theirs.get(ids.get(each.id, ""))
            mine = (each.sku, each.unit, each.price_vnd if each.offered else None, each.quantity, each.held)
            over = twin and (
                twin.sku,
                twin.unit,
                twin.price_vnd if twin.offered else None,
                twin.quantity,
                twin.held,
            )
            if mine != over:
                self._differ(f"{product.name}, {each.unit}", mine, over)

    def _compare_order(self, moved: MovedOrder, twin: MovedOrder | None) -> None:
        if twin is None:
            self._differ(_number(moved), _("có"), _("không có"))
            return
        mine, over = _facts(moved.order), _facts(twin.order)
        for name in mine:
            if mine[name] != over[name]:
                # Who bought and where they live is nobody's on a terminal.
                shown = (_("khác"), _("khác")) if name in _private() else (mine[name], over[name])
                self._differ(f"{_number(moved)}, {name}", *shown)

    # the switch

    def _follow(self, move: Move) -> None:
        """Sales, certificates and kept copies, together with the end of the move."""
        self._tell(_("Đổi chỗ …"))
        pairs = self.ledger.pairs(ORDER)
        read_at = clock.now()
        followed: dict[str, str] = {}
        finished: list[str] = []
        after = ""
        while page := sales.sold_orders(after=after):
            after = page[-1][0]
            for _sale, order_id in page:
                if order_id in pairs:
                    followed[order_id] = pairs[order_id]
                else:
                    finished.append(order_id)
        standing = {order.id: order for order in self._read(self.target, followed.values())}
        # What has been deleted over there stays with us as it was.
        gone = [here for here, there in followed.items() if there not in standing]
        finished += gone
        followed = {here: there for here, there in followed.items() if there in standing}
        kept = list(self._read(self.source, finished))
        for order in kept:
            if order.status in OPEN:
                # Placed behind our back: nothing is switched; the next run moves it.
                self._differ(str(order.number), _("có"), _("không có"))
        if not self.report.agrees:
            return
        numbers = {here: (there, standing[there].number) for here, there in followed.items()}
        with transaction.atomic():
            sales.follow_orders(numbers)
            follow_products(self.ledger.pairs(PRODUCT))
            copies.keep_quietly(kept, read_at=read_at)
            if self.target.name == SALEOR:
                copies.keep_quietly(standing.values(), read_at=read_at)
            gate.end(move)
        for here, (there, number) in numbers.items():
            if here in self._numbers and self._numbers[here] != number:
                text = _("đơn #%(was)s nay là #%(now)s") % {"was": self._numbers[here], "now": number}
                self.report.add("market", "", here, there, NOTE, text)

    @staticmethod
    def _read(side: Side, ids: Iterable[str]) -> Iterator[Order]:
        for some in _parts(list(ids)):
            yield from side.kept_orders(some).values()


class _Sums:
    """The same sums on both sides."""

    def __init__(self, rehearsal: bool) -> None:
        self._rehearsal = rehearsal
        self._here: dict[str, int] = {}
        self._there: dict[str, int] = {}

    def add(self, name: str, here: int, there: int) -> None:
        self._here[name] = self._here.get(name, 0) + here
        self._there[name] = self._there.get(name, 0) + there

    def product(self, product: MovedProduct, other: MovedProduct | None) -> None:
        for each, sums in ((product, self._here), (other, self._there)):
            for name, value in _product_facts(each).items():
                sums[name] = sums.get(name, 0) + value

    def order(self, moved: MovedOrder, twin: MovedOrder | None) -> None:
        for each, sums in ((moved, self._here), (twin, self._there)):
            for name, value in _order_facts(each).items():
                sums[name] = sums.get(name, 0) + value

    def totals(self) -> list[Total]:
        names = {
            "products": _("món hàng"),
            "published": _("món trên kệ"),
            "variants": _("quy cách đang bán"),
            "prices": _("tổng giá bán (đ)"),
            "pictures": _("ảnh"),
            "pieces": _("hàng trong kho"),
            "held": _("trong đó đang giữ cho đơn"),
            "customers": _("khách hàng có thư điện tử"),
            "orders": _("đơn chưa xong"),
            "due": _("tiền của các đơn chưa xong (đ)"),
            "charged": _("đã nhận cho các đơn chưa xong (đ)"),
        }
        return [
            Total(label, self._here.get(name, 0), None if self._rehearsal else self._there.get(name, 0))
            for name, label in names.items()
            if name in self._here
        ]


def _product_facts(product: MovedProduct | None) -> dict[str, int]:
    variants = product.variants if product is not None else ()
    offered = [each for each in variants if each.offered]
    return {
        "products": int(product is not None),
        "published": int(product is not None and product.published),
        "variants": len(offered),
        "prices": sum(each.price_vnd or 0 for each in offered),
        "pictures": len(product.pictures) if product is not None else 0,
        "pieces": sum(each.quantity for each in variants),
        "held": sum(each.held for each in variants),
    }


def _order_facts(moved: MovedOrder | None) -> dict[str, int]:
    if moved is None:
        return {"orders": 0, "due": 0, "charged": 0}
    return {"orders": 1, "due": moved.order.total.amount, "charged": moved.order.charged.amount}


def _facts(order: Order) -> dict[str, object]:
    """What of an order must be the same on both sides, by what people call it."""
    lines = sorted(
        (line.product_name, line.unit, line.unit_price.amount, line.quantity, line.quantity_fulfilled)
        for line in order.lines
    )
    address, delivery = order.address, order.delivery
    return {
        _("trạng thái"): order.status,
        _("tổng tiền"): order.total.amount,
        _("đã nhận"): order.charged.amount,
        _("giao hàng"): (delivery.method, delivery.name, delivery.price.amount),
        _("thư điện tử"): order.email,
        _("lời nhắn"): order.note,
        _("địa chỉ"): (
            address.name,
            address.phone,
            address.street,
            address.commune_code,
            address.province_code,
        ),
        _("các dòng hàng"): lines,
    }


def _private() -> set[str]:
    return {_("thư điện tử"), _("lời nhắn"), _("địa chỉ")}


def _whole(moved: MovedOrder) -> MovedOrder:
    """The order with every đồng of its money under a reference. Raises Refusal where money went back: that is a person's."""
    order = moved.order
    charges = [
        replace(each, reference=each.reference or f"moved:{order.id}:{n}")
        for n, each in enumerate(moved.charges)
    ]
    counted = sum(each.amount_vnd for each in charges)
    if counted > order.charged.amount:
        raise Refusal(_("đã hoàn lại tiền: xin giao hoặc hủy đơn này trước khi chuyển"))
    if counted < order.charged.amount:
        charges.append(Charge(f"moved:{order.id}", order.charged.amount - counted))
    return replace(moved, charges=tuple(charges))


def _is_open(moved: MovedOrder) -> bool:
    return moved.order.status in OPEN


def _number(moved: MovedOrder) -> str:
    return f"#{moved.order.number}"


def _parts(many: Iterable[T]) -> Iterator[list[T]]:
    part: list[T] = []
    for each in many:
        part.append(each)
        if len(part) == AT_ONCE:
            yield part
            part = []
    if part:
        yield part
