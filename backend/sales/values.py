"""Words that the rooms around a sale share."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Payment(models.TextChoices):
    """How a sale is paid; every other way (cards) joins here."""

    VIETQR = "vietqr", _("Chuyển khoản VietQR")
    CASH = "cash", _("Tiền mặt khi nhận hàng")
