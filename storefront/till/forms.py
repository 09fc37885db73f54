"""The till's one form."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.common.ids import new_token
from storefront.fields import PriceField

QUICK: Final = (10_000, 20_000, 50_000, 100_000)
"""The notes that pass over a market's counter most often."""


class ChargeForm(forms.Form):
    """An amount and, if it helps, a word about what for."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    amount = PriceField(
        label=_("Số tiền"),
        low=1_000,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "placeholder": "0", "enterkeyhint": "go"}
        ),
        error_messages={"required": _("Xin bấm số tiền."), "low": _("Số tiền ít nhất là %(low)s.")},
    )
    note = forms.CharField(label=_("Ghi chú (không bắt buộc)"), max_length=60, required=False)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        if data is not None and data.get("quick"):
            # A quick amount pressed where no script runs: the button itself is the amount.
            data = data.copy()
            data["amount"] = data["quick"]
        super().__init__(data, **kwargs)
        self.fields["key"].initial = new_token(32)
