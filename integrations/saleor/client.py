"""Saleor's GraphQL over HTTP: our own documents, one pool of connections, honest failures."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import urllib3

from backend.commerce.errors import ShopUnavailable
from integrations.saleor import deadline

log = logging.getLogger(__name__)

DOCUMENTS: Final = Path(__file__).with_name("documents")
CONNECT_S: Final = 2.0
POOL: Final = 32
"""Connections kept open; further ones are made and closed again."""
TRIES: Final = 3
PAUSE_S: Final = 0.15
HEALS: Final = frozenset({429, 502, 503, 504})
FAULTS: Final = 500
"""From this status on an answer is none."""
FAILURES: Final = 3
"""So many failures in a row, or one silence, and the next ``REST_S`` seconds are refused at once instead of filling every
thread. After them one call asks whether Saleor is back; all others are refused until it knows."""
REST_S: Final = 5.0
REDIRECTS: Final = 3
"""Saleor leads from its thumbnail door to the file."""

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


class NoAnswer(Exception):
    """Saleor did not answer; with ``silent`` it let all its time go by."""

    def __init__(self, *, silent: bool = False) -> None:
        super().__init__()
        self.silent = silent


class Rest:
    """After FAILURES in a row, or one silence, nobody asks for REST_S seconds, and then one at a time until it is well."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._until: float | None = None
        """None while all is well."""
        self._probing = False

    @contextmanager
    def asking(self) -> Generator[None]:
        """What is done in here asks Saleor; NoAnswer is taken for its failure, any other end for an answer or for none
        of its business. Raises ShopUnavailable while it is better not to ask."""
        probe = self._enter()
        try:
            yield
        except NoAnswer as failure:
            self._failed(silent=failure.silent or probe)
            raise
        finally:
            if probe:
                with self._lock:
                    self._probing = False

    def _enter(self) -> bool:
        """Whether this call is the one that finds out. Raises ShopUnavailable."""
        with self._lock:
            if self._until is None:
                return False
            if self._probing or time.monotonic() < self._until:
                raise ShopUnavailable()
            self._probing = True
            return True

    def went_well(self) -> None:
        with self._lock:
            self._failures, self._until = 0, None

    def _failed(self, *, silent: bool) -> None:
        with self._lock:
            self._failures += 1
            if silent or self._failures >= FAILURES:
                self._failures, self._until = 0, time.monotonic() + REST_S


class Client:
    """Speaks to one Saleor as our App. May be shared by threads.

    ``timeout_s`` is all the time that one call has, from connecting to the last byte of its answer, with everything that
    is tried again in it. Reading is tried three times. A mutation is sent again only when its caller says that this is
    safe, because a key or the state of things makes the second one harmless. Whatever else fails raises ShopUnavailable:
    what Saleor did meanwhile is found out by whoever repeats the call under its key.
    """

    def __init__(self, api_url: str, *, token: str | Callable[[], str] = "", timeout_s: float = 20) -> None:
        self.api_url = api_url
        self._token = token
        self._before: Callable[[float], None] | None = None
        self._longest_s = timeout_s
        self._rest, self._files = Rest(), Rest()
        self._pool = deadline.pool(maxsize=POOL)

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
            return self._fetch(url, most, self._longest_s)
        except NoAnswer:
            return None

    def glance(self, url: str, *, most: int, longest_s: float) -> bytes | None:
        """As fetch, for a page that can do without: nobody waits for a server of files that was just now silent."""
        try:
            with self._files.asking():
                return self._fetch(url, most, longest_s)
        except (NoAnswer, ShopUnavailable):
            return None

    def _fetch(self, url: str, most: int, longest_s: float) -> bytes | None:
        try:
            with deadline.within(longest_s):
                answer = self._pool.request(
                    "GET",
                    url,
                    preload_content=False,
                    timeout=deadline.timeout(connect_s=CONNECT_S),
                    retries=urllib3.Retry(connect=False, read=False, redirect=REDIRECTS),
                )
                try:
                    content = answer.read(most + 1)
                finally:
                    answer.release_conn()
        except (urllib3.exceptions.HTTPError, TimeoutError) as error:
            log.warning("saleor file: %s", type(error).__name__)
            silent = isinstance(error, urllib3.exceptions.TimeoutError | TimeoutError)
            raise NoAnswer(silent=silent) from None
        self._files.went_well()
        return content if answer.status == 200 and len(content) <= most else None

    def _answer(self, body: bytes, content_type: str, *, name: str, tries: int) -> dict[str, Any]:
        try:
            with self._rest.asking():
                headers = {"Content-Type": content_type, "Accept": "application/json"}
                token = self._token if isinstance(self._token, str) else self._token()
                if token:
                    headers["Authorization"] = f"Bearer {token}"
                status, content = self._insist(body, headers, name=name, tries=tries)
        except NoAnswer:
            raise ShopUnavailable() from None
        return self._data(status, content, name=name)

    def _insist(self, body: bytes, headers: Mapping[str, str], *, name: str, tries: int) -> tuple[int, bytes]:
        """What Saleor answers at last, within the time of one call. Raises NoAnswer."""
        ends: float | None = None
        for left in reversed(range(tries)):
            if self._before is not None:
                self._before(self._longest_s)
            now = time.monotonic()
            if ends is None:
                ends = now + self._longest_s
            if now >= ends:
                break
            try:
                with deadline.within(ends - now):
                    status, content = self._post(body, headers)
            except (urllib3.exceptions.HTTPError, TimeoutError) as error:
                log.warning("saleor %s: %s", name, type(error).__name__)
            else:
                if status not in HEALS and status < FAULTS:
                    self._rest.went_well()
                    return status, content
                log.warning("saleor %s: HTTP %s", name, status)
                if status not in HEALS:
                    break
            if left and time.monotonic() + PAUSE_S < ends:
                time.sleep(PAUSE_S)
        raise NoAnswer(silent=ends is not None and time.monotonic() >= ends)

    def _post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        timeout = deadline.timeout(connect_s=CONNECT_S)
        response = self._pool.request(
            "POST", self.api_url, body=body, headers=headers, timeout=timeout, retries=False
        )
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
