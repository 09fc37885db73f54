"""The market's own shelf: copies for reading, made from the shop's goods and made again at any time."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Branch(models.Model):
    """A category of the shop, copied so that no page waits for a remote shop. ``path`` is
    "/thuc-pham/tuoi-song/"."""

    category_id = models.CharField(max_length=80, primary_key=True)
    slug = models.CharField(max_length=80)
    name = models.CharField(max_length=160)
    parent_id = models.CharField(max_length=80, blank=True)
    path = models.CharField(max_length=260)
    position = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return self.name


class Card(models.Model):
    """A product as lists show it. Its text is indexed by ``backend.catalogue.index``.

    ``listed`` is False for goods off the shelf; the row stays, so that a slower writer cannot put them back.
    ``read_at`` is when the shop was asked: an older answer never overwrites a newer one. Stars are not here:
    they are the register's, and asked of it for every answer.
    """

    product_id = models.CharField(max_length=80, unique=True)
    slug = models.CharField(max_length=255)
    name = models.CharField(max_length=250)
    unit = models.CharField(max_length=60)
    price_vnd = models.BigIntegerField()
    variants = models.PositiveSmallIntegerField()
    available = models.BigIntegerField()
    sold_out = models.BooleanField()
    seller_id = models.CharField(max_length=40)
    seller_name = models.CharField(max_length=160)
    commune_code = models.CharField(max_length=5)
    commune_name = models.CharField(max_length=80)
    category_id = models.CharField(max_length=80)
    category_path = models.CharField(max_length=260)
    image_small = models.CharField(max_length=300, blank=True)
    image_medium = models.CharField(max_length=300, blank=True)
    image_alt = models.CharField(max_length=250, blank=True)
    words = models.TextField()
    """The words that find the goods, folded, in their order: the indexed text."""
    name_words = models.TextField()
    """The folded words of the name between spaces, for ranking."""
    marked_words = models.TextField()
    """The words of ``words`` as they are written, lower case, between spaces; those of the name come
    first."""
    marked_name = models.TextField()
    listed = models.BooleanField()
    listed_at = models.DateTimeField()
    read_at = models.DateTimeField()

    class Meta:
        # Of listed cards alone: SQLite uses no index that begins with a boolean for "WHERE listed".
        indexes = [
            models.Index(
                fields=["sold_out", "-listed_at", "-id"], condition=Q(listed=True), name="card_newest"
            ),
            models.Index(
                fields=["category_path", "commune_code", "commune_name"],
                condition=Q(listed=True),
                name="card_facets",
            ),
            models.Index(fields=["seller_id"], name="card_seller"),
        ]

    def __str__(self) -> str:
        return self.name
