"""Programs that may speak to the market's doors."""

from __future__ import annotations

from django.db import models


class ApiApp(models.Model):
    """A program with a token of its own. Of the token only the hash is kept; ``permissions`` are Saleor's names."""

    name = models.CharField(max_length=120)
    identifier = models.CharField(max_length=120, blank=True)
    token_sha256 = models.CharField(max_length=64, unique=True)
    permissions = models.JSONField(default=list)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
