"""Descriptions: plain text here, an EditorJS document in Saleor's GraphQL."""

from __future__ import annotations

import html
import re
from typing import Any, Final

_TAG: Final = re.compile(r"<[^>]*>")
VERSION: Final = "2.24.3"


def to_text(document: Any) -> str:
    """The paragraphs and list items of an EditorJS document as plain text, one a line; empty for what is none."""
    blocks = document.get("blocks") if isinstance(document, dict) else None
    lines = []
    for block in blocks if isinstance(blocks, list) else []:
        data = block.get("data") if isinstance(block, dict) else None
        if not isinstance(data, dict):
            continue
        items = data.get("items")
        said = items if isinstance(items, list) else [data.get("text", "")]
        lines += [html.unescape(_TAG.sub("", each)) for each in said if isinstance(each, str)]
    return "\n".join(lines).strip()


def from_text(text: str) -> dict[str, Any]:
    """Plain text as an EditorJS document, a paragraph a line."""
    lines = text.strip().split("\n") if text.strip() else []
    blocks = [
        {"id": f"p{n}", "data": {"text": html.escape(line, quote=False)}, "type": "paragraph"}
        for n, line in enumerate(lines)
    ]
    return {"time": 0, "blocks": blocks, "version": VERSION}
