"""What the demo bank does: transfer, write it down, report it as SePay does."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from payments.banks import find_by_bin
from payments.demobank.config import NotReady, read_market
from payments.demobank.ledger import Ledger, Transfer
from payments.demobank.market import Unreachable, fetch_waiting, is_success, send_notice
from payments.demobank.texts import print_transfer
from payments.vietqr import Decoded, VietQRError, decode
from payments.vietqr.encoder import CEILING_VND

VIETNAM = timezone(timedelta(hours=7))

# SePay: the first attempt, then seven more after so many minutes each; then it gives up until a person asks
# again.
RETRY_MINUTES = (1, 1, 2, 3, 5, 8, 13)

# Whoever has taken a report has this long before another may take it: more than an attempt can last.
CLAIM_S = 30.0

WAYS = {
    "exact": "Trả đúng",
    "short": "Trả thiếu",
    "over": "Trả thừa",
    "twice": "Trả hai lần",
    "late": "Trả muộn",
    "bare": "Trả đúng, xóa mất mã",
    "other": "Trả số khác",
}


class Refused(Exception):
    """The bank will not do this; the message is for people."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a payer has asked for: a code as read by the bank, how to pay it, and the amount for `other`."""

    code: Decoded
    how: str
    amount_vnd: int | None = None
    account_name: str = ""


def read_code(payload: str) -> Decoded:
    """A code as a bank app reads it. Raises Refused with the reason."""
    try:
        code = decode(payload, tolerate_misplaced_service=True)
    except VietQRError as error:
        raise Refused(error.message) from None
    if code.bin is None or code.account is None:
        raise Refused("Mã này không phải để chuyển khoản đến tài khoản ngân hàng.")
    return code


def difference(amount_vnd: int) -> int:
    """How much too little or too much: a tenth, in whole thousands, at least 1.000 đ (less for tiny
    amounts).
    """
    return min(max(amount_vnd // 10 // 1000 * 1000, 1000), max(amount_vnd // 2, 1))


def amounts(order: Order) -> list[int]:
    """The transfers that `order` means, in đồng. Raises Refused."""
    asked = order.code.amount_vnd
    if order.how == "other":
        found = [order.amount_vnd or 0]
    elif asked is None:
        raise Refused("Mã này không ghi số tiền, xin nhập số tiền muốn trả.")
    elif order.how in ("exact", "late", "bare"):
        found = [asked]
    elif order.how == "short":
        found = [asked - difference(asked)]
    elif order.how == "over":
        found = [asked + difference(asked)]
    elif order.how == "twice":
        found = [asked, asked]
    else:
        raise Refused("Không có cách trả này.")
    if not all(0 < amount < CEILING_VND for amount in found):
        raise Refused("Số tiền phải từ 1 đến 499.999.999 đồng.")
    return found


class Bank:
    """The demo bank over its books. `now` gives Unix seconds."""

    def __init__(self, ledger: Ledger, *, now: Callable[[], float] = time.time) -> None:
        self.ledger = ledger
        self._now = now

    def transfer(self, order: Order, *, once: str) -> list[Transfer]:
        """Do what `order` says and report each transfer at once. `once` names one press of one button.

        Raises: Refused; nothing has been transferred then.
        """
        found = amounts(order)
        assert order.code.bin is not None  # read_code has seen to it
        assert order.code.account is not None
        reported = self._is_linked(order.code.bin, order.code.account)
        done = []
        for number, amount in enumerate(found):
            now = self._now()
            entry = self.ledger.write(
                once=f"{once}/{number}",
                made_at=now,
                how=order.how,
                bin=order.code.bin,
                account=order.code.account,
                account_name=order.account_name,
                amount_vnd=amount,
                content=(order.how != "bare" and order.code.purpose) or "NGUYEN VAN AN chuyen tien",
                reported=reported,
                next_at=now if reported else None,
            )
            done.append(self.report(entry))
        return done

    def _is_linked(self, bin_: str, account: str) -> bool:
        """Whether SePay reports on this account; when the market cannot say, it does, and the attempts will
        tell.
        """
        try:
            return f"{bin_} {account}" in fetch_waiting(read_market()).linked
        except (NotReady, Unreachable):
            return True

    def body(self, transfer: Transfer) -> bytes:
        """SePay's words about one transfer; the same bytes at every attempt."""
        printed = print_transfer(transfer.id, transfer.content)
        bank = find_by_bin(transfer.bin)
        return json.dumps(
            {
                "id": transfer.id,
                "gateway": bank.short_name if bank else transfer.bin,
                "transactionDate": datetime.fromtimestamp(transfer.made_at, VIETNAM).strftime(
                    "%Y-%m-%d %H:%M:%S"
                ),
                "accountNumber": transfer.account,
                "code": printed.code,
                "content": printed.text,
                "transferType": "in",
                "transferAmount": transfer.amount_vnd,
                "accumulated": self.ledger.balance(transfer.bin, transfer.account, transfer.id),
                "subAccount": None,
                "referenceCode": printed.reference,
                "description": f"BankAPINotify {printed.text}",
            }
        ).encode()

    def report(self, transfer: Transfer) -> Transfer:
        """One attempt to report, if it is due and nobody else is at it; the transfer as it stands
        afterwards.
        """
        now = self._now()
        if transfer.next_at is None or not self.ledger.claim(transfer.id, now=now, until=now + CLAIM_S):
            return self._again(transfer)
        unit_s = 1.0
        try:
            market = read_market()
            unit_s = market.retry_unit_s
            status, answer = send_notice(market, self.body(transfer), int(now))
        except NotReady as error:
            status, answer = 0, str(error)
        success = is_success(status, answer)
        tries = transfer.attempts
        again = (
            None if success or tries >= len(RETRY_MINUTES) else self._now() + RETRY_MINUTES[tries] * unit_s
        )
        self.ledger.note_answer(
            transfer.id,
            status=status,
            answer=answer,
            done_at=self._now() if success else None,
            next_at=again,
        )
        return self._again(transfer)

    def _again(self, transfer: Transfer) -> Transfer:
        found = self.ledger.find(transfer.id)
        assert found is not None  # transfers are never deleted
        return found

    def report_what_is_due(self) -> int:
        """Every report whose time has come; how many."""
        due = self.ledger.due(self._now())
        for transfer in due:
            self.report(transfer)
        return len(due)

    def keep_reporting(self, stop: threading.Event, *, every_s: float = 0.25) -> None:
        """Report what is due until `stop` is set."""
        while not stop.wait(every_s):
            self.report_what_is_due()
