"""`python -m payments.demobank` opens the demo bank; `… pay --ref CX… [--amount N]` pays one code from a
terminal.
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import sys

from payments.demobank import config
from payments.demobank.bank import Bank, Order, Refused, read_code
from payments.demobank.ledger import Ledger, Transfer
from payments.demobank.market import Unreachable, fetch_waiting
from payments.demobank.pages import vnd
from payments.demobank.server import parse_amount, serve
from payments.plaintext import squash
from payments.references import is_reference


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m payments.demobank", description="Ngân hàng thử.")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("serve", help="mở ngân hàng thử (mặc định)")
    pay = commands.add_parser("pay", help="trả một khoản theo mã")
    pay.add_argument("--ref", required=True, help="mã trên trang trả tiền, ví dụ CX7KQ4M2PA")
    pay.add_argument("--amount", help="số tiền, đồng; mặc định là số tiền của mã")
    return parser


def _said(transfer: Transfer, name: str) -> str:
    """What happened, in one line."""
    line = (
        f"Đã chuyển {vnd(transfer.amount_vnd)} cho {name} ({transfer.account}), nội dung {transfer.content}"
    )
    if not transfer.reported:
        return f"{line}; tài khoản này không gắn nguồn báo nên ngân hàng không báo cho chợ."
    if transfer.done_at is not None:
        return f"{line}; chợ đã ghi nhận."
    return f"{line}; chợ chưa nhận được tin ({transfer.status or 'không trả lời'}), ngân hàng thử sẽ báo lại."


def _pay(reference: str, amount: str | None) -> int:
    """Pay the code with this reference; 0 when the market knows, 1 when it does not yet, 2 when nothing was
    paid.
    """
    reference = squash(reference)
    try:
        if not is_reference(reference):
            raise Refused(
                f"{reference or 'Mã trống'} không phải mã của chợ (CX và 8 ký tự). Xem mã ở trang trả tiền."
            )
        found = fetch_waiting(config.read_market(), reference).codes
        if not found:
            raise Refused(f"Chợ không có khoản nào mang mã {reference}.")
        order = Order(
            code=read_code(found[0].payload),
            how="exact" if amount is None else "other",
            amount_vnd=None if amount is None else parse_amount(amount),
            account_name=found[0].account_name,
        )
        (done,) = Bank(Ledger(config.ledger_path())).transfer(order, once=secrets.token_hex(8))
    except (config.NotReady, Unreachable, Refused) as error:
        print(error, file=sys.stderr)
        return 2
    print(_said(done, found[0].account_name))
    return 0 if done.done_at is not None or not done.reported else 1


def _serve() -> int:
    def say(line: str) -> None:
        print(line, flush=True)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        port = config.port()
        serve(Bank(Ledger(config.ledger_path())), port, say)
    except ValueError:
        print("DEMO_BANK_PORT và PORT phải là số.", file=sys.stderr)
        return 1
    except OverflowError:
        print(f"Cổng {port} không có thật.", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Không mở được ngân hàng thử ở cổng {port}: {error.strerror}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command; see the module."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    options = _parser().parse_args(arguments)
    paying = options.command == "pay"
    # The server must be told that this is a demo. `pay` only speaks to one, and a demo is what `make run`
    # opens.
    demo = os.environ.get("DEMO", "").strip() or ("1" if paying else "")
    if demo != "1":
        print("Ngân hàng thử chỉ chạy khi DEMO=1.", file=sys.stderr)
        return 2
    return _pay(options.ref, options.amount) if paying else _serve()


if __name__ == "__main__":
    sys.exit(main())
