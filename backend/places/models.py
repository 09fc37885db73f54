"""The two address levels since 01/07/2025, and the units of before that people still write on parcels.

Kinds and names stay Vietnamese in every language of the pages: they are what stands on the envelope.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db import models

TWO_LEVELS_SINCE: Final = date(2025, 7, 1)
"""Districts ended on the day before (law 72/2025/QH15); an older address is shown as such."""


def lower_first(unit: str) -> str:
    """A unit's name inside a sentence: "huyện Thoại Sơn"."""
    return unit[:1].lower() + unit[1:]


class Province(models.Model):
    """A province or a city of the central government; the key is the statistics office's code ("92")."""

    class Kind(models.TextChoices):
        PROVINCE = "tinh", "tỉnh"
        CITY = "thanh_pho", "thành phố"

    code = models.CharField(max_length=2, primary_key=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind)
    folded = models.CharField(max_length=80)

    def __str__(self) -> str:
        return f"{Province.Kind(self.kind).label} {self.name}"


class Commune(models.Model):
    """A commune, ward or special zone; the key is the statistics office's code ("31333", leading zeros kept).

    Sellers, markets and orders point here, so a unit is never deleted: one that a later list no longer names
    stays with ``current`` false and is not offered any more.
    """

    class Kind(models.TextChoices):
        COMMUNE = "xa", "xã"
        WARD = "phuong", "phường"
        SPECIAL_ZONE = "dac_khu", "đặc khu"

    code = models.CharField(max_length=5, primary_key=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=Kind)
    province = models.ForeignKey(Province, on_delete=models.PROTECT, related_name="communes")
    folded = models.CharField(max_length=80, db_index=True)
    words = models.CharField(max_length=160)
    """Folded words of kind, name and province, each between two spaces: what the search looks through."""
    current = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"{Commune.Kind(self.kind).label.capitalize()} {self.name}"

    @property
    def label(self) -> str:
        """The two levels as on an envelope, unique in the country: ``Phường Vị Tân, thành phố Cần Thơ``."""
        return f"{self}, {self.province}"


class OldUnit(models.Model):
    """A commune of before 01/07/2025 and one unit of today that it went to.

    A divided one has a row for each of them. Five island districts had no communes and stand here themselves.
    """

    class Kind(models.TextChoices):
        COMMUNE = "xa", "xã"
        WARD = "phuong", "phường"
        TOWN = "thi_tran", "thị trấn"
        ISLAND_DISTRICT = "huyen", "huyện"

    code = models.CharField(max_length=5)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=Kind)
    district = models.CharField(max_length=60)
    province = models.CharField(max_length=60)
    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="old_units")
    divided = models.BooleanField()
    folded = models.CharField(max_length=80, db_index=True)
    words = models.CharField(max_length=200)

    def __str__(self) -> str:
        own = f"{OldUnit.Kind(self.kind).label} {self.name}"
        return f"{own}, {lower_first(self.district)}" if self.district else own


class Edition(models.Model):
    """Which data files filled the tables, by their hash, so that loading them again costs nothing."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    loaded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.sha256[:12]
