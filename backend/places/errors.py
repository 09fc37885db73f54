"""What can be wrong with a place."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backend.common.errors import NotFound


class CommuneUnknown(NotFound):
    code = "COMMUNE_UNKNOWN"
    message = _("Không có xã, phường nào mang mã này trong danh mục hiện hành.")
