"""`manage.py stop_seller seller:1`: takes back what `add_seller` gave."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.accounts.services import stop_seller
from backend.commerce.errors import ShopUnavailable
from backend.common.errors import MarketError
from backend.project.management.told import find_seller
from backend.sales.stopping import open_orders

ACTOR = "system:stop_seller"


class Command(BaseCommand):
    """The seller sells no more: goods leave lists, search and shop; desk and pages are closed. What was ordered stays,
    and is told, since somebody has to bring it or to send the money back. A repeat changes nothing."""

    help = "Ngừng bán một người bán. / A seller sells no more."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("seller", help="seller:1")

    def handle(self, *args: Any, **options: Any) -> None:
        seller = find_seller("seller", options["seller"])
        try:
            stopped = stop_seller(actor=ACTOR, seller=seller)
        except MarketError as refusal:
            raise CommandError(str(refusal)) from None
        who = f"{seller.owner} {seller.name}"
        if stopped:
            self.stdout.write(
                f"{who}: đã ngừng bán, hàng đang được cất khỏi chợ. / sells no more, goods are being taken off the shelf."
            )
        else:
            self.stdout.write(
                f"{who}: đã ngừng bán từ trước, không có gì đổi. / had stopped before, nothing changed."
            )
        try:
            waiting = open_orders(str(seller.pk))
        except ShopUnavailable:
            self.stdout.write(
                "Saleor chưa trả lời: chạy lại lệnh này để xem các đơn còn dở. / "
                "Saleor does not answer: run this again to see the open orders."
            )
            return
        if waiting:
            numbers = ", ".join(str(order.number) for order in waiting)
            self.stdout.write(
                f"Còn {len(waiting)} đơn chưa xong, xin gọi người bán và người mua / orders still open, "
                f"call seller and buyers: {numbers}"
            )
