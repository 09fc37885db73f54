"""Tables of the embedded engine: goods and their stock, checkouts, orders, money reported, goods handed over.

No behaviour beyond one row. Amounts are whole đồng. What must never happen is also refused by a CHECK, so
that a mistake in the code above cannot write it. Sellers enter as text: the engine knows no other room's
tables.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from backend.commerce.values import ORDER_STATES

CHARGE_STATUSES = ("none", "partial", "full", "overcharged")
"""Saleor's OrderChargeStatus values."""


class Category(models.Model):
    """One of the six OCOP groups, or a branch below one. ``ocop_code`` is the decision's ("I.1.a")."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=160)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    ocop_group = models.PositiveSmallIntegerField()
    ocop_code = models.CharField(max_length=12, unique=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ocop_group__range=(1, 6)), name="category_six_groups"),
        ]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """What is sold. Never deleted: labels and sellers are kept five years; ``published`` takes it off the
    shelf.

    ``external_reference`` and the metadata are those of programs that keep goods here through /graphql/.
    """

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=160)
    description = models.TextField(blank=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    seller_id = models.CharField(max_length=40)
    label = models.JSONField(default=dict)
    published = models.BooleanField(default=True)
    external_reference = models.CharField(max_length=250, null=True, unique=True)
    metadata = models.JSONField(default=dict)
    private_metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["seller_id", "id"], name="product_by_seller")]

    def __str__(self) -> str:
        return self.name


class Variant(models.Model):
    """Quy cách: a product in one unit at one price. ``withdrawn_at``: not offered, kept for its orders.

    A program may put up a variant before it states the price; until then it is withdrawn and has none.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="variants")
    sku = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=120, blank=True)
    unit = models.CharField(max_length=60)
    price_vnd = models.BigIntegerField(null=True)
    weight_g = models.PositiveIntegerField(null=True)
    gtin = models.CharField(max_length=14, blank=True)
    position = models.PositiveSmallIntegerField()
    withdrawn_at = models.DateTimeField(null=True)
    external_reference = models.CharField(max_length=250, null=True, unique=True)
    metadata = models.JSONField(default=dict)
    private_metadata = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(price_vnd__gt=0), name="variant_price_positive"),
            models.CheckConstraint(
                condition=Q(price_vnd__isnull=False) | Q(withdrawn_at__isnull=False),
                name="variant_offered_has_price",
            ),
            models.CheckConstraint(
                condition=Q(weight_g__isnull=True) | Q(weight_g__gt=0), name="variant_weight_positive"
            ),
            models.UniqueConstraint(fields=["sku"], condition=~Q(sku=""), name="variant_sku_once"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.unit}"


class Stock(models.Model):
    """Pieces of a variant that the seller has, and how many of them orders hold (Saleor's pair of numbers).

    A row of its own, so that an order writes eight bytes and not a variant. Changed only by conditional
    UPDATEs.
    """

    variant = models.OneToOneField(Variant, on_delete=models.PROTECT, primary_key=True, related_name="stock")
    quantity = models.BigIntegerField(default=0)
    quantity_allocated = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity_allocated__gte=0), name="stock_held_not_negative"),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("quantity_allocated")), name="stock_never_oversold"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.quantity_allocated}/{self.quantity}"


