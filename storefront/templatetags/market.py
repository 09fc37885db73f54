"""The few words that templates need: prices, dates, icons."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from django import template
from django.conf import settings
from django.forms import BoundField, Form
from django.utils.safestring import SafeString, mark_safe

from backend.accounts.phones import format_phone
from backend.common import clock
from backend.common.money import Money, format_number, format_vnd
from payments.vietqr import draw

register = template.Library()


@register.filter
def dong(amount: Money | int | None) -> str:
    """``50000`` as ``50.000 ₫``."""
    if amount is None:
        return ""
    return format_vnd(amount.amount if isinstance(amount, Money) else int(amount))


@register.filter
def number(value: int | None) -> str:
    """``1234`` as ``1.234``."""
    return "" if value is None else format_number(int(value))


@register.filter
def day(moment: datetime | date | None) -> str:
    """A day as ``22/11/2026``, by the Vietnamese calendar."""
    if moment is None:
        return ""
    if isinstance(moment, datetime):
        moment = clock.local(moment)
    return moment.strftime("%d/%m/%Y")


@register.filter
def hour(moment: datetime | None) -> str:
    """A time as ``09:41``, on a Vietnamese clock."""
    return "" if moment is None else clock.local(moment).strftime("%H:%M")


@register.filter
def phone(value: str | None) -> str:
    """``+84912345678`` as ``0912 345 678``."""
    return format_phone(value or "")


@lru_cache(maxsize=64)
def _icon(name: str) -> str:
    path = settings.BASE_DIR / "storefront" / "static" / "icons" / f"{name}.svg"
    return path.read_text(encoding="utf-8").strip()


@register.simple_tag
def icon(name: str) -> SafeString:
    """An SVG from static/icons, drawn inline so that it takes the colour of its text."""
    return mark_safe(_icon(name))  # noqa: S308 - our own files


@register.filter
def field(form: Form, name: str) -> BoundField:
    """The field of a form whose name is only known at run time."""
    return form[name]


@register.filter
def glyphs(stars: int) -> str:
    """``4`` as ``★★★★``; a screen reader gets words beside it."""
    return "★" * stars


@register.simple_tag
def qr(payload: str, label: str) -> SafeString:
    """The VietQR code of ``payload``, drawn here as one small inline SVG; ``label`` is what a screen reader says."""
    return mark_safe(draw.svg(payload, label=label, css_class="qr__code"))  # noqa: S308 - drawn from modules
