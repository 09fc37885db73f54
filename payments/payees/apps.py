from __future__ import annotations

from django.apps import AppConfig


class PayeesConfig(AppConfig):
    name = "payments.payees"
    label = "payees"
    default_auto_field = "django.db.models.BigAutoField"
