"""What a page weighs on its way to a phone."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass

from tests.services.visitor import Visitor

_SHEETS = re.compile(r'<link[^>]+rel="stylesheet"[^>]*>')
_SCRIPTS = re.compile(r"<script[^>]+src=[^>]*>")
_ADDRESS = re.compile(r'(?:href|src)="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Weight:
    """Bytes. `html` as gzip -6 would send it, `html_sent` as it was sent; sheets and scripts as they came."""

    html: int
    html_sent: int
    css: int
    js: int

    @property
    def whole(self) -> int:
        """HTML, CSS and JavaScript, all as gzip."""
        return self.html + self.css + self.js


def weigh(visitor: Visitor, path: str) -> Weight:
    """Fetches a page and what it links as a browser that takes gzip does."""
    gzipped = {"Accept-Encoding": "gzip"}
    reply = visitor.get(path, gzipped)
    packed = reply.headers.get("content-encoding") == "gzip"
    html = gzip.decompress(reply.body) if packed else reply.body
    text = html.decode()

    def fetch(tags: re.Pattern[str]) -> int:
        return sum(
            len(visitor.get(address.group(1), gzipped).body)
            for tag in tags.findall(text)
            if (address := _ADDRESS.search(tag)) is not None
        )

    return Weight(
        html=len(gzip.compress(html, 6)), html_sent=len(reply.body), css=fetch(_SHEETS), js=fetch(_SCRIPTS)
    )
