"""Lets a program in: `manage.py create_app "Kho" --permission MANAGE_PRODUCTS` prints its token once."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from backend.api.services import PERMISSIONS, create_app


class Command(BaseCommand):
    help = "Lets a program in at /graphql/ and prints its token, which is told this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--permission", action="append", default=[], choices=sorted(PERMISSIONS))
        parser.add_argument("--identifier", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        _app, token = create_app(
            actor="system:create_app",
            name=options["name"],
            permissions=options["permission"],
            identifier=options["identifier"],
        )
        self.stdout.write(token)
