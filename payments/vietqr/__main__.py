"""`python -m payments.vietqr encode|decode`: make and read VietQR payloads from a terminal."""

from __future__ import annotations

import argparse
import json
import sys

from payments.banks import find_by_bin
from payments.vietqr.decoder import decode
from payments.vietqr.encoder import encode
from payments.vietqr.errors import VietQRError
from payments.vietqr.tlv import is_digits


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m payments.vietqr", description="Tạo và đọc mã VietQR.")
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("encode", help="in ra nội dung mã QR")
    making.add_argument("--bin", required=True, help="mã BIN ngân hàng, 6 chữ số")
    making.add_argument("--account", required=True, help="số tài khoản (hoặc số thẻ với --card)")
    making.add_argument("--amount", help="số tiền, đồng, chỉ chữ số")
    making.add_argument("--purpose", help="nội dung chuyển khoản; được bỏ dấu và cắt ở 25 ký tự")
    making.add_argument("--card", action="store_true", help="chuyển đến thẻ")
    making.add_argument("--initiation", help="11 dùng nhiều lần, 12 dùng một lần")
    reading = commands.add_parser("decode", help="đọc mã, in JSON")
    reading.add_argument("payload", help="nội dung mã QR; - để đọc từ đầu vào chuẩn")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0, or 2 with the reason on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        if options.command == "decode":
            text = sys.stdin.read() if options.payload == "-" else options.payload
            print(json.dumps(decode(text).as_json(), ensure_ascii=False, indent=1))
            return 0
        if options.amount is not None and not (is_digits(options.amount) and len(options.amount) <= 15):
            raise VietQRError("amount_invalid", options.amount[:20])
        payload = encode(
            bin=options.bin,
            account=options.account,
            amount_vnd=None if options.amount is None else int(options.amount),
            purpose=options.purpose,
            card=options.card,
            initiation=options.initiation,
        )
    except VietQRError as error:
        print(error, file=sys.stderr)
        return 2
    if find_by_bin(options.bin) is None:
        print(
            f"Lưu ý: không có ngân hàng nào mang BIN {options.bin} trong danh sách.",
            file=sys.stderr,
        )
    print(payload)
    return 0


if __name__ == "__main__":
    sys.exit(main())
