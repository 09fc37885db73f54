"""Saleor's GraphQL over HTTP: our own documents, one pool of connections, honest failures."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import urllib3

from backend.commerce.errors import ShopUnavailable

log = logging.getLogger(__name__)

DOCUMENTS: Final = Path(__file__).with_name("documents")
CONNECT_S: Final = 2.0
POOL: Final = 32
"""Connections kept open; further ones are made and closed again."""
TRIES: Final = 3
PAUSE_S: Final = 0.15
HEALS: Final = frozenset({429, 502, 503, 504})
FAILURES: Final = 3
"""So many failures in a row, and the next ``REST_S`` seconds are refused at once instead of filling every thread."""
REST_S: Final = 5.0
REDIRECTS: Final = 3

_FRAGMENT = re.compile(r"^fragment (\w+) on .*?^}$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"^#.*\n", re.MULTILINE)
_SPREAD = re.compile(r"\.\.\.\s*(\w+)")


@lru_cache(maxsize=1)
def _fragments() -> dict[str, str]:
    text = (DOCUMENTS / "fragments.graphql").read_text(encoding="utf-8")
    return {found.group(1): found.group(0) for found in _FRAGMENT.finditer(text)}


@lru_cache(maxsize=256)
def document(name: str) -> str:
    """The operation ``documents/<name>.graphql`` with exactly the fragments it needs: Saleor refuses unused ones."""
    text = _COMMENT.sub("", (DOCUMENTS / f"{name}.graphql").read_text(encoding="utf-8")).strip()
    needed: dict[str, str] = {}
    waiting = [each for each in _SPREAD.findall(text) if each != "on"]
    while waiting:
        spread = waiting.pop()
        if spread not in needed:
            needed[spread] = _fragments()[spread]
            waiting += [each for each in _SPREAD.findall(needed[spread]) if each != "on"]
    return "\n".join([text, *(needed[each] for each in sorted(needed))])


class Rest:
    """Counts failures in a row; after ``FAILURES`` of them nobody asks for ``REST_S`` seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._until = 0.0

    def check(self) -> None:
        """Raises ShopUnavailable while it is better not to ask."""
        if time.monotonic() < self._until:
            raise ShopUnavailable()

    def went_well(self) -> None:
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES:
                self._until = time.monotonic() + REST_S
                self._failures = 0


class Client:
    """Speaks to one Saleor as our App. May be shared by threads.

    Reading is tried three times. A mutation is sent again only when its caller says that this is safe, because a
    key or the state of things makes the second one harmless. Whatever else fails raises ShopUnavailable: what Saleor
    did meanwhile is found out by whoever repeats the call under its key.
    """

    def __init__(self, api_url: str, *, token: str | Callable[[], str] = "", timeout_s: float = 20) -> None:
        self.api_url = api_url
        self._token = token
        self._before: Callable[[float], None] | None = None
        self._longest_s = CONNECT_S + timeout_s
        self._rest = Rest()
        self._pool = urllib3.PoolManager(
            maxsize=POOL,
            timeout=urllib3.Timeout(connect=CONNECT_S, read=timeout_s),
            retries=False,
        )

    def ask_before(self, before: Callable[[float], None]) -> None:
        """``before`` is told before each request how many seconds it may take, and refuses it by raising."""
        self._before = before

    def run(
        self, name: str, variables: Mapping[str, Any] | None = None, *, safe: bool = False
    ) -> dict[str, Any]:
        """The ``data`` of the document ``name``. ``safe``: this mutation may be sent twice."""
        return self.ask(document(name), variables, name=name, safe=safe)

    def ask(
        self, query: str, variables: Mapping[str, Any] | None = None, *, name: str = "", safe: bool = False
    ) -> dict[str, Any]:
        """The ``data`` of ``query``. Raises ShopUnavailable for every answer that is none."""
        body = json.dumps({"query": query, "variables": dict(variables or {})}).encode()
        again = safe or not query.lstrip().startswith("mutation")
        return self._answer(body, "application/json", name=name, tries=TRIES if again else 1)

    def upload(
        self, name: str, variables: Mapping[str, Any], *, path: str, file_name: str, content: bytes
    ) -> dict[str, Any]:
        """As run, with one file in the place ``path`` of the variables (graphql-multipart-request-spec)."""
        operations = {"query": document(name), "variables": dict(variables)}
        fields: dict[str, Any] = {
            "operations": json.dumps(operations),
            "map": json.dumps({"0": [f"variables.{path}"]}),
            "0": (file_name, content, "image/webp"),
        }
        body, content_type = urllib3.encode_multipart_formdata(fields)
        return self._answer(body, content_type, name=name, tries=1)

    def fetch(self, url: str, *, most: int) -> bytes | None:
        """A file that this Saleor names; None when it is not to be had or longer than ``most`` bytes."""
        try:
            answer = self._pool.request(
                "GET",
                url,
                preload_content=False,
                retries=urllib3.Retry(connect=0, read=0, redirect=REDIRECTS),
            )
            try:
                content = answer.read(most + 1)
            finally:
                answer.release_conn()
        except urllib3.exceptions.HTTPError as error:
            log.warning("saleor file: %s", type(error).__name__)
            return None
        return content if answer.status == 200 and len(content) <= most else None

    def _answer(self, body: bytes, content_type: str, *, name: str, tries: int) -> dict[str, Any]:
        self._rest.check()
        headers = {"Content-Type": content_type, "Accept": "application/json"}
        token = self._token if isinstance(self._token, str) else self._token()
        if token:
            headers["Authorization"] = f"Bearer {token}"
        for left in reversed(range(tries)):
            if self._before is not None:
                self._before(self._longest_s)
            try:
                status, content = self._post(body, headers)
            except urllib3.exceptions.HTTPError as error:
                log.warning("saleor %s: %s", name, type(error).__name__)
            else:
                if status not in HEALS:
                    self._rest.went_well()
                    return self._data(status, content, name=name)
                log.warning("saleor %s: HTTP %s", name, status)
            if left:
                time.sleep(PAUSE_S)
        self._rest.failed()
        raise ShopUnavailable()

    def _post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        response = self._pool.request("POST", self.api_url, body=body, headers=headers)
        return response.status, response.data

    @staticmethod
    def _data(status: int, content: bytes, *, name: str) -> dict[str, Any]:
        try:
            answer = json.loads(content)
        except ValueError:
            answer = {}
        data = answer.get("data") if isinstance(answer, dict) else None
        if status == 200 and isinstance(data, dict) and not answer.get("errors"):
            return data
        # A refused token, a document that this Saleor does not know, a fault inside it: never the buyer's doing.
        errors = answer.get("errors") if isinstance(answer, dict) else None
        said = [str(each.get("message", ""))[:300] for each in errors or [] if isinstance(each, dict)]
        log.error("saleor %s: HTTP %s %s", name, status, "; ".join(said))
        raise ShopUnavailable()
