"""The one place that chooses the commerce engine."""

from __future__ import annotations

from django.conf import settings

from backend.commerce import use_copies, use_shop
from backend.commerce.gate import gated, use_gate
from backend.commerce.shop import Shop
from backend.project import environment


def choose_engine() -> None:
    """Put the engine named by SHOP_ENGINE behind the port. Raises BadSetting for a name it does not know."""
    from integrations.saleor.app import copies
    from integrations.saleor.moving import gate

    use_copies(copies.find_copies)
    use_gate(gate.check)
    use_shop(gated(_with_kept_orders(_engine())))


def _with_kept_orders(engine: Shop) -> Shop:
    """A market that has changed its engine shows what it sold on the other one from its copies."""
    from integrations.saleor.moving.kept import with_kept_orders

    return with_kept_orders(engine, saleor=settings.SHOP_ENGINE == "saleor")


def _engine() -> Shop:
    if settings.SHOP_ENGINE == "embedded":
        from backend.engine.shop import EmbeddedShop

        return EmbeddedShop()
    if settings.SHOP_ENGINE == "saleor":
        from integrations.saleor.adapter import SaleorShop
        from integrations.saleor.connection import configured

        if not settings.SALEOR_API_URL:
            raise environment.BadSetting("SALEOR_API_URL", "", "http://…/graphql/")
        return SaleorShop(configured())
    raise environment.BadSetting("SHOP_ENGINE", settings.SHOP_ENGINE, "embedded / saleor")
