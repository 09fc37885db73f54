"""Form fields that market people need."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from backend.common.money import Money, parse_vnd


class PriceField(forms.Field):
    """An amount as people type it (``12000``, ``12.000 đ``, ``12k``); cleans to :class:`Money`."""

    default_error_messages = {
        "required": _("Xin cho biết giá."),
        "invalid": _("Giá chưa đúng. Ví dụ đúng: 12000 hoặc 12.000"),
        "low": _("Giá phải từ %(low)s trở lên."),
        "high": _("Giá phải dưới %(high)s."),
    }

    def __init__(self, *, low: int = 1, high: int = 500_000_000, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(**kwargs)
        self.low, self.high = low, high

    def prepare_value(self, value: Any) -> Any:
        return value.amount if isinstance(value, Money) else value

    def to_python(self, value: Any) -> Money | None:
        if value in self.empty_values:
            return None
        try:
            amount = Money(parse_vnd(str(value)))
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        if amount.amount < self.low:
            raise ValidationError(self.error_messages["low"], code="low", params={"low": Money(self.low)})
        if amount.amount >= self.high:
            raise ValidationError(self.error_messages["high"], code="high", params={"high": Money(self.high)})
        return amount


def whole_number(text: str, *, digits: int) -> int | None:
    """The number that ``text`` writes with at most ``digits`` of 0-9, else None.

    For what no form cleans: a page's number, a hidden field. ``str.isdigit`` alone also takes ², which ``int`` refuses.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/input.html"


class PhotosField(forms.FileField):
    """Several photographs at once; cleans to a list. What each one contains is for the shop to judge."""

    widget = _ManyFiles

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if not files:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return []
        if len(files) > self.most:
            raise ValidationError(
                _("Mỗi lần gửi nhiều nhất %(most)s ảnh."), code="many", params={"most": self.most}
            )
        return [super(PhotosField, self).clean(file, initial) for file in files]
