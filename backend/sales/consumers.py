"""What follows when money comes or an order changes."""

from __future__ import annotations

import logging
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.models import Seller
from backend.accounts.phones import format_phone
from backend.accounts.services import SELLER_STOPPED
from backend.commerce import events, shop
from backend.commerce.values import Order
from backend.common.limits import allow
from backend.common.money import Money, format_vnd
from backend.common.outbox import Event, consumer
from backend.sales.adoption import being_placed, failed_sale_of, note_cancelled, note_settled
from backend.sales.gateways import sale_of
from backend.sales.models import Purchase, Sale
from backend.sales.services import NOT_ACCEPTED, NOT_PAID, OTHER_FAILED, PURCHASE_GIVEN_UP
from backend.sales.stopping import take_off_the_shelf

log = logging.getLogger(__name__)

MOST_MAILS_TO_GUEST: Final = 20
"""In a day, to an address that nobody proved: ten orders and their ends."""
MOST_MAILS_OF_UNCLEAR_MONEY: Final = 6
"""In a day, to one seller."""


@consumer("sales.report_money", events={"payment_received", "payment_reversed"}, in_transaction=False)
def report_money(event: Event) -> None:
    """Tell the shop that money for an order has come, or that a person took back what they had said of it; idempotent
    under the event's key, whatever is repeated. One consumer, so that the one is never heard before the other."""
    if event.payload["kind"] != "order":
        return
    sale = Sale.objects.filter(pk=event.payload["subject"]).first()
    if sale is None or not sale.order_id:
        raise LookupError(f"no placed sale {event.payload['subject']}")
    payment = event.payload
    reference = f"intent:{payment['intent_id']}:{payment.get('allocation_id') or event.key}"
    if event.name == "payment_reversed":
        shop().take_back_charge(key=f"event:{event.key}", order_id=sale.order_id, psp_reference=reference)
        return
    if sale.cancel_asked_at is not None:
        # Money after the end: the payment shows it as late, and a person decides. The order stays cancelled.
        return
    shop().report_charge(
        key=f"event:{event.key}",
        order_id=sale.order_id,
        amount=Money(payment["amount_vnd"]),
        psp_reference=reference,
    )


@consumer("sales.write_of_unclear_money", events={"payment_unmatched"}, in_transaction=False)
def write_of_unclear_money(event: Event) -> None:
    """Money whose text names no order is told to the sellers who are paid there: only a person can say what it is for.

    Of an account that is also used for other things a few mails a day are enough; the desk shows all of it.
    """
    for owner in event.payload["owners"]:
        kind, _colon, number = str(owner).partition(":")
        seller = Seller.objects.filter(pk=int(number), active=True).first() if kind == "seller" else None
        if seller is None or not seller.email:
            continue
        if not allow("mail-unclear-money", owner, most=MOST_MAILS_OF_UNCLEAR_MONEY, within_s=86_400):
            continue
        with translation.override("vi"):
            subject = _("%(amount)s vừa về, chưa rõ của đơn nào") % {
                "amount": format_vnd(event.payload["amount_vnd"])
            }
            body = _(
                "Nội dung chuyển khoản không cho biết đơn nào. Nếu là tiền của một đơn đang chờ, xin ghi cho đơn ấy; "
                "tiền riêng thì không cần làm gì.\n\nXem: %(link)s"
            ) % {"link": f"{settings.PUBLIC_URL}/ban-hang/{seller.pk}/tien/"}
        _send(subject, body, seller.email, f"{event.key}-{seller.pk}")


@consumer("sales.adopt", events={events.ORDER_CREATED}, in_transaction=False)
def adopt_placed(event: Event) -> None:
    """An order that another storefront placed becomes a sale, so that its seller sees it."""
    order_id = event.payload["order_id"]
    if Sale.objects.filter(order_id=order_id).exists():
        return
    order = shop().find_order(order_id)
    if order is None:
        return
    failed = failed_sale_of(order)
    if failed is not None:
        # Its buyer was told that nothing is ordered: it must not hold its stock.
        shop().cancel_order(key=f"{failed.pk}:cancel", order_id=order.id, reason=OTHER_FAILED)
        return
    sale_of(order)


@consumer(
    "sales.note_settled", events={events.ORDER_CONFIRMED, events.ORDER_FULLY_PAID}, in_transaction=False
)
def note_settled_order(event: Event) -> None:
    """An order that was confirmed or paid in the shop itself, by staff or a program, does not expire."""
    order = shop().find_order(event.payload["order_id"])
    sale = sale_of(order) if order is not None else None
    if order is not None and sale is not None:
        note_settled(sale=sale, order=order, actor="system:shop")


@consumer("sales.note_cancelled", events={events.ORDER_CANCELLED})
def note_cancelled_order(event: Event) -> None:
    """An order that was cancelled in the shop itself ends its payment, too; one that we cancelled is noted already."""
    note_cancelled(order_id=event.payload["order_id"], actor="system:shop")


@consumer("sales.off_the_shelf", events={SELLER_STOPPED}, in_transaction=False)
def take_goods_off_the_shelf(event: Event) -> None:
    """The goods of a seller who sells no more leave the shop itself, too: other storefronts look there."""
    take_off_the_shelf(seller_id=event.payload["seller_id"], key=f"event:{event.key}")


