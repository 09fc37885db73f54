"""Photographs that lie in Saleor, from the market's own address."""

from __future__ import annotations

import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from backend.commerce.naming import global_id
from integrations.saleor.pictures import picture_url

WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 " + b"\0" * 8


@dataclass
class Saleor:
    pictures: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def saleor(settings: Settings, tmp_path: Any) -> Generator[Saleor]:
    told = Saleor()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(self.path)
            if self.path.startswith("/thumbnail/"):
                self.send_response(302)
                self.send_header("Location", "/media" + self.path)
                self.end_headers()
                return
            content = told.pictures.get(self.path)
            self.send_response(200 if content else 404)
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *args: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        settings.SALEOR_API_URL = f"http://127.0.0.1:{http.server_port}/graphql/"
        settings.MEDIA_ROOT = tmp_path
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield told
        http.shutdown()
        thread.join()


def test_a_picture_is_fetched_once_and_kept(saleor: Saleor, client: Client) -> None:
    url = picture_url(global_id("ProductMedia", 7), 512)
    assert url == "/hinh/7-512.webp"
    saleor.pictures[f"/media/thumbnail/{global_id('ProductMedia', 7)}/512/webp/"] = WEBP
    first = client.get(url)
    assert (first.status_code, first.content, first["Content-Type"]) == (200, WEBP, "image/webp")
    assert "immutable" in first["Cache-Control"]
    assert len(saleor.asked) == 2
    assert client.get(url).content == WEBP
    assert len(saleor.asked) == 2


@pytest.mark.parametrize("path", ["/hinh/7-300.webp", "/hinh/99999999999-256.webp", "/hinh/8-256.webp"])
def test_what_is_not_there_is_not_found(saleor: Saleor, client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_what_is_no_picture_is_not_passed_on(saleor: Saleor, client: Client) -> None:
    saleor.pictures[f"/media/thumbnail/{global_id('ProductMedia', 9)}/256/webp/"] = b"<script>"
    assert client.get("/hinh/9-256.webp").status_code == 404


def test_a_saleor_that_is_down_is_no_fault_of_the_page(
    settings: Settings, tmp_path: Any, client: Client
) -> None:
    settings.SALEOR_API_URL = "http://127.0.0.1:1/graphql/"
    settings.MEDIA_ROOT = tmp_path
    assert client.get("/hinh/7-256.webp").status_code == 404
