from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from PIL import Image

from backend.commerce.shop import Shop
from backend.commerce.values import (
    Address,
    Checkout,
    Delivery,
    FulfillLine,
    LineDraft,
    Order,
    Product,
    ProductDraft,
    Variant,
    VariantDraft,
)
from backend.common.ids import new_id
from backend.common.money import Money, vnd
from tests.contract.legs import LEGS, Leg

VI_TAN = Address(
    name="Trần Thị Út",
    phone="+84912345678",
    street="Số 12, khu phố 4",
    commune_code="31333",
    commune="Phường Vị Tân",
    province_code="92",
    province="Thành phố Cần Thơ",
)
HUE = Address(
    name="Tôn Nữ Hạ Vy",
    phone="+84905000111",
    street="3 kiệt 28 Nguyễn Sinh Cung",
    commune_code="19803",
    commune="Phường Vỹ Dạ",
    province_code="46",
    province="Thành phố Huế",
)
PICKUP = Delivery(method="pickup", name="Nhận tại nhà người bán", price=vnd(0))
COURIER = Delivery(method="courier", name="Giao trong xã", price=vnd(15_000))


def new_key() -> str:
    """A key that no call has used."""
    return f"test:{new_id()}"


@dataclass
class Market:
    """A shop with short ways to what most cases need first."""

    leg: Leg
    shop: Shop = field(init=False)

    def __post_init__(self) -> None:
        self.shop = self.leg.shop

    def category(self, slug: str = "rau-cu-qua") -> str:
        return next(each.id for each in self.shop.categories() if each.slug == slug)

    def seller(self) -> str:
        return self.leg.new_seller()

    def draft(
        self, seller_id: str, *, name: str = "Rau mồng tơi", price: int = 12_000, quantity: int = 10
    ) -> ProductDraft:
        return ProductDraft(
            name=name,
            seller_id=seller_id,
            category_id=self.category(),
            variants=(VariantDraft(unit="bó 300 g", price=vnd(price), quantity=quantity, weight_g=300),),
            description="Hái buổi sáng.",
            label={"origin": "Hoằng Giang, Thanh Hóa"},
        )

    def product(
        self,
        seller_id: str | None = None,
        *,
        name: str = "Rau mồng tơi",
        price: int = 12_000,
        quantity: int = 10,
    ) -> Product:
        seller_id = seller_id or self.seller()
        return self.shop.create_product(
            key=new_key(), draft=self.draft(seller_id, name=name, price=price, quantity=quantity)
        )

    def variant(self, variant_id: str) -> Variant:
        return self.shop.variants([variant_id])[variant_id]

    def stock(self, product: Product) -> tuple[int, int]:
        """Pieces there and pieces that can still be ordered, of the only variant."""
        variant = self.variant(product.variant.id)
        return variant.quantity, variant.available

    def checkout(self, product: Product, quantity: int = 1) -> Checkout:
        return self.shop.create_checkout(
            key=new_key(), seller_id=product.seller_id, lines=[LineDraft(product.variant.id, quantity)]
        )

    def complete(
        self,
        checkout: Checkout,
        *,
        key: str | None = None,
        address: Address = VI_TAN,
        delivery: Delivery = PICKUP,
        confirmed: Money | None = None,
    ) -> Order:
        return self.shop.complete_checkout(
            key=key or new_key(),
            checkout_id=checkout.id,
            address=address,
            email="",
            delivery=delivery,
            confirmed_total=confirmed or checkout.total + delivery.price,
        )

    def order(self, product: Product, quantity: int = 1) -> Order:
        return self.complete(self.checkout(product, quantity))

    def all_lines(self, order: Order) -> list[FulfillLine]:
        return [FulfillLine(line.id, line.quantity) for line in order.lines]

    def pay(self, order: Order, amount: int, reference: str | None = None) -> Order:
        return self.shop.report_charge(
            key=new_key(), order_id=order.id, amount=vnd(amount), psp_reference=reference or new_id()
        )


# What the dialect adds to the engine's own leg is JSON, which knows no database: each case of it runs on one of them.
ONCE = {"dialect": (pytest.mark.pure,)}


@pytest.fixture(params=[pytest.param(leg, marks=ONCE.get(leg, ())) for leg in LEGS])
def market(request: pytest.FixtureRequest, db: None) -> Market:
    """Every engine in turn. A case with threads marks itself django_db(transaction=True)."""
    return Market(LEGS[request.param]())


def make_photo(colour: str) -> bytes:
    """A JPEG of one colour, small enough to be made a thousand times."""
    file = io.BytesIO()
    Image.new("RGB", (400, 300), colour).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def photo() -> Callable[[str], bytes]:
    return make_photo