@consumer(
    "sales.write_to_people",
    events={events.ORDER_CREATED, events.ORDER_FULLY_PAID, events.ORDER_CANCELLED},
    in_transaction=False,
)
def write_to_people(event: Event) -> None:
    """A new or paid order is told to its seller by e-mail, and a placed one to a buyer who left an address; one that was
    cancelled to whoever did not do it.

    A mail may come twice after a crash between sending and marking; it says the same thing and points to the same page.
    """
    order = shop().find_order(event.payload["order_id"])
    if order is None:
        return
    # Never by what the order says of itself alone: whoever bought may have written that.
    sale = sale_of(order) or being_placed(order)
    if sale is None:
        return
    if event.name == events.ORDER_CANCELLED:
        _write_of_end(sale, order, event.key)
        return
    goods = "\n".join(f"- {line.quantity} × {line.product_name} ({line.unit})" for line in order.lines)
    if sale.seller.email:
        paid = event.name == events.ORDER_FULLY_PAID
        with translation.override("vi"):
            subject = (
                _("Đơn %(number)s đã nhận đủ %(total)s") if paid else _("Đơn mới %(number)s: %(total)s")
            ) % {"number": order.number, "total": format_vnd(order.total.amount)}
            body = _("%(goods)s\n\nXem và nhận đơn: %(link)s") % {
                "goods": goods,
                "link": f"{settings.PUBLIC_URL}/ban-hang/don/{sale.pk}/",
            }
        _send(subject, body, sale.seller.email, event.key)
    if order.email and event.name == events.ORDER_CREATED:
        with translation.override(sale.purchase.language):
            subject = _("Chợ Xã đã nhận đơn %(number)s") % {"number": order.number}
            body = _("%(goods)s\n\nTổng cộng %(total)s. Xem đơn và trả tiền: %(link)s") % {
                "goods": goods,
                "total": format_vnd(order.total.amount),
                "link": f"{settings.PUBLIC_URL}/don/{sale.purchase.token}/",
            }
        _send_to_buyer(subject, body, sale.purchase, order.email, event.key)


@consumer("sales.write_of_giving_up", events={PURCHASE_GIVEN_UP}, in_transaction=False)
def write_of_giving_up(event: Event) -> None:
    """To a buyer who left an address and waits for an order that the shop never answered."""
    purchase = Purchase.objects.select_related("user").get(pk=event.payload["purchase_id"])
    if not purchase.email:
        return
    with translation.override(purchase.language):
        subject = _("Chợ Xã chưa đặt được đơn của bạn")
        body = _(
            "Hệ thống bán hàng không trả lời, nên chợ đã thôi đặt đơn này: không ai giữ hàng hay chờ tiền của bạn, và "
            "những đơn đặt cùng lúc đã hủy. Xin đặt lại; nếu bạn đã chuyển tiền, xin gọi cho người bán.\n\nXem: %(link)s"
        ) % {"link": f"{settings.PUBLIC_URL}/don/{purchase.token}/"}
    _send_to_buyer(subject, body, purchase, purchase.email, event.key)


def _write_of_end(sale: Sale, order: Order, key: str) -> None:
    """To a buyer whose order is gone without their doing, and to a seller who did not take it on in time."""
    if sale.cancel_reason == NOT_ACCEPTED and sale.seller.email:
        with translation.override("vi"):
            subject = _("Đơn %(number)s đã tự hủy vì chưa được nhận") % {"number": order.number}
            body = _(
                "Đơn này trả tiền mặt và chưa được nhận trong thời hạn, nên chợ đã hủy và trả hàng về kệ. "
                "Xin gọi %(name)s, %(phone)s nếu vẫn muốn bán.\n\nXem đơn: %(link)s"
            ) % {
                "name": order.address.name,
                "phone": format_phone(order.address.phone),
                "link": f"{settings.PUBLIC_URL}/ban-hang/don/{sale.pk}/",
            }
        _send(subject, body, sale.seller.email, key)
    why = {
        NOT_ACCEPTED: gettext_lazy("Người bán chưa nhận đơn trong thời hạn."),
        NOT_PAID: gettext_lazy(
            "Hết giờ chờ mà chưa thấy tiền về. Nếu bạn đã chuyển tiền, xin gọi cho người bán."
        ),
        "by_seller": gettext_lazy("Người bán báo không giao được."),
    }.get(sale.cancel_reason)
    if why is not None and order.email:
        with translation.override(sale.purchase.language):
            subject = _("Đơn %(number)s ở Chợ Xã đã hủy") % {"number": order.number}
            body = _("%(why)s\n\nGọi người bán: %(phone)s. Xem đơn: %(link)s") % {
                "why": why,
                "phone": format_phone(sale.seller.phone),
                "link": f"{settings.PUBLIC_URL}/don/{sale.purchase.token}/",
            }
        _send_to_buyer(subject, body, sale.purchase, order.email, key)


def _send_to_buyer(subject: str, body: str, purchase: Purchase, address: str, key: str) -> None:
    """Who buys may type anybody's address: to one that is not their account's only so many mails go in a day."""
    to = address.strip().lower()
    buyer = purchase.user
    theirs = buyer is not None and buyer.email == to
    if not theirs and not allow("mail-to-guest", to, most=MOST_MAILS_TO_GUEST, within_s=86_400):
        log.warning("no mail about purchase %s: too many to this address today", purchase.pk)
        return
    _send(subject, body, address, key)


def _send(subject: str, body: str, to: str, key: str) -> None:
    # The event's key as Message-ID: a repeat is recognised by the receiver's mail server.
    EmailMessage(subject, body, to=[to], headers={"Message-ID": f"<{key}@cho-xa>"}).send()
