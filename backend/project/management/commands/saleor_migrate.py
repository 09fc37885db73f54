from __future__ import annotations

import fcntl
import getpass
import os
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from backend.accounts.queries import seller_ids
from backend.commerce.errors import ShopUnavailable
from backend.commerce.moving import People, Refusal, Side
from backend.engine.moving import EmbeddedSide
from backend.sales import moving as sales
from integrations.saleor.connection import configured
from integrations.saleor.models import Move
from integrations.saleor.moving import gate
from integrations.saleor.moving.ledger import EMBEDDED, SALEOR, Ledger, forget
from integrations.saleor.moving.mover import LimitReached, Mover
from integrations.saleor.moving.people import SaleorPeople, superuser
from integrations.saleor.moving.report import Report
from integrations.saleor.moving.side import SaleorSide
from integrations.saleor.setup import SetupRefused

GRACE_S: Final = 3.0
"""Whoever was ordering when the gate closed is through by then; what is not is found when both sides are added up."""
ENGINES: Final = (EMBEDDED, SALEOR)


class Command(BaseCommand):
    help = (
        "Move goods, stock, customers and open orders from one engine to the other, or back. "
        "Stopped at any point, it goes on when run again. Nobody orders meanwhile. docs/saleor.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="source", choices=ENGINES, required=True)
        parser.add_argument("--to", dest="target", choices=ENGINES, required=True)
        parser.add_argument("--dry-run", action="store_true", help="say what would be moved, write nothing")
        parser.add_argument("--email", default="", help="a superuser of Saleor, who alone may see customers")
        parser.add_argument("--password-file", type=Path, help="asked for when not given")
        parser.add_argument("--without-customers", action="store_true")
        parser.add_argument("--report", type=Path, help="write the whole table to this file (CSV)")
        parser.add_argument("--limit", type=int, default=0, help="write at most so many things, then stop")
        parser.add_argument(
            "--give-up", action="store_true", help="end a move that has not finished; order again as before"
        )
        parser.add_argument(
            "--afresh",
            action="store_true",
            help="this Saleor was emptied or restored since the last move: believe no note of what stands there, look",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("vi"), _alone(Path(settings.DATA_DIR) / "saleor_migrate.lock"):
            self._handle(options)

    def _handle(self, options: dict[str, Any]) -> None:
        source, target = options["source"], options["target"]
        if source == target:
            raise CommandError("--from và --to phải khác nhau.")
        if not settings.SALEOR_API_URL:
            raise CommandError("Chưa đặt SALEOR_API_URL. / SALEOR_API_URL is not set.")
        running = gate.running()
        if options["give_up"]:
            self._give_up(running)
            return
        self._check_direction(running, source, target)
        if options["afresh"]:
            if running is not None or target != SALEOR:
                raise CommandError(
                    "--afresh chỉ dùng khi bắt đầu một lần chuyển sang saleor: nếu đang dở thì --give-up trước."
                )
            forget(settings.SALEOR_API_URL)
        mover = self._mover(options)
        try:
            if options["dry_run"]:
                report = mover.rehearse()
            else:
                report = self._move(mover, source, target)
        except LimitReached:
            self._write(mover.report, options["report"])
            raise CommandError(
                "Đã dừng theo --limit. Chạy lại lệnh này để đi tiếp; chợ vẫn tạm ngừng nhận đơn.",
                returncode=3,
            ) from None
        except ShopUnavailable:
            self._write(mover.report, options["report"])
            raise CommandError(
                "Saleor không trả lời. Không mất gì: chạy lại lệnh này để đi tiếp; chợ vẫn tạm ngừng nhận đơn.",
                returncode=3,
            ) from None
        except Refusal as refusal:
            raise CommandError(f"{refusal}.") from refusal
        self._write(report, options["report"])
        self._say_next(report, options)

    def _check_direction(self, running: Move | None, source: str, target: str) -> None:
        if running is not None and (running.source, running.target) != (source, target):
            raise CommandError(
                f"Đang dở một lần chuyển từ {running.source} sang {running.target}: làm tiếp lần đó, "
                "hoặc bỏ nó bằng --give-up."
            )
        if gate.engine_now() != source:
            raise CommandError(
                f"Chợ đang ở trên {gate.engine_now()}, không phải {source}. Nếu vừa chuyển xong thì chỉ còn đặt "
                f"SHOP_ENGINE={gate.engine_now()} rồi chạy lại chợ."
            )

    def _mover(self, options: dict[str, Any]) -> Mover:
        embedded, saleor = EmbeddedSide(), SaleorSide(configured())
        people: dict[str, People] | None = None
        if not options["without_customers"]:
            people = {EMBEDDED: sales.MarketPeople(), SALEOR: SaleorPeople(self._superuser(options))}
        sides: dict[str, Side] = {EMBEDDED: embedded, SALEOR: saleor}
        source, target = options["source"], options["target"]
        return Mover(
            source=sides[source],
            target=sides[target],
            people=(people[source], people[target]) if people else None,
            ledger=Ledger(settings.SALEOR_API_URL, source=source, target=target),
            sellers=[str(each) for each in seller_ids()],
            tell=lambda text: self.stderr.write(text),
            limit=options["limit"],
        )

    def _superuser(self, options: dict[str, Any]) -> Any:
        if not options["email"]:
            raise CommandError(
                "Khách hàng chỉ quản trị viên của Saleor được xem: thêm --email (và --password-file), "
                "hoặc --without-customers."
            )
        file: Path | None = options["password_file"]
        password = file.read_text().strip() if file else getpass.getpass("Password in Saleor: ")
        try:
            return superuser(
                settings.SALEOR_API_URL,
                email=options["email"],
                password=password,
                timeout_s=settings.SALEOR_TIMEOUT_S,
            )
        except SetupRefused as refused:
            raise CommandError(str(refused)) from refused
        except ShopUnavailable as down:
            raise CommandError("Saleor không trả lời. / Saleor does not answer.") from down

    def _move(self, mover: Mover, source: str, target: str) -> Report:
        known = gate.running()
        if known is None and sales.being_placed():
            raise CommandError("Có đơn đang đặt dở. Đợi một phút rồi chạy lại; chưa có gì thay đổi.")
        move = gate.close(api_url=settings.SALEOR_API_URL, source=source, target=target)
        if known is None:
            self.stderr.write("Chợ tạm ngừng nhận đơn.")
            time.sleep(GRACE_S)
            if sales.being_placed():
                gate.give_up(move)
                raise CommandError("Có đơn đang đặt dở. Đợi một phút rồi chạy lại; chợ lại nhận đơn.")
        return mover.run(move)

    def _give_up(self, running: Move | None) -> None:
        if running is None:
            raise CommandError("Không có lần chuyển nào đang dở.")
        gate.give_up(running)
        self.stdout.write(
            f"Đã bỏ lần chuyển sang {running.target}: chợ lại nhận đơn trên {running.source}. "
            "Những gì đã sang bên kia ở lại đó, lần sau sẽ tìm thấy."
        )

    def _write(self, report: Report, file: Path | None) -> None:
        if file is not None:
            file.write_text(report.csv(), encoding="utf-8")
        self.stdout.write(report.text())

    def _say_next(self, report: Report, options: dict[str, Any]) -> None:
        target = options["target"]
        if options["dry_run"]:
            self.stdout.write("\nMới chỉ xem thử, chưa có gì thay đổi.")
            if report.refused:
                raise CommandError("Có thứ sẽ không chuyển được: xem các dòng trên.", returncode=2)
            return
        if not report.agrees:
            raise CommandError(
                "Hai bên chưa khớp, nên chưa đổi. Sửa những dòng trên rồi chạy lại, hoặc bỏ bằng --give-up. "
                "Chợ vẫn tạm ngừng nhận đơn.",
                returncode=2,
            )
        self.stdout.write(
            "\nĐã chuyển xong, hai bên khớp nhau. Việc tiếp theo:\n"
            f"  1. đặt SHOP_ENGINE={target} cho mọi tiến trình của chợ;\n"
            "  2. manage.py catalogue_rebuild (với SHOP_ENGINE mới);\n"
            "  3. chạy lại chợ: từ lúc đó chợ lại nhận đơn.\n"
            f"Muốn quay về: manage.py saleor_migrate --from {target} --to {options['source']}."
        )


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else moves anything on this machine. The lock ends with the process, however that ends."""
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError("Một lệnh saleor_migrate khác đang chạy.") from None
        yield
    finally:
        os.close(handle)
