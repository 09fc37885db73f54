"""What the market remembers of Saleor: how to reach it, which calls it has made, and who is making one now."""

from __future__ import annotations

from django.db import models


class Connection(models.Model):
    """One Saleor, and the token of our App there. Written by the set-up or by the installation of the App."""

    api_url = models.CharField(max_length=250, unique=True)
    app_id = models.CharField(max_length=80)
    sealed_token = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "saleor_connection"

    def __str__(self) -> str:
        return self.api_url


class Call(models.Model):
    """A writing call under its caller's key: begun before Saleor hears of it, answered once it has gone through.

    A call that was begun and never answered lost its process in between. Whoever repeats it finds in ``before`` what
    it had seen, and asks Saleor first whether the effect is already there.
    """

    key = models.CharField(max_length=120, primary_key=True)
    method = models.CharField(max_length=60)
    input_sha256 = models.CharField(max_length=64)
    result = models.TextField(default="")
    answered = models.BooleanField(default=False)
    at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "saleor_call"

    def __str__(self) -> str:
        return self.key


class Turn(models.Model):
    """Whoever changes something in Saleor takes turns with the others: one order, one listing, one key at a time.

    A turn ends by itself, so that a process that was killed holds up nobody for long.
    """

    name = models.CharField(max_length=160, primary_key=True)
    holder = models.CharField(max_length=26)
    until = models.DateTimeField()

    class Meta:
        db_table = "saleor_turn"

    def __str__(self) -> str:
        return self.name


class Snapshot(models.Model):
    """A product as Saleor last gave it, so that its page is there whatever Saleor does. Fed by whatever reads products:
    our own changes, webhooks, the repair pass."""

    product_id = models.CharField(max_length=80, primary_key=True)
    slug = models.CharField(max_length=255, db_index=True)
    node = models.JSONField()
    read_at = models.DateTimeField()

    class Meta:
        db_table = "saleor_snapshot"

    def __str__(self) -> str:
        return self.slug
