"""A good in three screens: what it is, how it looks, what the label says."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from backend.commerce import shop
from backend.commerce.values import Product, ProductDraft, VariantDraft
from backend.common.ids import new_token
from backend.common.text import tidy
from storefront.fields import PhotosField, PriceField
from storefront.shop.browsing import LABEL_FIELDS

MOST_PHOTOS: Final = 8
_WEIGHT = re.compile(r"(\d+(?:[.,]\d+)?)\s*(kg|g|gam|gram|kí|ký)\b", re.IGNORECASE)


def weight_in(unit: str) -> int | None:
    """The net weight in grams that a unit names ("bó 300 g", "quả 1,2 kg", "kg"), or None."""
    found = _WEIGHT.search(unit)
    if found is None:
        return 1000 if tidy(unit).lower() in {"kg", "ký", "kí", "cân"} else None
    amount = float(found[1].replace(",", "."))
    grams = round(amount * 1000) if found[2].lower() in {"kg", "kí", "ký"} else round(amount)
    return grams if 1 <= grams <= 1_000_000 else None


class GoodForm(forms.Form):
    """Screen one."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Tên hàng"),
        max_length=120,
        help_text=_("Ví dụ: Rau mồng tơi"),
        error_messages={"required": _("Xin cho biết tên hàng.")},
    )
    unit = forms.CharField(
        label=_("Bán theo"),
        max_length=40,
        help_text=_("Ví dụ: bó 300 g, kg, hũ 250 g"),
        error_messages={"required": _("Xin cho biết bán theo bó, kg hay hũ.")},
    )
    price = PriceField(label=_("Giá"), help_text=_("Đồng, cho một đơn vị ở trên"))
    quantity = forms.IntegerField(
        label=_("Còn bao nhiêu"),
        min_value=0,
        max_value=1_000_000,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": _("Xin cho biết còn bao nhiêu."),
            "invalid": _("Xin ghi một số, ví dụ 20."),
        },
    )
    was = forms.IntegerField(required=False, widget=forms.HiddenInput)
    category = forms.ChoiceField(label=_("Nhóm hàng"), error_messages={"required": _("Xin chọn nhóm hàng.")})
    description = forms.CharField(
        label=_("Giới thiệu (không bắt buộc)"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Trồng, hái, làm thế nào? Vài câu như nói với khách quen."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [c for c in shop().categories() if c.parent_id is None]
        self.fields["category"] = forms.ChoiceField(
            label=_("Nhóm hàng"),
            choices=[(c.id, c.name) for c in groups],
            error_messages={
                "required": _("Xin chọn nhóm hàng."),
                "invalid_choice": _("Xin chọn một nhóm trong danh sách."),
            },
        )
        self.fields["key"].initial = new_token(32)

    def clean_name(self) -> str:
        name = tidy(self.cleaned_data["name"])
        if len(name) < 2:
            raise ValidationError(_("Tên hàng cần ít nhất 2 chữ cái."))
        return name

    def draft(self, *, seller_id: int, known: Product | None = None) -> ProductDraft:
        """The good as stated, over what was known of it before."""
        data = self.cleaned_data
        unit = tidy(data["unit"])
        before = known.variant if known else None
        quantity: int | None = data["quantity"]
        if before is not None:
            # The seller counts what is left to sell; the shop counts what orders hold too. A number left as it stood
            # changes nothing, so that what was sold while the form was open is not put back.
            held = before.quantity - before.available
            quantity = None if data["quantity"] == data["was"] else data["quantity"] + held
        variant = VariantDraft(
            unit=unit,
            price=data["price"],
            quantity=quantity,
            weight_g=weight_in(unit),
            sku=before.sku if before else "",
            gtin=before.gtin if before else "",
            id=before.id if before else None,
            name=before.name if before else "",
        )
        return ProductDraft(
            name=data["name"],
            seller_id=str(seller_id),
            category_id=data["category"],
            variants=(variant, *(VariantDraft.unchanged(other) for other in known.variants[1:]))
            if known
            else (variant,),
            description=data["description"].strip(),
            label=dict(known.label) if known else {},
            published=known.published if known else False,
        )


class PhotosForm(forms.Form):
    """Screen two."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    photos = PhotosField(
        label=_("Ảnh"),
        most=MOST_PHOTOS,
        required=False,
        help_text=_("Chụp gần, đủ sáng, nền gọn. Chọn được nhiều ảnh một lần."),
        widget=PhotosField.widget(attrs={"accept": "image/*", "data-preview": "chosen"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = new_token(32)


class SellerPictureForm(forms.Form):
    """The one picture that stands for the seller."""

    photos = PhotosField(
        label=_("Ảnh mới"),
        most=1,
        help_text=_("Một ảnh, chụp ngang hay dọc đều được."),
        error_messages={"required": _("Xin chọn một ảnh.")},
        widget=forms.ClearableFileInput(attrs={"accept": "image/*", "data-preview": "chosen"}),
    )


class LabelForm(forms.Form):
    """Screen three: what law wants shown with goods sold online."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = new_token(32)
        for name, text in LABEL_FIELDS:
            self.fields[name] = forms.CharField(label=text, required=False, max_length=500)

    def label_data(self) -> dict[str, str]:
        """The label as stated; empty fields are left out."""
        data = {name: tidy(self.cleaned_data.get(name) or "") for name, _text in LABEL_FIELDS}
        return {name: text for name, text in data.items() if text}
