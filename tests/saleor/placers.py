"""A market's process with the adapter behind the port: ``python -m tests.saleor.placers KEY SELLER VARIANT TOTAL`` places
one purchase of two pieces, as a buyer's page does, and prints the number of its order.

The adapter speaks to our own /graphql/ under the token in ADAPTER_TOKEN. ``--die-after MODULE:CLASS.METHOD`` kills the
process with SIGKILL when that method has returned for the first time.
"""

from __future__ import annotations

import argparse
import os
import signal
from importlib import import_module
from typing import Any


def _die_after(place: str) -> None:
    module_name, _, path = place.partition(":")
    class_name, _, name = path.partition(".")
    owner = getattr(import_module(module_name), class_name)
    original = getattr(owner, name)

    def fatal(*args: Any, **kwargs: Any) -> None:
        original(*args, **kwargs)
        print("done", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, fatal)


def main() -> None:
    import django

    django.setup()
    from backend.commerce import use_shop
    from backend.commerce.values import LineDraft
    from backend.common.money import vnd
    from backend.places.models import Commune
    from backend.sales.services import Buyer, Choice, place_purchase
    from integrations.saleor.adapter import SaleorShop
    from tests.contract.legs import InProcess

    options = argparse.ArgumentParser()
    for name in ("key", "seller", "variant", "total"):
        options.add_argument(name)
    options.add_argument("--die-after")
    given = options.parse_args()
    token = os.environ["ADAPTER_TOKEN"]
    use_shop(SaleorShop(InProcess("http://testserver/graphql/", token=token), zoned=False))
    if given.die_after:
        _die_after(given.die_after)
    commune = Commune.objects.get(pk="31333")
    purchase = place_purchase(
        key=given.key,
        buyer=Buyer(name="Trần Văn Nam", phone="+84900000006", email="", commune=commune, street="Ấp 3"),
        choices=[
            Choice(
                seller_id=int(given.seller),
                lines=(LineDraft(given.variant, 2),),
                delivery="pickup",
                payment="cash",
                confirmed_total=vnd(int(given.total)),
            )
        ],
    )
    print(*[sale.order_number for sale in purchase.sales.all()], flush=True)


if __name__ == "__main__":
    main()
