"""What the tables themselves refuse, should the code above them ever be wrong."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.db import models as django_models

from backend.engine import models
from backend.engine.categories import load_categories
from tests.contract.conftest import Market


def refused(rows: django_models.QuerySet[django_models.Model], **change: object) -> bool:
    """Whether the database refuses ``change``; on every path nothing is left changed."""
    try:
        with transaction.atomic():
            rows.update(**change)
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (models.Stock, {"quantity_allocated": -1}),
        (models.Stock, {"quantity_allocated": 11}),
        (models.Stock, {"quantity": 1}),
        (models.Variant, {"price_vnd": 0}),
        (models.Variant, {"weight_g": 0}),
        (models.Order, {"status": "paid"}),
        (models.Order, {"charge_status": "late"}),
        (models.Order, {"charged_vnd": -1}),
        (models.Order, {"total_vnd": 23_999}),
        (models.Order, {"delivery_vnd": -1, "total_vnd": 23_999}),
        (models.OrderLine, {"quantity_fulfilled": 3}),
        (models.OrderLine, {"quantity": 0}),
        (models.OrderLine, {"total_vnd": 1}),
        (models.TransactionEvent, {"amount_vnd": -1}),
        (models.Transaction, {"charged_vnd": -1}),
        (models.CheckoutLine, {"quantity": 0}),
        (models.Category, {"ocop_group": 7}),
    ],
)
def test_checks(market: Market, model: type[django_models.Model], change: dict[str, object]) -> None:
    market.pay(market.order(market.product(price=12_000, quantity=10), 2), 1)
    rows = model._default_manager.all()
    assert rows.count() > 0
    assert refused(rows, **change)


def test_a_reference_and_a_checkout_count_once(market: Market) -> None:
    order = market.pay(market.order(market.product()), 1, "FT1")
    row = models.Order.objects.get(key=order.id)
    with pytest.raises(IntegrityError), transaction.atomic():
        models.TransactionEvent.objects.create(
            transaction=row.transactions.get(),
            type="charge_success",
            psp_reference="FT1",
            amount_vnd=1,
            at=row.created_at,
            created_at=row.created_at,
        )
    row.number, row.key = row.number + 1, "other"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_categories_are_loaded_again_without_change(db: None) -> None:
    assert load_categories() == 0
    models.Category.objects.filter(slug="hoa").update(name="Bông")
    models.Category.objects.filter(slug="diem-du-lich").delete()
    assert load_categories() == 2
    assert models.Category.objects.get(slug="hoa").name == "Hoa"
    branch = models.Category.objects.get(ocop_code="VI.3")
    assert (branch.slug, branch.ocop_group) == ("diem-du-lich", 6)
    assert branch.parent is not None
    assert branch.parent.slug == "du-lich"
