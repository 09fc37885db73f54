"""The two address levels since 01/07/2025: provinces and, below them, communes, wards and special zones."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Province(models.Model):
    """A province or a city of the central government; the key is the statistics office's code ("92")."""

    code = models.CharField(max_length=2, primary_key=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=[("tinh", _("tỉnh")), ("thanh_pho", _("thành phố"))])
    folded = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.name


class Commune(models.Model):
    """A commune, ward or special zone; the key is the statistics office's code ("31333")."""

    code = models.CharField(max_length=5, primary_key=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=[("xa", _("xã")), ("phuong", _("phường")), ("dac_khu", _("đặc khu"))])
    province = models.ForeignKey(Province, on_delete=models.PROTECT, related_name="communes")
    folded = models.CharField(max_length=160, db_index=True)

    def __str__(self) -> str:
        return f"{self.get_kind_display().capitalize()} {self.name}"  # type: ignore[attr-defined]
