"""A visitor of the market without a browser: plain HTTP over a kept connection, cookies, forms, live pages."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What the market answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    path: str

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def location(self) -> str:
        """The address that it sends the visitor to; empty when it does not."""
        return self.headers.get("location", "")

    def form(self, having: str) -> Form:
        """The first form with a field called `having`. Raises LookupError."""
        for form in forms_of(self.text):
            if having in form.fields or having in form.choices:
                return form
        raise LookupError(f"no form with a field {having!r} on {self.path}")


@dataclass(slots=True)
class Form:
    """A form as a browser would send it untouched. `choices` are the values offered by radios and lists."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


class Visitor:
    """Keeps its cookies and one connection; not for use by two threads at once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
        self.cookies: dict[str, str] = {}

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Asks for a page; redirects are not followed."""
        return self._ask("GET", path, None, headers or {})

    def post(self, path: str, fields: Mapping[str, str]) -> Reply:
        """Sends a form; redirects are not followed. The CSRF token comes from the cookie when not given."""
        given = {"csrfmiddlewaretoken": self.cookies.get("csrftoken", ""), **fields}
        return self.send(
            path, urlencode(given).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
        )

    def send(self, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Posts these bytes."""
        return self._ask("POST", path, body, headers)

    def follow(self, reply: Reply) -> Reply:
        """The page that redirects lead to, after at most five of them."""
        for _hop in range(5):
            if not reply.location:
                return reply
            target = urlsplit(urljoin(reply.path, reply.location))
            reply = self.get(target.path + (f"?{target.query}" if target.query else ""))
        raise AssertionError(f"still redirected: {reply.location}")

    @contextmanager
    def listen(self, path: str) -> Iterator[LivePage]:
        """A live page (server-sent events) over a connection of its own; entered once the stream has begun."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT_S)
        try:
            connection.request("GET", path, headers={"Cookie": self._cookie(), "Accept": "text/event-stream"})
            answer = connection.getresponse()
            if answer.status != 200:
                raise AssertionError(f"{path} answered {answer.status}")
            page = LivePage(answer)
            page.wait_for("id:")
            yield page
        finally:
            connection.close()

    def close(self) -> None:
        self._connection.close()

    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        sent = {"Cookie": self._cookie(), **headers} if self.cookies else dict(headers)
        fresh = self._connection.sock is None
        try:
            self._connection.request(method, path, body, sent)
            answer = self._connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self._connection.close()
            if fresh or method != "GET":
                raise
            # The server has closed a connection that was idle for long: what a browser does then, too.
            self._connection.request(method, path, body, sent)
            answer = self._connection.getresponse()
        content = answer.read()
        for line in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        found = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status, found, content, path)


class LivePage:
    """The receiving end of a stream of server-sent events."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self._answer = answer

    def wait_for(self, start: str) -> str:
        """The next line that begins so. Raises AssertionError at the end of the stream or of the patience."""
        try:
            while line := self._answer.readline():
                if line.startswith(start.encode()):
                    return line.decode().strip()
        except TimeoutError as error:
            raise AssertionError(f"no line {start!r} within {TIMEOUT_S:g} s") from error
        raise AssertionError(f"the stream ended before a line {start!r}")


def forms_of(html: str) -> list[Form]:
    """All forms of a page with what a browser would send for each."""
    parser = _Forms()
    parser.feed(html)
    return parser.found


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._open: Form | None = None
        self._select = ""
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("action", ""))
            self.found.append(self._open)
            return
        form = self._open
        if form is None:
            return
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "select":
            self._select = name
            form.choices.setdefault(name, [])
        elif tag == "option" and self._select:
            form.choices[self._select].append(value)
            if "selected" in given or self._select not in form.fields:
                form.fields[self._select] = value
        elif tag == "textarea" and name:
            self._textarea = name
            form.fields[name] = ""
        elif tag == "input" and name and given.get("type") in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(value)
            if "checked" in given:
                form.fields[name] = value
        elif tag == "input" and name and given.get("type") not in ("submit", "button", "file"):
            form.fields[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea and self._open is not None:
            self._open.fields[self._textarea] += data
