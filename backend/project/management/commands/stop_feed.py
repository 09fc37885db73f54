"""`manage.py stop_feed 1`: takes back what `add_feed` gave; `--again` hears it once more."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.common.errors import MarketError
from backend.project.management.told import feed_line, find_feed
from payments.feeds.services import set_active

ACTOR = "system:stop_feed"


class Command(BaseCommand):
    """A feed that has stopped is not listened to, and who is paid into its accounts confirms by hand until it goes on.

    For a subscription that has ended, or a key that has leaked. What it reported stays. A repeat changes nothing.
    """

    help = "Ngừng một nguồn biến động số dư. / Stops a feed of bank transactions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("feed", help="feed:1")
        parser.add_argument("--again", action="store_true", help="nghe lại nguồn này / listen to it again")

    def handle(self, *args: Any, **options: Any) -> None:
        feed, active = find_feed("feed", options["feed"]), bool(options["again"])
        try:
            changed = set_active(connection_id=feed.id, active=active, actor=ACTOR)
        except MarketError as refusal:
            raise CommandError(str(refusal)) from None
        if not changed:
            told = "không có gì đổi / nothing changed"
        elif active:
            told = "nghe lại, tiền được ghi tự động / heard again, money is booked by itself"
        else:
            told = "đã ngừng, từ giờ người nhận tự xác nhận tiền về / stopped, from now on payees confirm by hand"
        self.stdout.write(f"{feed_line(feed)}: {told}.")
