"""What a checkout takes and refuses, and what of it strangers see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend.accounts.models import Seller
from backend.api.saleor.ids import to_global
from backend.api.saleor.keys import global_key
from backend.commerce import shop
from backend.commerce.values import Product, ProductDraft, VariantDraft
from backend.common import clock
from backend.common.ids import new_id
from backend.common.money import vnd
from backend.engine.models import Checkout, Order
from backend.engine.tasks import tidy_engine
from tests.api.buying import documents as doc
from tests.api.buying.conftest import ADDRESS, Caller, caller, filled, new_good, person, variant_id

RULES_OFF = {"checkFieldsFormat": False, "enableFieldsNormalization": False}


def empty(who: Caller) -> str:
    checkout_id: str = who.do(doc.CREATE, input={"channel": "cho", "lines": []})["checkout"]["id"]
    return checkout_id


def line(good: Product, quantity: int = 1) -> dict[str, object]:
    return {"variantId": variant_id(good), "quantity": quantity}


def test_a_mixed_basket_is_refused_and_names_the_seller_already_in_it(
    anyone: Caller, linh_chi: Product, ut: Seller
) -> None:
    theirs = new_good(ut, "Rau muống", 9_000)
    key = empty(anyone)
    anyone.do(doc.ADD, id=key, lines=[line(linh_chi)])
    found = anyone.ask(doc.ADD, id=key, lines=[line(theirs)])["errors"]
    assert [(each["code"], each["field"], each["variants"]) for each in found] == [
        ("INVALID", "lines", [variant_id(theirs)])
    ]
    assert "Hộ Nguyễn Thị Sen" in found[0]["message"]
    checkout = anyone.ask(doc.CHECKOUT, id=key)
    assert [each["variant"]["id"] for each in checkout["lines"]] == [variant_id(linh_chi)]
    anyone.do(doc.REMOVE, id=key, lines=[checkout["lines"][0]["id"]])
    anyone.do(doc.ADD, id=key, lines=[line(theirs)])
    assert anyone.refused(doc.CREATE, input={"lines": [line(linh_chi), line(theirs)]}) == [
        ("INVALID", "lines")
    ]


@pytest.mark.parametrize(
    ("quantity", "refusal"),
    [
        (0, ("ZERO_QUANTITY", "quantity")),
        (-1, ("ZERO_QUANTITY", "quantity")),
        (11, ("INSUFFICIENT_STOCK", "quantity")),
        (1000, ("QUANTITY_GREATER_THAN_LIMIT", "quantity")),
    ],
)
def test_quantities_that_cannot_be(
    anyone: Caller, linh_chi: Product, quantity: int, refusal: tuple[str, str]
) -> None:
    key = empty(anyone)
    assert anyone.refused(doc.ADD, id=key, lines=[line(linh_chi, quantity)]) == [refusal]
    assert anyone.ask(doc.CHECKOUT, id=key)["lines"] == []


def test_the_same_goods_again_are_more_of_them_and_none_takes_them_out(
    anyone: Caller, linh_chi: Product
) -> None:
    key = empty(anyone)
    anyone.do(doc.ADD, id=key, lines=[line(linh_chi, 2)])
    checkout = anyone.do(doc.ADD, id=key, lines=[line(linh_chi, 3)])["checkout"]
    assert [each["quantity"] for each in checkout["lines"]] == [5]
    assert anyone.refused(doc.ADD, id=key, lines=[line(linh_chi, 6)]) == [("INSUFFICIENT_STOCK", "quantity")]
    checkout = anyone.do(doc.UPDATE, id=key, lines=[line(linh_chi, 0)])["checkout"]
    assert (checkout["lines"], checkout["totalPrice"]["gross"]["amount"]) == ([], 0)


def test_lines_of_another_checkout_are_not_found(anyone: Caller, linh_chi: Product) -> None:
    mine, other = empty(anyone), empty(anyone)
    theirs = anyone.do(doc.ADD, id=other, lines=[line(linh_chi)])["checkout"]["lines"][0]["id"]
    assert anyone.refused(doc.REMOVE, id=mine, lines=[theirs]) == [("INVALID", "lineId")]
    assert anyone.refused(doc.UPDATE, id=mine, lines=[{"lineId": theirs, "quantity": 2}]) == [
        ("INVALID", "lineId")
    ]
    assert len(anyone.ask(doc.CHECKOUT, id=other)["lines"]) == 1


def test_what_never_was_is_not_found(anyone: Caller, linh_chi: Product) -> None:
    nowhere = global_key("Checkout", new_id())
    assert anyone.ask(doc.CHECKOUT, id=nowhere) is None
    assert anyone.refused(doc.ADD, id=nowhere, lines=[line(linh_chi)]) == [("NOT_FOUND", "id")]
    assert anyone.refused(doc.EMAIL, id=nowhere, email="a@b.vn") == [("NOT_FOUND", "id")]
    assert anyone.refused(doc.COMPLETE, id=nowhere) == [("NOT_FOUND", "id")]
    unknown = {"variantId": to_global("ProductVariant", 999_999), "quantity": 1}
    assert anyone.refused(doc.ADD, id=empty(anyone), lines=[unknown]) == [("GRAPHQL_ERROR", "variantId")]
    assert anyone.refused(doc.CREATE, input={"channel": "khac", "lines": []}) == [("NOT_FOUND", "channel")]


def test_what_is_missing_is_named_in_turn(anyone: Caller, linh_chi: Product) -> None:
    key = empty(anyone)
    steps: list[tuple[tuple[str, str | None], Callable[[], Any]]] = [
        (("EMAIL_NOT_SET", None), lambda: anyone.do(doc.EMAIL, id=key, email="a@b.vn")),
        (("NO_LINES", "lines"), lambda: anyone.do(doc.ADD, id=key, lines=[line(linh_chi)])),
        (
            ("SHIPPING_METHOD_NOT_SET", "shippingMethod"),
            lambda: anyone.do(doc.DELIVERY, id=key, method=to_global("ShippingMethod", "pickup")),
        ),
        (
            ("SHIPPING_ADDRESS_NOT_SET", "shippingAddress"),
            lambda: anyone.do(doc.SHIPPING, id=key, address=ADDRESS),
        ),
        (
            ("BILLING_ADDRESS_NOT_SET", "billingAddress"),
            lambda: anyone.do(doc.BILLING, id=key, address=ADDRESS),
        ),
    ]
    for refusal, mend in steps:
        assert anyone.refused(doc.COMPLETE, id=key) == [refusal]
        mend()
    assert anyone.do(doc.COMPLETE, id=key)["order"]["status"] == "UNCONFIRMED"


def test_addresses_of_two_levels(anyone: Caller) -> None:
    key = empty(anyone)

    def send(rules: dict[str, bool] | None = None, **changed: object) -> list[tuple[str, str | None]]:
        return anyone.refused(doc.SHIPPING, id=key, address={**ADDRESS, **changed}, rules=rules)

    assert send(countryArea="Thành phố Cần Thơ") == []
    assert send(countryArea="Nơi khác") == [("INVALID", "countryArea")]
    assert send(streetAddress1="", city="") == [("REQUIRED", "city"), ("REQUIRED", "streetAddress1")]
    assert send(phone="12") == [("INVALID", "phone")]
    assert send(country="US") == [("INVALID", "country")]
    as_written = {**ADDRESS, "city": "Phường Vỹ Dạ", "cityArea": "Phường Vỹ Dạ", "countryArea": "Huế"}
    kept = anyone.do(doc.BILLING, id=key, address=as_written, rules=RULES_OFF)["checkout"]["billingAddress"]
    assert (kept["city"], kept["cityArea"], kept["countryArea"]) == ("Phường Vỹ Dạ", "Phường Vỹ Dạ", "Huế")


def test_who_merely_knows_the_id_sees_no_person(
    anyone: Caller, lan: Caller, staff: Caller, program: Caller, linh_chi: Product
) -> None:
    key = filled(lan, linh_chi)
    for stranger in (anyone, Caller()):
        seen = stranger.ask(doc.CHECKOUT, id=key)
        address = seen["shippingAddress"]
        assert (seen["email"], address["firstName"], address["streetAddress1"], address["phone"]) == (
            "k•••@thu.vn",
            "Ú•••",
            "1•••",
            "0912 ••• 678",
        )
        assert (address["city"], address["countryArea"]) == ("Phường Vị Tân", "thành phố Cần Thơ")
    for known in (lan, program):
        seen = known.ask(doc.CHECKOUT, id=key)
        assert (seen["email"], seen["billingAddress"]["firstName"]) == ("khach@thu.vn", "Út")


def test_a_form_that_sends_back_what_it_was_shown_changes_nothing(anyone: Caller, linh_chi: Product) -> None:
    key = filled(anyone, linh_chi)
    seen = anyone.ask(doc.CHECKOUT, id=key)
    back = {
        name: seen["shippingAddress"][name]
        for name in ("firstName", "lastName", "streetAddress1", "city", "countryArea", "phone")
    }
    anyone.do(doc.BILLING, id=key, address={**back, "country": "VN"})
    anyone.do(doc.EMAIL, id=key, email=seen["email"])
    row = Checkout.objects.get()
    assert row.billing_address is not None
    assert row.billing_address["street_address_1"] == "12 khu phố 4"
    assert row.email == "khach@thu.vn"


def test_one_field_sent_shows_no_other(anyone: Caller, linh_chi: Product) -> None:
    key = filled(anyone, linh_chi)
    all_of = "checkout { ...CheckoutF } errors { ...CheckoutErrorF } } }"
    email = "mutation ($id: ID!, $email: String!) { checkoutEmailUpdate(id: $id, email: $email) { " + all_of
    shipping = (
        "mutation ($id: ID!, $address: AddressInput!) "
        "{ checkoutShippingAddressUpdate(id: $id, shippingAddress: $address) { " + all_of
    )

    def seen(text: str, **variables: Any) -> tuple[str, str, str]:
        found = Caller().do(text, id=key, **variables)["checkout"]
        return (
            found["email"],
            found["shippingAddress"]["streetAddress1"],
            found["billingAddress"]["streetAddress1"],
        )

    assert seen(email, email="k•••@thu.vn") == ("k•••@thu.vn", "1•••", "1•••")
    assert seen(email, email="ta@thu.vn") == ("ta@thu.vn", "1•••", "1•••")
    new = {**ADDRESS, "streetAddress1": "9 khu phố 1"}
    assert seen(shipping, address=new) == ("t•••@thu.vn", "9 khu phố 1", "1•••")
    masked = {
        **ADDRESS,
        "firstName": "Ú•••",
        "lastName": "T•••",
        "streetAddress1": "1•••",
        "phone": "0912 ••• 678",
    }
    assert seen(shipping, address=masked) == ("t•••@thu.vn", "1•••", "1•••")


def test_taking_a_checkout_over_shows_nothing_that_others_typed(lan: Caller, linh_chi: Product) -> None:
    key = filled(Caller(), linh_chi)
    attach = "mutation ($id: ID!) { checkoutCustomerAttach(id: $id) { checkout { ...CheckoutF } errors { code } } }"
    shown = lan.do(attach, id=key)["checkout"]
    assert (shown["email"], shown["shippingAddress"]["streetAddress1"]) == ("k•••@thu.vn", "1•••")
    assert lan.do(attach, id=key)["checkout"]["email"] == "k•••@thu.vn"
    lan.do(doc.EMAIL, id=key, email="lan@thu.vn")
    shown = lan.ask(doc.CHECKOUT, id=key)
    assert (shown["email"], shown["shippingAddress"]["streetAddress1"]) == ("lan@thu.vn", "1•••")
    order = lan.ask(doc.ORDER, id=lan.do(doc.COMPLETE, id=key)["order"]["id"])
    assert (order["userEmail"], order["billingAddress"]["streetAddress1"]) == ("lan@thu.vn", "1•••")


def test_metadata_of_a_checkout_has_an_end(anyone: Caller, linh_chi: Product) -> None:
    key = filled(anyone, linh_chi)
    put = (
        "mutation ($id: ID!, $input: [MetadataInput!]!) "
        "{ updateMetadata(id: $id, input: $input) { errors { field message code } } }"
    )

    def pairs(start: int, stop: int) -> list[dict[str, str]]:
        return [{"key": f"k{n}", "value": "x" * 4000} for n in range(start, stop)]

    anyone.do(put, id=key, input=pairs(0, 30))
    [(code, _field)] = anyone.refused(put, id=key, input=pairs(30, 51))
    assert code == "INVALID"
    assert len(Checkout.objects.get().metadata) == 30
    anyone.do(put, id=key, input=pairs(10, 50))
    assert len(Checkout.objects.get().metadata) == 50
    assert anyone.refused(doc.SHIPPING, id=key, address={**ADDRESS, "metadata": pairs(0, 51)}) == [
        ("INVALID", "metadata")
    ]


def test_who_has_stopped_selling_sells_nothing(anyone: Caller, sen: Seller, linh_chi: Product) -> None:
    waiting = filled(anyone, linh_chi)
    line = {"variantId": variant_id(linh_chi), "quantity": 1}
    empty = anyone.do(doc.CREATE, input={"channel": "cho", "lines": []})["checkout"]["id"]
    sen.active = False
    sen.save()

    unavailable = [("PRODUCT_UNAVAILABLE_FOR_PURCHASE", "lines")]
    assert anyone.refused(doc.COMPLETE, id=waiting) == unavailable
    assert anyone.refused(doc.CREATE, input={"channel": "cho", "lines": [line]}) == unavailable
    assert anyone.refused(doc.ADD, id=empty, lines=[line]) == unavailable
    assert anyone.refused(doc.UPDATE, id=waiting, lines=[line]) == unavailable
    assert Order.objects.count() == 0
    sen.active = True
    sen.save()
    anyone.do(doc.COMPLETE, id=waiting)


def test_a_price_that_changed_after_it_was_shown_is_asked_again(anyone: Caller, linh_chi: Product) -> None:
    key = filled(anyone, linh_chi, quantity=1, delivery="pickup")
    dearer = replace(VariantDraft.unchanged(linh_chi.variant), price=vnd(90_000))
    draft = ProductDraft(
        name=linh_chi.name,
        seller_id=linh_chi.seller_id,
        category_id=linh_chi.category_id,
        variants=(dearer,),
    )
    shop().update_product(key=new_id(), product_id=linh_chi.id, draft=draft)
    found = anyone.ask(doc.COMPLETE, id=key)["errors"]
    assert [each["code"] for each in found] == ["INVALID"]
    assert "90.000" in found[0]["message"]
    assert anyone.ask(doc.CHECKOUT, id=key)["totalPrice"]["gross"]["amount"] == 90_000
    assert anyone.do(doc.COMPLETE, id=key)["order"]["total"]["gross"]["amount"] == 90_000


def test_goods_that_went_meanwhile_are_a_problem_and_a_refusal(anyone: Caller, linh_chi: Product) -> None:
    key = filled(anyone, linh_chi, quantity=10)
    anyone.do(doc.COMPLETE, id=filled(Caller(), linh_chi, quantity=1))
    problems = anyone.ask(doc.CHECKOUT, id=key)["problems"]
    assert problems == [{"__typename": "CheckoutLineProblemInsufficientStock"}]
    found = anyone.ask(doc.COMPLETE, id=key)["errors"]
    assert [(each["code"], each["variants"]) for each in found] == [
        ("INSUFFICIENT_STOCK", [variant_id(linh_chi)])
    ]


def test_delivery_that_a_program_states_is_the_only_one(
    anyone: Caller, program: Caller, linh_chi: Product
) -> None:
    key = empty(anyone)
    anyone.do(doc.ADD, id=key, lines=[line(linh_chi)])
    stated = [
        {"key": "cho.delivery", "value": '{"method": "courier", "name": "Giao trong xã", "price": 15000}'}
    ]
    assert anyone.denied(doc.PRIVATE, id=key, input=stated) == "PermissionDenied"
    program.do(doc.PRIVATE, id=key, input=stated)
    (only,) = anyone.do(doc.OPTIONS, id=key)["deliveries"]
    assert (only["shippingMethod"]["name"], only["shippingMethod"]["price"]["amount"]) == (
        "Giao trong xã",
        15_000,
    )


def test_an_open_checkout_and_its_person_are_forgotten_after_a_week(
    anyone: Caller, linh_chi: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = filled(anyone, linh_chi)
    done = filled(anyone, linh_chi)
    order = anyone.do(doc.COMPLETE, id=done)["order"]["id"]
    kept = Checkout.objects.get(completed_at__isnull=False)
    assert (kept.email, kept.shipping_address, kept.billing_address) == ("", None, None)
    later = clock.now() + timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: later)
    tidy_engine()
    assert anyone.ask(doc.CHECKOUT, id=key) is None
    assert not Checkout.objects.exists()
    assert anyone.ask(doc.ORDER, id=order)["status"] == "UNCONFIRMED"
    assert anyone.do(doc.COMPLETE, id=done)["order"]["id"] == order


def test_who_lets_a_checkout_go_is_shown_no_more_of_it_than_anybody(
    anyone: Caller, lan: Caller, linh_chi: Product
) -> None:
    key = filled(lan, linh_chi)
    assert lan.ask(doc.CHECKOUT, id=key)["shippingAddress"]["firstName"] == "Út"
    for stranger in (anyone, caller(person("Bảy", "bay@thu.vn"))):
        assert stranger.denied(doc.DETACH, id=key) == "PermissionDenied"
    assert lan.ask(doc.CHECKOUT, id=key)["shippingAddress"]["firstName"] == "Út"
    freed = lan.do(doc.DETACH, id=key)["checkout"]
    assert (freed["user"], freed["email"]) == (None, "k•••@thu.vn")
    assert lan.ask(doc.CHECKOUT, id=key)["shippingAddress"]["firstName"] == "Ú•••"
    assert lan.do(doc.ATTACH, id=key)["checkout"]["email"] == "k•••@thu.vn"


def test_the_note_that_stood_there_stays_hidden_and_ones_own_is_seen(
    anyone: Caller, lan: Caller, linh_chi: Product
) -> None:
    key = filled(anyone, linh_chi)
    anyone.do(doc.METADATA, id=key, input=[{"key": "cho.note", "value": "Nhà có chó"}])
    assert lan.do(doc.ATTACH, id=key)["checkout"]["note"] is None
    told = lan.do(doc.METADATA, id=key, input=[{"key": "cho.note", "value": "Gọi trước"}])["item"]
    assert told["metadata"] == [{"key": "cho.note", "value": "Gọi trước"}]
    assert lan.do(doc.ATTACH, id=key)["checkout"]["note"] == "Gọi trước"
    # The rest of what others typed stays hidden, and the note is still nobody else's.
    assert lan.ask(doc.CHECKOUT, id=key)["email"] == "k•••@thu.vn"
    assert anyone.ask(doc.CHECKOUT, id=key)["metadata"] == []
    order = lan.do(doc.COMPLETE, id=key)["order"]["id"]
    assert {"key": "cho.note", "value": "Gọi trước"} in lan.ask(doc.ORDER, id=order)["metadata"]
    assert "cho.note" not in {each["key"] for each in anyone.ask(doc.ORDER, id=order)["metadata"]}
