from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from backend.accounts.models import Seller
from backend.catalogue import services
from backend.catalogue.values import Result
from backend.commerce import shop
from backend.commerce.values import Product, ProductDraft, VariantDraft
from backend.common.ids import new_id
from backend.common.money import vnd
from backend.ocop.models import Certificate
from backend.ocop.services import grant_certificate, register_producer
from backend.places.models import Commune

THOAI_SON, HOANG_GIANG, VI_TAN = "30682", "15880", "31333"


@dataclass
class Stand:
    """Sellers and their goods, with the cards made of them at once."""

    sellers: dict[str, Seller] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)

    def seller(self, name: str = "Hộ Út Sen", commune: str = THOAI_SON) -> Seller:
        if name not in self.sellers:
            self.sellers[name] = Seller.objects.create(
                slug=new_id(),
                name=name,
                kind="household",
                commune=Commune.objects.get(pk=commune),
                phone="+84900000001",
            )
        return self.sellers[name]

    def category(self, slug: str) -> str:
        return next(each.id for each in shop().categories() if each.slug == slug)

    def draft(
        self,
        name: str,
        *,
        seller: Seller | None = None,
        category: str = "rau-cu-qua",
        price: int = 12_000,
        quantity: int = 10,
        unit: str = "bó 300 g",
        published: bool = True,
        **variant: Any,
    ) -> ProductDraft:
        return ProductDraft(
            name=name,
            seller_id=str((seller or self.seller()).pk),
            category_id=self.category(category),
            variants=(VariantDraft(unit=unit, price=vnd(price), quantity=quantity, weight_g=300, **variant),),
            published=published,
        )

    def list(self, name: str, **draft: Any) -> Product:
        """Goods on the shelf and in the catalogue."""
        product = shop().create_product(key=new_id(), draft=self.draft(name, **draft))
        services.refresh([product.id])
        self.products[name] = product
        return product

    def grant(self, product: Product, stars: int, issued_on: date = date(2026, 1, 10)) -> Certificate:
        seller = Seller.objects.get(pk=int(product.seller_id))
        producer = register_producer(seller=seller, actor="system:test")
        return grant_certificate(
            producer=producer,
            product_name=product.name,
            product_id=product.id,
            stars=stars,
            number=new_id(),
            decision_number="12/QĐ-UBND",
            issuer="UBND tỉnh An Giang",
            issuing_level="province",
            issued_on=issued_on,
            actor="system:test",
        )


@pytest.fixture
def stand(db: None) -> Stand:
    return Stand()


def names(result: Result) -> list[str]:
    return [each.name for each in result.cards]
