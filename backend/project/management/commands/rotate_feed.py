"""`manage.py rotate_feed 1`: a new key for a feed beside the old one; `--end` ends the old one."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.common.errors import MarketError
from backend.project.management.told import feed_line, find_feed
from payments.feeds.services import end_rotation, rotate_secret

ACTOR = "system:rotate_feed"


class Command(BaseCommand):
    """In three steps, so that no report is lost: a new key here, the same one on the provider's page, then `--end`.

    Until then both keys are believed. A second new key before `--end` is refused: it would end the one that the provider
    still signs with. The key is shown once and kept sealed.
    """

    help = "Đổi khóa của một nguồn biến động số dư. / Changes the key of a feed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("feed", help="feed:1")
        parser.add_argument("--end", action="store_true", help="bỏ khóa cũ / the old key ends")

    def handle(self, *args: Any, **options: Any) -> None:
        feed = find_feed("feed", options["feed"])
        try:
            if options["end"]:
                changed = end_rotation(connection_id=feed.id, actor=ACTOR)
                told = (
                    "chỉ còn khóa mới / only the new key is valid"
                    if changed
                    else "không có khóa cũ, không có gì đổi / there is no old key, nothing changed"
                )
                self.stdout.write(f"{feed_line(feed)}: {told}.")
                return
            secret = secrets.token_urlsafe(32)
            rotate_secret(connection_id=feed.id, secret=secret, actor=ACTOR)
        except MarketError as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(
            f"{feed_line(feed)}\n{settings.PUBLIC_URL}{feed.path}\n"
            f"Khóa cũ còn dùng được đến khi chạy / the old key is valid until: rotate_feed feed:{feed.id} --end\n"
            f"Khóa bí mật mới (chỉ hiện một lần) / new secret (shown once): {secret}"
        )
