"""Requests that end: one deadline for connecting, sending and every byte of the answer.

The timeouts of sockets are per read, so a server that sends a byte now and then holds its client for ever. Here each read
may only take what is left until the deadline of its thread.
"""

from __future__ import annotations

import http.client
import io
import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_mine = threading.local()


@contextmanager
def within(seconds: float) -> Generator[None]:
    """The requests of this thread over a ``pool`` end in ``seconds``, when they are given ``timeout``."""
    before = getattr(_mine, "ends", None)
    _mine.ends = time.monotonic() + seconds
    try:
        yield
    finally:
        _mine.ends = before


def timeout(*, connect_s: float) -> urllib3.Timeout:
    """What is left of the time of this thread, at most ``connect_s`` of it for connecting."""
    left = max(_mine.ends - time.monotonic(), 0.001)
    return urllib3.Timeout(connect=min(connect_s, left), total=left)


class _Reader(io.RawIOBase):
    """The bytes of a socket, as long as there is time. Raises TimeoutError."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase) -> None:
        self._sock = sock
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        ends = getattr(_mine, "ends", None)
        if ends is not None:
            left = ends - time.monotonic()
            if left <= 0:
                raise TimeoutError("no time is left")
            self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Reader(sock, self.fp.detach()))


class _Connection(HTTPConnection):
    response_class = _Response


class _SecureConnection(HTTPSConnection):
    response_class = _Response


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def pool(*, maxsize: int) -> urllib3.PoolManager:
    """Connections whose answers keep to ``within``."""
    made = urllib3.PoolManager(maxsize=maxsize)
    made.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
    return made
