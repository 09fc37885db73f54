"""Two sellers with goods, and a way to speak to /graphql/ as anybody."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from backend.accounts.models import Membership, Seller, User
from backend.accounts.services import create_person, grant_role
from backend.api.saleor import tokens
from backend.api.saleor.ids import to_global
from backend.api.services import create_app
from backend.commerce import shop
from backend.commerce.values import Product, ProductDraft, VariantDraft
from backend.common.ids import new_id
from backend.common.money import vnd
from backend.common.text import slugify
from backend.places.loading import load_places
from backend.places.models import Commune
from backend.sales.services import set_terms
from payments.payees.services import set_payee
from tests.api.buying import documents

PASSWORD = "mua hang o cho xa"
ADDRESS = {
    "firstName": "Út",
    "lastName": "Trần",
    "streetAddress1": "12 khu phố 4",
    "city": "Vị Tân",
    "countryArea": "Cần Thơ",
    "country": "VN",
    "phone": "0912345678",
}


@dataclass
class Caller:
    """Somebody at the door, with a token or without."""

    token: str = ""
    client: Client = field(default_factory=Client)

    def raw(self, text: str, **variables: Any) -> dict[str, Any]:
        """The whole answer."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer = self.client.post(
            "/graphql/",
            json.dumps({"query": documents.whole(text), "variables": variables}),
            content_type="application/json",
            headers=headers,
        )
        found: dict[str, Any] = answer.json()
        found["status"] = answer.status_code
        return found

    def ask(self, text: str, **variables: Any) -> Any:
        """The data of an answer without top-level errors; of its only field when there is one."""
        answer = self.raw(text, **variables)
        assert (answer["status"], answer.get("errors")) == (200, None)
        data = answer["data"]
        return next(iter(data.values())) if len(data) == 1 else data

    def do(self, text: str, **variables: Any) -> Any:
        """As ask, for a change that must not be refused."""
        found = self.ask(text, **variables)
        assert found["errors"] == []
        return found

    def refused(self, text: str, **variables: Any) -> list[tuple[str, str | None]]:
        """Code and field of what a change is refused for."""
        return [(each["code"], each["field"]) for each in self.ask(text, **variables)["errors"]]

    def denied(self, text: str, **variables: Any) -> str:
        """The kind of the top-level error that an answer has."""
        answer = self.raw(text, **variables)
        assert answer["status"] == 200
        kind: str = answer["errors"][0]["extensions"]["exception"]["code"]
        return kind


@pytest.fixture
def vi_tan(db: None) -> Commune:
    if not Commune.objects.filter(pk="31333").exists():
        load_places()
    return Commune.objects.get(pk="31333")


@pytest.fixture
def make_seller(vi_tan: Commune) -> Callable[..., Seller]:
    def make(name: str, *, account: str = "", cash: bool = True) -> Seller:
        seller = Seller.objects.create(
            slug=slugify(name), name=name, kind=Seller.Kind.HOUSEHOLD, commune=vi_tan, phone="+84900000001"
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
def ut(make_seller: Callable[..., Seller]) -> Seller:
    return make_seller("Hộ Lê Văn Út")


def new_good(seller: Seller, name: str = "Nấm linh chi", price: int = 85_000, stock: int = 10) -> Product:
    """A product on the shelf of ``seller``."""
    draft = ProductDraft(
        name=name,
        seller_id=str(seller.pk),
        category_id=shop().categories()[0].id,
        variants=(VariantDraft(unit="túi 250 g", price=vnd(price), quantity=stock, weight_g=250),),
    )
    return shop().create_product(key=new_id(), draft=draft)


def variant_id(good: Product) -> str:
    return to_global("ProductVariant", good.variant.id)


@pytest.fixture
def linh_chi(sen: Seller) -> Product:
    return new_good(sen)


@pytest.fixture
def anyone(db: None) -> Caller:
    return Caller()


def person(name: str, email: str, *, seller: Seller | None = None) -> User:
    """Somebody with an account, of this seller's desk where one is given."""
    user = create_person(actor="system:test", name=name, password=PASSWORD, email=email, email_proved=True)
    if seller is not None:
        grant_role(
            actor="system:test",
            user=user,
            role=Membership.Role.FARMER,
            scope=Membership.Scope.SELLER,
            scope_id=seller.pk,
        )
    return user


def caller(user: User, *, staff: bool = False) -> Caller:
    return Caller(tokens.make(user, kind="access", is_staff=staff))


@pytest.fixture
def lan(db: None) -> Caller:
    return caller(person("Lan Nguyễn", "lan@thu.vn"))


@pytest.fixture
def staff(sen: Seller) -> Caller:
    """Of Sen's desk."""
    return caller(person("Sen", "sen@thu.vn", seller=sen), staff=True)


@pytest.fixture
def other_staff(ut: Seller) -> Caller:
    """Of another seller's desk."""
    return caller(person("Út", "ut@thu.vn", seller=ut), staff=True)


@pytest.fixture
def program(db: None) -> Caller:
    """An App that serves orders, checkouts and payments."""
    _app, token = create_app(
        actor="system:test",
        name="Chợ Xã",
        permissions=["MANAGE_ORDERS", "HANDLE_PAYMENTS", "MANAGE_CHECKOUTS", "HANDLE_CHECKOUTS"],
    )
    return Caller(token)


def filled(who: Caller, good: Product, *, quantity: int = 2, delivery: str = "courier") -> str:
    """A checkout that only waits to be completed; its id."""
    checkout = who.do(
        documents.CREATE,
        input={
            "channel": "cho",
            "email": "khach@thu.vn",
            "lines": [{"variantId": variant_id(good), "quantity": quantity}],
            "shippingAddress": ADDRESS,
            "billingAddress": ADDRESS,
        },
    )["checkout"]
    who.do(documents.DELIVERY, id=checkout["id"], method=to_global("ShippingMethod", delivery))
    checkout_id: str = checkout["id"]
    return checkout_id


def ordered(who: Caller, good: Product, **more: Any) -> str:
    """The id of an order of ``good``."""
    order_id: str = who.do(documents.COMPLETE, id=filled(who, good, **more))["order"]["id"]
    return order_id
