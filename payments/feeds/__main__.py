"""`python -m payments.feeds verify PROVIDER`: is a captured notice authentic, and what does it say? No
Django, no database.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from payments.feeds.provider import NoticeMalformed, NoticeRefused
from payments.feeds.registry import PROVIDERS


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m payments.feeds", description="Kiểm tra thông báo của ngân hàng."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser("verify", help="kiểm chữ ký rồi in các giao dịch thành JSON")
    verify.add_argument("provider", choices=sorted(PROVIDERS))
    verify.add_argument(
        "--secret", required=True, action="append", help="khóa bí mật; nhắc lại được khi đang đổi khóa"
    )
    verify.add_argument("--headers", required=True, type=Path, help="tệp JSON: tên tiêu đề -> giá trị")
    verify.add_argument("--body", required=True, type=Path, help="tệp chứa đúng các byte đã nhận")
    verify.add_argument("--at", type=float, help="coi như bây giờ là giây Unix này (cho thông báo đã lưu)")
    return parser


def _headers(path: Path) -> dict[str, str]:
    value = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(value, dict):
        raise ValueError("headers_invalid: tệp tiêu đề phải là một đối tượng JSON")
    return {str(name).lower(): str(text) for name, text in value.items()}


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0, or 2 with the reason on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    options = _parser().parse_args(arguments)
    provider = PROVIDERS[options.provider]
    try:
        headers, body = _headers(options.headers), options.body.read_bytes()
        provider.verify(headers, body, options.secret, time.time() if options.at is None else options.at)
        transfers = provider.parse(body)
    except (NoticeRefused, NoticeMalformed) as error:
        print(error, file=sys.stderr)
        return 2
    except (OSError, ValueError) as error:
        print(f"file_unreadable: {error}", file=sys.stderr)
        return 2
    print(json.dumps([transfer.as_json() for transfer in transfers], ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
