"""The one place that chooses the commerce engine."""

from __future__ import annotations

from django.conf import settings

from backend.commerce import use_shop
from backend.project import environment


def choose_engine() -> None:
    """Put the engine named by SHOP_ENGINE behind the port. Raises BadSetting for a name it does not know."""
    if settings.SHOP_ENGINE == "embedded":
        from backend.engine.shop import EmbeddedShop

        use_shop(EmbeddedShop())
    elif settings.SHOP_ENGINE == "saleor":
        from integrations.saleor.adapter import SaleorShop
        from integrations.saleor.connection import configured

        if not settings.SALEOR_API_URL:
            raise environment.BadSetting("SALEOR_API_URL", "", "http://…/graphql/")
        use_shop(SaleorShop(configured()))
    else:
        raise environment.BadSetting("SHOP_ENGINE", settings.SHOP_ENGINE, "embedded / saleor")
