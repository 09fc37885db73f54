from __future__ import annotations

import getpass
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backend.accounts.queries import seller_ids
from integrations.saleor.connection import find_access, keep_access
from integrations.saleor.setup import SetupRefused, prepare


class Command(BaseCommand):
    help = "Prepare the Saleor at SALEOR_API_URL for the market. May be run again: it makes only what is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True, help="a superuser of Saleor")
        parser.add_argument("--password-file", type=Path, help="asked for when not given")

    def handle(self, *args: Any, **options: Any) -> None:
        api_url = settings.SALEOR_API_URL
        if not api_url:
            raise CommandError("SALEOR_API_URL is not set.")
        file: Path | None = options["password_file"]
        password = file.read_text().strip() if file else getpass.getpass("Password in Saleor: ")
        try:
            report, access = prepare(
                api_url,
                email=options["email"],
                password=password,
                known=find_access(api_url),
                sellers=[str(each) for each in seller_ids()],
            )
        except SetupRefused as refused:
            raise CommandError(str(refused)) from refused
        if access is not None:
            keep_access(access)
        self.stdout.write(report.text())