class ProductImage(models.Model):
    """A photograph; its files are ``<stem>-<width>.webp`` for every width in ``widths``."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="images")
    stem = models.CharField(max_length=120, unique=True)
    widths = models.JSONField()
    alt = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.stem


class Checkout(models.Model):
    """A basket of one seller on its way to an order. Holds no stock.

    ``seller_id`` is empty until the first goods come in. What Saleor's dialect lets a buyer fill in step by
    step (e-mail, addresses, way of delivery) waits here: it moves to the order when the order is placed, and
    goes with the row after a week when none is.
    """

    id = models.CharField(max_length=26, primary_key=True)
    seller_id = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(db_index=True)
    updated_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    user_ref = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=2, default="vi")
    shipping_address = models.JSONField(null=True)
    billing_address = models.JSONField(null=True)
    delivery_method = models.CharField(max_length=40, blank=True)
    delivery_name = models.CharField(max_length=120, blank=True)
    delivery_vnd = models.BigIntegerField(default=0)
    metadata = models.JSONField(default=dict)
    private_metadata = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["user_ref"], condition=~Q(user_ref=""), name="checkout_of_user"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(delivery_vnd__gte=0), name="checkout_delivery_not_negative"),
        ]

    def __str__(self) -> str:
        return self.id


class CheckoutLine(models.Model):
    """``shown_vnd``: the price that the buyer was last shown, where the dialect's buyer confirms no total."""

    checkout = models.ForeignKey(Checkout, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    shown_vnd = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="checkout_line_not_empty"),
            models.UniqueConstraint(fields=["checkout", "variant"], name="checkout_line_per_variant"),
        ]

    def __str__(self) -> str:
        return f"{self.checkout_id} {self.variant_id}"


