"""`manage.py add_feed`: be ready for what a provider tells of bank accounts (SePay and the like)."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from backend.common.errors import MarketError
from backend.project.management.told import find_bank
from payments.feeds.registry import PROVIDERS
from payments.feeds.services import link_account, open_connection
from payments.payees.services import clean_account

ACTOR = "system:add_feed"


class Command(BaseCommand):
    """Opens the connection and links its accounts, or nothing. Prints the address and the key for the provider's page.

    The key is made here, shown once and kept sealed.
    """

    help = "Mở nguồn biến động số dư. / Opens a feed of bank transactions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("provider", choices=sorted(PROVIDERS))
        parser.add_argument("--name", default="", help="để nhận ra / to know it by")
        parser.add_argument(
            "--account",
            action="append",
            required=True,
            metavar="BANK:NUMBER",
            help="ngân hàng:số tài khoản, nhắc lại được / may be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        secret = secrets.token_urlsafe(32)
        try:
            with transaction.atomic():
                feed = open_connection(
                    provider=options["provider"],
                    name=options["name"] or options["provider"],
                    secret=secret,
                    actor=ACTOR,
                )
                for each in options["account"]:
                    bank, _, number = each.rpartition(":")
                    link_account(
                        connection_id=feed.id,
                        bin=find_bank("--account", bank).bin,
                        account=clean_account(number),
                        actor=ACTOR,
                    )
        except MarketError as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(
            f"feed:{feed.id} {settings.PUBLIC_URL}{feed.path}\n"
            f"Khóa bí mật (chỉ hiện một lần) / secret (shown once): {secret}"
        )
