"""Asking again and again: one client for the time of an answer, eight for what the market can take."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

CLIENTS = 8
TIMEOUT_S = 30.0


class BadAnswer(Exception):
    """Something other than the wanted page came back."""


class KeptConnection:
    """The leanest client there is, so that the figure is the market's and not ours: GET over one connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def get(self, path: str) -> bytes:
        """The body. Raises BadAnswer unless the status is 200 and the length is announced."""
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nAccept: text/html\r\n\r\n".encode()
        fresh = self._socket is None
        try:
            return self._exchange(request)
        except (ConnectionError, BadAnswer):
            self.close()
            if fresh:
                raise
            return self._exchange(request)  # the server may close a kept connection at any time

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _exchange(self, request: bytes) -> bytes:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), TIMEOUT_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._receive()
        head, body = data[:end].lower(), data[end + 4 :]
        status = head.split(b" ", 2)[1]
        if status != b"200":
            raise BadAnswer(f"status {status.decode()} to {request.splitlines()[0].decode()}")
        place = head.find(b"content-length:")
        if place < 0:
            raise BadAnswer("no content-length")
        length = int(head[place + 15 :].split(b"\r\n", 1)[0])
        parts, got = [body], len(body)
        while got < length:
            part = self._receive()
            parts.append(part)
            got += len(part)
        if b"connection: close" in head:
            self.close()
        return b"".join(parts)

    def _receive(self) -> bytes:
        assert self._socket is not None
        data = self._socket.recv(262_144)
        if not data:
            raise ConnectionResetError("the server closed the connection")
        return data


@dataclass(frozen=True, slots=True)
class Crowd:
    """What eight clients at once got: answers per second, and the time of each in milliseconds."""

    rate: float
    milliseconds: list[float]


def alone(port: int, paths: Sequence[str], *, times: int, warm_up: int = 20) -> list[float]:
    """The times in milliseconds of `times` answers to one client, over all paths in turn."""
    client = KeptConnection(port)
    try:
        for number in range(warm_up):
            client.get(paths[number % len(paths)])
        found = []
        for number in range(times):
            path = paths[number % len(paths)]
            begun = time.perf_counter()
            client.get(path)
            found.append((time.perf_counter() - begun) * 1000)
        return found
    finally:
        client.close()


def crowd(port: int, paths: Sequence[str], *, seconds: float) -> Crowd:
    """Eight clients that ask without a pause for so long."""
    end = time.perf_counter() + seconds

    def work(number: int) -> list[float]:
        client = KeptConnection(port)
        found: list[float] = []
        try:
            turn = number
            while (begun := time.perf_counter()) < end:
                client.get(paths[turn % len(paths)])
                found.append((time.perf_counter() - begun) * 1000)
                turn += 1
        finally:
            client.close()
        return found

    return at_once([partial(work, number) for number in range(CLIENTS)])


def at_once(jobs: Sequence[Callable[[], list[float]]]) -> Crowd:
    """Runs the jobs in threads that start together; each returns its times. What one raises is raised."""
    ready = threading.Barrier(len(jobs) + 1)
    results: list[list[float] | BaseException] = [[] for _ in jobs]

    def run(place: int) -> None:
        try:
            ready.wait(TIMEOUT_S)
            results[place] = jobs[place]()
        except BaseException as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=(place,), daemon=True) for place in range(len(jobs))]
    for thread in threads:
        thread.start()
    ready.wait(TIMEOUT_S)
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    times: list[float] = []
    for result in results:
        if isinstance(result, BaseException):
            raise result
        times += result
    return Crowd(len(times) / took, times)