class Order(models.Model):
    """An order as the buyer confirmed it. ``key`` is its id outside; the primary key is the number people
    say.

    Numbers count up within the market; a placing that fails may leave a gap.
    """

    number = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=26, unique=True)
    checkout_key = models.CharField(max_length=26, unique=True)
    seller_id = models.CharField(max_length=40)
    status = models.CharField(max_length=32)
    charge_status = models.CharField(max_length=12, default="none")
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=20)
    street = models.CharField(max_length=200)
    commune_code = models.CharField(max_length=5)
    commune = models.CharField(max_length=80)
    province_code = models.CharField(max_length=2)
    province = models.CharField(max_length=80)
    email = models.CharField(max_length=254, blank=True)
    delivery_method = models.CharField(max_length=40)
    delivery_name = models.CharField(max_length=120)
    delivery_vnd = models.BigIntegerField()
    note = models.TextField(blank=True)
    subtotal_vnd = models.BigIntegerField()
    total_vnd = models.BigIntegerField()
    charged_vnd = models.BigIntegerField(default=0)
    most_charged_vnd = models.BigIntegerField(default=0)
    """The most that was ever charged: money is told as come once, even where it went and came again."""
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=200, blank=True)
    user_ref = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=2, default="vi")
    shipping_address = models.JSONField(null=True)
    """The address as Saleor's dialect was given it; None where it came through the port."""
    billing_address = models.JSONField(null=True)
    private_metadata = models.JSONField(default=dict)
    authorized_vnd = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["seller_id", "-number"], name="order_by_seller"),
            models.Index(fields=["user_ref", "-number"], condition=~Q(user_ref=""), name="order_of_user"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=list(ORDER_STATES.labels)), name="order_status_known"
            ),
            models.CheckConstraint(condition=Q(charge_status__in=CHARGE_STATUSES), name="order_charge_known"),
            models.CheckConstraint(condition=Q(charged_vnd__gte=0), name="order_charged_not_negative"),
            models.CheckConstraint(
                condition=Q(subtotal_vnd__gt=0)
                & Q(delivery_vnd__gte=0)
                & Q(total_vnd=F("subtotal_vnd") + F("delivery_vnd")),
                name="order_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"


class OrderLine(models.Model):
    """A line as it was confirmed: copies that never change. ``image`` is a file name in the media storage."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    product_name = models.CharField(max_length=160)
    unit = models.CharField(max_length=60)
    sku = models.CharField(max_length=60, blank=True)
    image = models.CharField(max_length=140, blank=True, db_index=True)
    quantity = models.PositiveIntegerField()
    quantity_fulfilled = models.PositiveIntegerField(default=0)
    unit_price_vnd = models.BigIntegerField()
    total_vnd = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "variant"], name="order_line_per_variant"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_line_not_empty"),
            models.CheckConstraint(
                condition=Q(quantity_fulfilled__lte=F("quantity")), name="order_line_not_overfulfilled"
            ),
            models.CheckConstraint(
                condition=Q(unit_price_vnd__gt=0) & Q(total_vnd=F("unit_price_vnd") * F("quantity")),
                name="order_line_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.product_name}"


class Transaction(models.Model):
    """Saleor's TransactionItem: one payment of a checkout, then of its order, and what its events add up to.

    The amounts are kept by the transaction that writes an event; they are never typed in by hand except
    through an event. ``app`` is the gateway that owns it, empty for the market itself.
    """

    id = models.CharField(max_length=26, primary_key=True)
    checkout = models.ForeignKey(Checkout, on_delete=models.SET_NULL, null=True, related_name="transactions")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="transactions")
    app = models.CharField(max_length=120, blank=True)
    user_ref = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=512, blank=True)
    psp_reference = models.CharField(max_length=512, blank=True)
    message = models.CharField(max_length=512, blank=True)
    external_url = models.CharField(max_length=512, blank=True)
    actions = models.JSONField(default=list)
    idempotency_key = models.CharField(max_length=512, null=True)
    subject = models.CharField(max_length=80, blank=True)
    """What the payment is for in the words of whoever collects the money; empty where nobody else does."""
    authorized_vnd = models.BigIntegerField(default=0)
    authorize_pending_vnd = models.BigIntegerField(default=0)
    charged_vnd = models.BigIntegerField(default=0)
    charge_pending_vnd = models.BigIntegerField(default=0)
    refunded_vnd = models.BigIntegerField(default=0)
    refund_pending_vnd = models.BigIntegerField(default=0)
    canceled_vnd = models.BigIntegerField(default=0)
    cancel_pending_vnd = models.BigIntegerField(default=0)
    metadata = models.JSONField(default=dict)
    private_metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["subject"], condition=~Q(subject=""), name="transaction_subject"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["checkout", "idempotency_key"], name="transaction_once_per_checkout_key"
            ),
            models.UniqueConstraint(
                fields=["order", "idempotency_key"], name="transaction_once_per_order_key"
            ),
            models.CheckConstraint(
                condition=Q(
                    authorized_vnd__gte=0,
                    authorize_pending_vnd__gte=0,
                    charged_vnd__gte=0,
                    charge_pending_vnd__gte=0,
                    refunded_vnd__gte=0,
                    refund_pending_vnd__gte=0,
                    canceled_vnd__gte=0,
                    cancel_pending_vnd__gte=0,
                ),
                name="transaction_amounts_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.id


class TransactionEvent(models.Model):
    """One thing that was reported about a transaction. Never edited.

    ``counted``: whether it takes part in the amounts (Saleor's include_in_calculations).
    """

    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="events")
    type = models.CharField(max_length=32)
    psp_reference = models.CharField(max_length=512, blank=True)
    amount_vnd = models.BigIntegerField()
    message = models.CharField(max_length=512, blank=True)
    external_url = models.CharField(max_length=512, blank=True)
    idempotency_key = models.CharField(max_length=512, null=True)
    actor = models.CharField(max_length=120, blank=True)
    counted = models.BooleanField(default=True)
    at = models.DateTimeField()
    """When it happened, in the reporter's words."""
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            # The last guard against counting a report twice, whatever the code above it does.
            models.UniqueConstraint(
                fields=["transaction", "psp_reference", "type"],
                condition=Q(counted=True)
                & ~Q(type__in=["info", "charge_action_required", "authorization_action_required"]),
                name="transaction_event_once",
            ),
            models.CheckConstraint(condition=Q(amount_vnd__gte=0), name="transaction_event_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.transaction_id} {self.type}"


class Fulfillment(models.Model):
    """One hand-over of goods of an order; ``position`` counts within the order."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="fulfillments")
    position = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=12, default="fulfilled")
    tracking_number = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField()
    canceled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["fulfilled", "canceled"]), name="fulfillment_status_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.created_at}"


class FulfillmentLine(models.Model):
    fulfillment = models.ForeignKey(Fulfillment, on_delete=models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="fulfillments")
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fulfillment", "order_line"], name="fulfillment_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="fulfillment_line_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.order_line_id}: {self.quantity}"
