"""The checkout's form: who, where to, and per seller how it is delivered and paid."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.accounts.phones import PhoneField
from backend.commerce.values import LineDraft
from backend.common.ids import new_token
from backend.common.money import Money
from backend.common.text import tidy
from backend.sales.basket import Basket, SellerBasket
from backend.sales.delivery import COURIER
from backend.sales.services import Buyer, Choice
from backend.sales.values import Payment
from payments.payees.queries import payee_for
from storefront.people.address import CommuneField


class CheckoutForm(forms.Form):
    """Built over a basket: fields ``delivery_<seller>`` and ``payment_<seller>`` for each of its sellers.

    ``total_<seller>`` carries the total that was shown, so that a price that changed in between is noticed.
    """

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Họ tên"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Xin cho biết họ tên người nhận.")},
    )
    phone = PhoneField(
        label=_("Số điện thoại"),
        help_text=_("Người bán gọi số này khi giao hàng."),
        error_messages={"required": _("Xin cho biết số điện thoại.")},
    )
    email = forms.EmailField(
        label=_("Thư điện tử (không bắt buộc)"),
        required=False,
        max_length=254,
        help_text=_("Để nhận đường dẫn tới đơn hàng."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={"invalid": _("Địa chỉ thư chưa đúng, ví dụ đúng: ten@thu.vn")},
    )
    commune = CommuneField(label=_("Xã, phường"))
    street = forms.CharField(
        label=_("Số nhà, đường, ấp"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    note = forms.CharField(
        label=_("Lời nhắn cho người bán (không bắt buộc)"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, basket: Basket, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.basket = basket
        self.fields["key"].initial = new_token(32)
        self.parts = [_Part(self, part) for part in basket.parts]

    @property
    def commune_html(self) -> Any:
        return self["commune"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        needs_street = any(data.get(part.delivery_name) == COURIER for part in self.parts)
        data["street"] = tidy(data.get("street", ""))
        if needs_street and not data["street"]:
            self.add_error("street", _("Giao tận nơi thì cần số nhà, đường hoặc ấp."))
        return data

    def buyer(self) -> Buyer:
        """Who buys, from a valid form."""
        data = self.cleaned_data
        return Buyer(
            name=tidy(data["name"]),
            phone=data["phone"],
            email=data["email"],
            commune=data["commune"],
            street=data["street"],
            note=data["note"].strip(),
        )

    def choices(self) -> list[Choice]:
        """What was confirmed for each seller, from a valid form."""
        return [part.choice(self.cleaned_data) for part in self.parts]


class _Part:
    """One seller's fields within the form."""

    def __init__(self, form: CheckoutForm, part: SellerBasket) -> None:
        self.form, self.part, self.seller = form, part, part.seller
        number = part.seller.pk
        self.delivery_name, self.payment_name, self.total_name = (
            f"delivery_{number}",
            f"payment_{number}",
            f"total_{number}",
        )
        self.ways = part.terms.options(part.subtotal)
        self.payments = [
            *([(Payment.VIETQR, _("Chuyển khoản VietQR"))] if payee_for(part.seller.owner) else []),
            *([(Payment.CASH, _("Tiền mặt khi nhận hàng"))] if part.terms.cash else []),
        ]
        form.fields[self.delivery_name] = forms.ChoiceField(
            choices=[(way.method, way.name) for way in self.ways],
            initial=self.ways[0].method,
            error_messages={
                "required": _("Xin chọn cách nhận hàng."),
                "invalid_choice": _("Người bán không còn giao theo cách này. Xin chọn lại."),
            },
        )
        form.fields[self.payment_name] = forms.ChoiceField(
            choices=self.payments,
            initial=self.payments[0][0] if self.payments else None,
            error_messages={
                "required": _("Xin chọn cách trả tiền."),
                "invalid_choice": _("Người bán không còn nhận cách trả tiền này. Xin chọn lại."),
            },
        )
        form.fields[self.total_name] = forms.IntegerField(
            widget=forms.HiddenInput, min_value=0, initial=part.subtotal.amount
        )

    @property
    def delivery(self) -> Any:
        return self.form[self.delivery_name]

    @property
    def payment(self) -> Any:
        return self.form[self.payment_name]

    def chosen(self, name: str) -> str:
        """The value to show as chosen: what was sent, else the first offer."""
        return str(self.form[name].value() or "")

    @property
    def way(self) -> Any:
        """The chosen way of delivery, for the sum at the bottom."""
        chosen = self.chosen(self.delivery_name)
        return next((way for way in self.ways if way.method == chosen), self.ways[0])

    @property
    def offers(self) -> list[dict[str, Any]]:
        """Each way of delivery with what the order then costs in all: what the buyer confirms is on the screen."""
        return [
            {
                "method": way.method,
                "name": way.name,
                "price": way.price,
                "total": self.part.subtotal + way.price,
            }
            for way in self.ways
        ]

    def choice(self, data: dict[str, Any]) -> Choice:
        way = next(way for way in self.ways if way.method == data[self.delivery_name])
        return Choice(
            seller_id=self.seller.pk,
            lines=tuple(LineDraft(line.variant.id, line.quantity) for line in self.part.lines),
            delivery=way.method,
            payment=data[self.payment_name],
            # The goods' total as it was shown, plus the price of the way that was chosen.
            confirmed_total=Money(data[self.total_name]) + way.price,
        )
