"""A program of buyers: ``python -m tests.engine.buyers CHECKOUT…`` completes each checkout in a thread of its
own.

Says ``ready``, waits for a line, then lets all of them go at once and prints one word per checkout: ``order``
or the name of the refusal. ``--die-after DOTTED.NAME`` kills the process with SIGKILL when that function has
returned for the first time; ``--key KEY`` is the key of the (only) call.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from importlib import import_module
from typing import Any


def _die_after(dotted: str) -> None:
    module_name, _, name = dotted.rpartition(".")
    module = import_module(module_name)
    original = getattr(module, name)

    def fatal(*args: Any, **kwargs: Any) -> None:
        original(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, name, fatal)


def main() -> None:
    import django

    django.setup()
    from django.db import connections

    from backend.commerce import shop
    from backend.common.ids import new_id
    from tests.contract.conftest import PICKUP, VI_TAN

    options = argparse.ArgumentParser()
    options.add_argument("checkouts", nargs="+")
    options.add_argument("--key")
    options.add_argument("--die-after")
    given = options.parse_args()
    if given.die_after:
        _die_after(given.die_after)
    words: list[str] = []
    go = threading.Barrier(len(given.checkouts) + 1)

    def buy(checkout_id: str) -> None:
        try:
            checkout = shop().find_checkout(checkout_id)
            assert checkout is not None
            go.wait(30)
            shop().complete_checkout(
                key=given.key or new_id(),
                checkout_id=checkout_id,
                address=VI_TAN,
                email="",
                delivery=PICKUP,
                confirmed_total=checkout.total,
            )
            words.append("order")
        except Exception as error:
            words.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=buy, args=(each,)) for each in given.checkouts]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    sys.stdin.readline()
    go.wait(30)
    for thread in threads:
        thread.join()
    print(*words, flush=True)


if __name__ == "__main__":
    main()
