"""The whole market with a real Saleor behind it, as its App: `SALEOR_API_URL=… SALEOR_EMAIL=… SALEOR_PASSWORD=…
SALEOR_MARKET=<folder> pytest tests/journeys/test_buyer.py`.

The market in the folder is made once, in an empty Saleor: installed there by Saleor's own handshake, then filled with the
demo goods through the port. Later runs start from copies of it on the same port, since a Saleor sends its webhooks to
the address it was installed from: so one of them runs at a time, and journeys with markets of their own are run one
file after the other.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from backend.commerce.naming import GATEWAY
from integrations.saleor.app.manifest import PERMISSIONS
from integrations.saleor.client import Client
from integrations.saleor.setup import sign_in
from tests.services.databases import Maker
from tests.services.market import OPEN_S, ROOT, CannotOpen, Market, Template, environment, eventually
from tests.services.ports import free_ports

FILL_S: Final = 1200.0
_INSTALL: Final = """mutation Install($input: AppInstallInput!) {
  appInstall(input: $input) { appInstallation { id } errors { field message } } }"""
_INSTALLING: Final = "query Installing { appsInstallations { status message manifestUrl } }"
_KNOWN: Final = "query Known { apps(first: 100) { edges { node { id identifier } } } }"
_DELETE: Final = "mutation Delete($id: ID!) { appDelete(id: $id) { errors { field message } } }"


class BehindSaleor(Template):
    """The market in ``kept``, made there when it is not."""

    def __init__(self, kept: Path, folder: Path) -> None:
        self._kept = kept
        self._folder = folder
        self._count = 0
        self._database = f"sqlite:///{kept}/data/market.sqlite3"
        self._settings = {
            "SHOP_ENGINE": "saleor",
            "SALEOR_API_URL": os.environ["SALEOR_API_URL"],
            "SECRET_KEY": "",  # its own, kept in its folder
        }
        kept.mkdir(parents=True, exist_ok=True)
        port = kept / "port"
        if not port.exists():
            port.write_text(str(free_ports(3)))
        self._port = int(port.read_text())
        if not (kept / "filled").exists():
            self._make()
            (kept / "filled").touch()

    @contextlib.contextmanager
    def open(self, **settings: str) -> Iterator[Market]:
        """A running market from a copy, with the same Saleor behind it."""
        self._count += 1
        folder = self._folder / str(self._count)
        shutil.copytree(self._kept / "data", folder / "data", ignore=shutil.ignore_patterns("*.sqlite3*"))
        with Maker("", folder) as maker:
            database = maker.copy(self._database)
            market = Market(folder, database, {**self._settings, **settings}, port=self._port)
            try:
                market.start()
                yield market
            finally:
                market.stop()

    def _environment(self) -> dict[str, str]:
        return environment(
            **self._settings,
            DATA_DIR=str(self._kept / "data"),
            DATABASE_URL=self._database,
            PORT=str(self._port),
        )

    def _make(self) -> None:
        self._run("manage.py", "migrate", "-v0")
        web = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "backend.project.wsgi:application"),
                *("--config", "python:backend.project.web_server"),
            ],
            cwd=ROOT,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._install()
        finally:
            web.terminate()
            web.wait(30)
        self._run("-c", "from backend.project import run; run.prepare()")

    @property
    def settings(self) -> dict[str, str]:
        """The environment variables that put this Saleor behind a market."""
        return dict(self._settings)

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=FILL_S,
            check=False,
        )
        if done.returncode:
            raise CannotOpen(done.stdout)

    def _install(self) -> None:
        """As an operator does in Saleor's dashboard; an App of the same name from earlier makes way."""
        manifest = f"http://127.0.0.1:{self._port}/saleor/manifest.json"
        eventually(lambda: _answers(manifest), "the market shows its manifest", within_s=OPEN_S)
        staff = staff_client()
        for edge in staff.ask(_KNOWN)["apps"]["edges"]:
            if edge["node"]["identifier"] == GATEWAY:
                staff.ask(_DELETE, {"id": edge["node"]["id"]})
        wanted = {
            "appName": "Chợ Xã",
            "manifestUrl": manifest,
            "activateAfterInstallation": True,
            "permissions": list(PERMISSIONS),
        }
        answer = staff.ask(_INSTALL, {"input": wanted})["appInstall"]
        if answer["errors"]:
            raise CannotOpen(json.dumps(answer["errors"], ensure_ascii=False))

        def installed() -> bool:
            mine: list[dict[str, Any]] = [
                each
                for each in staff.ask(_INSTALLING)["appsInstallations"]
                if each["manifestUrl"] == manifest
            ]
            if any(each["status"] == "FAILED" for each in mine):
                raise CannotOpen(str(mine))
            return not mine

        eventually(installed, "Saleor has installed the market", within_s=OPEN_S)


def staff_client() -> Client:
    """A member of staff of the Saleor at SALEOR_API_URL, for five minutes."""
    api_url = os.environ["SALEOR_API_URL"]
    anybody = Client(api_url, timeout_s=60)
    token = sign_in(anybody, email=os.environ["SALEOR_EMAIL"], password=os.environ["SALEOR_PASSWORD"])
    return Client(api_url, token=token, timeout_s=60)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own
            return bool(answer.status == 200)
    except OSError:
        return False
