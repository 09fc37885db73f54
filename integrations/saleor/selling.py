"""What happens to an order after it was placed, in Saleor: money, hand-over, cancelling.

Everything that changes one order takes turns, so that each decides on what the one before it left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from backend.commerce import events, naming
from backend.commerce.drafts import MOST_REFERENCE
from backend.commerce.errors import (
    BadFulfillment,
    CannotCancel,
    CannotFulfillUnpaid,
    ChargeMismatch,
    OrderNotFound,
    OrderTakenOn,
    ShopUnavailable,
)
from backend.commerce.values import ORDER_STATES, FulfillLine, Order
from backend.common.errors import Invalid
from backend.common.money import Money
from integrations.saleor import decode, reading
from integrations.saleor.answers import codes, errors_of, expect_none, is_id
from integrations.saleor.calls import News, new_since, note_before, note_made, once
from integrations.saleor.client import Client
from integrations.saleor.places import Places

PAID: Final = frozenset({"full", "overcharged"})
ACCOUNT: Final = "Chợ Xã"
"""The name of the one transaction of an order, on which every credit is reported."""


class Selling:
    def __init__(self, client: Client, places: Places) -> None:
        self._client = client
        self._places = places

    def _node(self, order_id: str) -> dict[str, Any]:
        if not is_id(order_id, "Order"):
            raise OrderNotFound()
        node = self._client.run("order_to_change", {"id": order_id})["order"]
        if node is None:
            raise OrderNotFound()
        return dict(node)

    def _answer(self, order_id: str) -> Order:
        order = reading.find_order(self._client, order_id)
        if order is None:
            raise OrderNotFound()
        return order

    def _changed(
        self,
        key: str,
        method: str,
        inputs: dict[str, Any],
        order_id: str,
        do: Callable[[bool], str],
        *,
        frees_stock: bool = False,
    ) -> Order:
        """The order after a change of it, which the market is told of."""
        news: list[News] = []

        def tell(again: bool) -> str:
            result = do(again)
            news.append(News.of_order(order_id))
            if frees_stock:
                order = self._answer(order_id)
                for product_id in dict.fromkeys(line.product_id for line in order.lines):
                    news.append(News.of_product(events.STOCK_UPDATED, product_id, order.seller_id))
            return result

        subject = f"order:{order_id}"
        return self._answer(once(key=key, method=method, inputs=inputs, subject=subject, do=tell, news=news))

    def confirm_order(self, *, key: str, order_id: str) -> Order:
        def do(again: bool) -> str:
            order = decode.to_order(self._node(order_id))
            if ORDER_STATES.next(order.status, "confirm") != order.status:
                answer = self._client.run("order_confirm", {"id": order_id})
                expect_none(errors_of(answer), doing="confirming an order")
            return order_id

        inputs = {"order_id": order_id}
        return self._changed(key, "confirm_order", inputs, order_id, do)

    # --- money ---

    def _open_account(self, node: Mapping[str, Any]) -> dict[str, Any]:
        """Make the transaction on which the charges of an order are reported; the order as it stands afterwards.

        Read anew, because two may have made one in the same instant: both must report on the same one.
        """
        answer = self._client.run(
            "transaction_create",
            {"id": node["id"], "transaction": {"name": ACCOUNT, "availableActions": []}},
        )["transactionCreate"]
        expect_none(answer["errors"], doing="a transaction")
        return self._node(node["id"])

    def report_charge(self, *, key: str, order_id: str, amount: Money, psp_reference: str) -> Order:
        if amount.amount <= 0 or amount.currency != "VND" or not 1 <= len(psp_reference) <= MOST_REFERENCE:
            raise Invalid()

        def do(again: bool) -> str:
            node = self._node(order_id)
            if _account_of(node) is None and _find_charge(node, psp_reference) is None:
                node = self._open_account(node)
            earlier = _find_charge(node, psp_reference)
            if earlier is not None:
                if earlier != amount:
                    raise ChargeMismatch(reference=psp_reference, amount=earlier)
                self._confirm_paid(node)
                return order_id
            account = _account_of(node)
            if account is None:
                raise ShopUnavailable()
            report = {"id": account, "amount": amount.amount, "reference": psp_reference}
            # Saleor counts one charge per transaction and reference.
            answer = self._client.run("charge_report", report, safe=True)["transactionEventReport"]
            if "INCORRECT_DETAILS" in codes(answer["errors"]):
                raise ChargeMismatch(reference=psp_reference, amount=amount)
            expect_none(answer["errors"], doing="a charge")
            self._confirm_paid(answer["transaction"]["order"])
            return order_id

        inputs = {"order_id": order_id, "amount": asdict(amount), "psp_reference": psp_reference}
        return self._changed(key, "report_charge", inputs, order_id, do)

    def take_back_charge(self, *, key: str, order_id: str, psp_reference: str) -> Order:
        def do(again: bool) -> str:
            node = self._node(order_id)
            for each in node["transactions"]:
                found = _event_of(each, "CHARGE_SUCCESS", psp_reference)
                if found is None or _event_of(each, "CHARGE_BACK", psp_reference) is not None:
                    continue
                report = {"id": each["id"], "amount": found.amount, "reference": psp_reference}
                # As with a charge, Saleor counts one per transaction and reference.
                answer = self._client.run("charge_back_report", report, safe=True)["transactionEventReport"]
                expect_none(answer["errors"], doing="a charge that is taken back")
            return order_id

        inputs = {"order_id": order_id, "psp_reference": psp_reference}
        return self._changed(key, "take_back_charge", inputs, order_id, do)

    def _confirm_paid(self, node: Mapping[str, Any]) -> None:
        """What is fully paid is confirmed. May be repeated."""
        order = decode.to_order(node)
        if order.charge_status in PAID and ORDER_STATES.can(order.status, "confirm"):
            answer = self._client.run("order_confirm", {"id": order.id})
            expect_none(errors_of(answer), doing="confirming a paid order")

    # --- hand-over ---

    def fulfill_order(
        self, *, key: str, order_id: str, lines: Sequence[FulfillLine], allow_unpaid: bool
    ) -> Order:
        wanted: dict[str, int] = {}
        for line in lines:
            wanted[line.order_line_id] = wanted.get(line.order_line_id, 0) + line.quantity

        def do(again: bool) -> str:
            node = self._node(order_id)
            present = {each["id"]: each for each in node["fulfillments"]}
            if again:
                # Its calls take turns, so what came since and hands over just this is the effect of the first try.
                mine = [each for each in new_since(key, list(present)) if _handed(present[each]) == wanted]
                if mine:
                    note_made(key, mine[0])
                    return order_id
            order = decode.to_order(node)
            whole = all(
                line.quantity_fulfilled + wanted.get(line.id, 0) == line.quantity for line in order.lines
            )
            ORDER_STATES.next(order.status, "fulfill" if whole else "fulfill_part")
            if not allow_unpaid and order.charge_status not in PAID:
                raise CannotFulfillUnpaid()
            _check_lines(order, wanted)
            warehouse = self._places.find_warehouse(order.seller_id)
            if warehouse is None:
                raise ShopUnavailable()
            handed = [
                {"orderLineId": line_id, "stocks": [{"warehouse": warehouse, "quantity": quantity}]}
                for line_id, quantity in wanted.items()
            ]
            # The tracking number is the carrier's, which buyers look for; Saleor has no other room for a trace of ours.
            note_before(key, list(present))
            answer = self._client.run(
                "order_fulfill", {"order": order_id, "input": {"lines": handed, "notifyCustomer": False}}
            )["orderFulfill"]
            if "CANNOT_FULFILL_UNPAID_ORDER" in codes(answer["errors"]):
                raise CannotFulfillUnpaid()
            expect_none(answer["errors"], doing="a hand-over")
            for each in answer["fulfillments"] or ():
                note_made(key, each["id"])
            return order_id

        inputs = {
            "order_id": order_id,
            "lines": [asdict(line) for line in lines],
            "allow_unpaid": allow_unpaid,
        }
        return self._changed(key, "fulfill_order", inputs, order_id, do)

    def cancel_order(self, *, key: str, order_id: str, reason: str, unless_taken_on: bool) -> Order:
        def do(again: bool) -> str:
            order = decode.to_order(self._node(order_id))
            if ORDER_STATES.is_repeat(order.status, "cancel"):
                return order_id
            if not ORDER_STATES.can(order.status, "cancel"):
                raise CannotCancel()
            if unless_taken_on and (order.status != "unconfirmed" or order.charged.amount > 0):
                raise OrderTakenOn()
            why = [{"key": naming.CANCEL_REASON, "value": reason[:200]}]
            answer = self._client.run("order_cancel", {"id": order_id, "reason": why})
            if "CANNOT_CANCEL_ORDER" in codes(errors_of(answer, "orderCancel")):
                raise CannotCancel()
            expect_none(errors_of(answer), doing="cancelling")
            return order_id

        inputs: dict[str, Any] = {"order_id": order_id, "reason": reason}
        if unless_taken_on:
            inputs["unless_taken_on"] = True
        return self._changed(key, "cancel_order", inputs, order_id, do, frees_stock=True)


def _handed(fulfillment: Mapping[str, Any]) -> dict[str, int]:
    """The pieces of each line that a hand-over holds."""
    pieces: dict[str, int] = {}
    for each in fulfillment["lines"] or ():
        line_id = each["orderLine"]["id"]
        pieces[line_id] = pieces.get(line_id, 0) + each["quantity"]
    return pieces


def _account_of(node: Mapping[str, Any]) -> str | None:
    """The transaction on which the charges of an order are reported: of several, the one that has some, or the oldest."""
    ours = [each for each in node["transactions"] if each["name"] == ACCOUNT]
    ours.sort(key=lambda each: (not each["events"], each["createdAt"], each["id"]))
    return str(ours[0]["id"]) if ours else None


def _find_charge(node: Mapping[str, Any], psp_reference: str) -> Money | None:
    """What was counted under this reference, on whichever transaction of the order."""
    found = (_event_of(each, "CHARGE_SUCCESS", psp_reference) for each in node["transactions"])
    return next((amount for amount in found if amount is not None), None)


def _event_of(account: Mapping[str, Any], kind: str, psp_reference: str) -> Money | None:
    """The amount of the event of this kind and reference on one transaction."""
    for event in account["events"]:
        if event["type"] == kind and event["pspReference"] == psp_reference:
            return decode.money(event["amount"])
    return None


def _check_lines(order: Order, wanted: Mapping[str, int]) -> None:
    known = {line.id: line for line in order.lines}
    if not wanted:
        first = order.lines[0]
        raise BadFulfillment(name=first.product_name, left=first.quantity - first.quantity_fulfilled)
    for line_id, quantity in wanted.items():
        line = known.get(line_id)
        if line is None:
            raise OrderNotFound()
        left = line.quantity - line.quantity_fulfilled
        if not 1 <= quantity <= left:
            raise BadFulfillment(name=line.product_name, left=left)
