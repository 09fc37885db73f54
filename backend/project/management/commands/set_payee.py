"""`manage.py set_payee seller:1 …`: the bank account that a seller or a stall is paid into."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.accounts.models import Seller
from backend.common.errors import MarketError
from backend.markets.models import Stall
from backend.project.management.told import find_bank
from payments.payees import services

ACTOR = "system:set_payee"


class Command(BaseCommand):
    """Money never passes through the market, so a wrong digit here pays a stranger: what was understood is printed.

    Running it again with another account changes where later orders are paid; what is already asked for keeps its own.
    """

    help = "Đặt tài khoản nhận tiền. / Says where a seller or a stall is paid."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("owner", help="seller:1, stall:2")
        parser.add_argument("--bank", required=True, help="tên hoặc BIN / name or BIN")
        parser.add_argument("--account", required=True, help="số tài khoản / number")
        parser.add_argument("--account-name", required=True, help="tên chủ tài khoản / holder")

    def handle(self, *args: Any, **options: Any) -> None:
        owner: str = options["owner"]
        kind, _, number = owner.partition(":")
        model = {"seller": Seller, "stall": Stall}.get(kind)
        if (
            model is None
            or not number.isdecimal()
            or not model._default_manager.filter(pk=int(number)).exists()
        ):
            raise CommandError(f"{owner}: không có người bán hay sạp này / no such seller or stall")
        bank = find_bank("--bank", options["bank"])
        try:
            payee = services.set_payee(
                owner=owner,
                bin=bank.bin,
                account=options["account"],
                account_name=options["account_name"],
                actor=ACTOR,
            )
        except MarketError as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{owner}: {bank.short_name} ({bank.bin}) {payee.account} {payee.account_name}")
