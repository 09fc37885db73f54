"""Two sellers with goods and accounts, and a buyer in phường Vị Tân."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.accounts.models import Seller
from backend.commerce import shop
from backend.commerce.values import LineDraft, Product, ProductDraft, VariantDraft
from backend.common.ids import new_id
from backend.common.money import Money, vnd
from backend.common.text import slugify
from backend.places.models import Commune, Province
from backend.sales.services import Buyer, Choice, set_terms
from payments.payees.services import set_payee


@pytest.fixture
def vi_tan(transactional_db: None) -> Commune:
    province, _ = Province.objects.get_or_create(
        code="92", defaults={"name": "Cần Thơ", "kind": "thanh_pho", "folded": "can tho"}
    )
    commune, _ = Commune.objects.get_or_create(
        code="31333",
        defaults={
            "name": "Vị Tân",
            "kind": "phuong",
            "province": province,
            "folded": "phuong vi tan can tho",
        },
    )
    return commune


@pytest.fixture
def make_seller(vi_tan: Commune) -> Callable[..., Seller]:
    def make(name: str, *, account: str = "", cash: bool = True) -> Seller:
        seller = Seller.objects.create(
            slug=slugify(name),
            name=name,
            kind=Seller.Kind.HOUSEHOLD,
            commune=vi_tan,
            phone="+84900000001",
            email=f"{slugify(name)}@vi-du.vn",
        )
        set_terms(seller_id=seller.pk, courier_vnd=25_000, free_from_vnd=300_000, pickup=True, cash=cash)
        if account:
            set_payee(owner=seller.owner, bin="970436", account=account, account_name=name, actor="test")
        return seller

    return make


@pytest.fixture
def sen(make_seller: Callable[..., Seller]) -> Seller:
    return make_seller("Hộ Nguyễn Thị Sen", account="0011012345678")


@pytest.fixture
def hoang_giang(make_seller: Callable[..., Seller]) -> Seller:
    return make_seller("HTX Hoằng Giang", account="0011098765432")


@pytest.fixture
def make_good(transactional_db: None) -> Callable[..., Product]:
    return new_good


def new_good(seller: Seller, name: str, price: int, stock: int = 10) -> Product:
    """A product on the shelf of ``seller``."""
    draft = ProductDraft(
        name=name,
        seller_id=str(seller.pk),
        category_id=shop().categories()[0].id,
        variants=(VariantDraft(unit="túi 250 g", price=vnd(price), quantity=stock, weight_g=250),),
    )
    return shop().create_product(key=new_id(), draft=draft)


@pytest.fixture
def buyer(vi_tan: Commune) -> Buyer:
    return Buyer(name="Trần Văn Nam", phone="+84900000006", email="", commune=vi_tan, street="Ấp 3")


def choice(
    seller: Seller,
    good: Product,
    *,
    pieces: int = 1,
    total: Money,
    payment: str = "vietqr",
    delivery: str = "pickup",
) -> Choice:
    return Choice(
        seller_id=seller.pk,
        lines=(LineDraft(good.variant.id, pieces),),
        delivery=delivery,
        payment=payment,
        confirmed_total=total,
    )
