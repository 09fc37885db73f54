"""Each photograph of the demo is encoded once in a test run, by whichever of its processes comes first: encoding is
most of what filling a market costs, and a run fills four.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backend.commerce import encoding

_encode = encoding.encode


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """Where the processes of this test run keep them."""
    base = factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "encoded"
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def shared(folder: Path) -> Iterator[None]:
    """In this process, what has been encoded is taken from the folder, and what is encoded is put there."""

    def encode(content: bytes) -> dict[int, bytes]:
        kept = folder / hashlib.sha256(content).hexdigest()
        with kept.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                made = _encode(content)
                new = kept.with_suffix(".new")
                new.mkdir(exist_ok=True)
                for width, picture in made.items():
                    (new / str(width)).write_bytes(picture)
                new.rename(kept)
                return made
            return {int(each.name): each.read_bytes() for each in kept.iterdir()}

    encoding.encode = encode
    try:
        yield
    finally:
        encoding.encode = _encode


if __name__ == "__main__":
    from backend.project import run

    with shared(Path(sys.argv[1])):
        run.prepare()
