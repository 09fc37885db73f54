"""A good in three screens: what it is, how it looks, what the label says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from backend.commerce import shop
from backend.commerce.labels import demanded, missing_on, names_no_strength
from backend.commerce.measures import weight_in
from backend.commerce.values import Category, Product, ProductDraft, Variant, VariantDraft
from backend.common.ids import new_token
from backend.common.text import tidy
from storefront.fields import PhotosField, PriceField
from storefront.shop.browsing import LABEL_FIELDS

MOST_PHOTOS: Final = 8
_LONG: Final = {"ingredients", "nutrition", "warning", "usage", "storage"}
"""What a label says in more than a line."""
_CHOSEN_SHOWS: Final = {
    "accept": "image/*",
    "data-preview": "chosen",
    # An empty field that is required is :invalid, and by that alone the page can say whether something was chosen. The
    # form is not validated by the browser, and nobody is told that an answer is due.
    "required": True,
    "aria-required": "false",
    "aria-invalid": "false",
}


def category_choices(
    categories: Sequence[Category], *, own: str = ""
) -> list[tuple[str, list[tuple[str, str]]]]:
    """The six groups, each with its finest branches; a good that sits higher up (``own``) finds its place there too."""
    known = {each.id: each for each in categories}
    parents = {each.parent_id for each in categories}
    groups: dict[str, list[tuple[str, str]]] = {}
    for each in categories:
        group = each
        while group.parent_id is not None and group.parent_id in known:
            group = known[group.parent_id]
        below = groups.setdefault(group.id, [])
        if each.id == group.id:
            below.append((each.id, _("%(group)s (chung)") % {"group": each.name}))
        elif each.id not in parents or each.id == own:
            below.append((each.id, each.name))
    # What is said in one word less comes last: a farmer is to find the branch first.
    return [(known[group].name, [*below[1:], below[0]]) for group, below in groups.items()]


def _quantity_field(**kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Còn bao nhiêu"),
        min_value=0,
        max_value=1_000_000,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": _("Xin cho biết còn bao nhiêu."),
            "invalid": _("Xin ghi một số, ví dụ 20."),
        },
        **kwargs,
    )


def _on_hand(variant: Variant, *, now: int, was: int | None) -> int | None:
    """The pieces to put on hand when ``now`` are said to be left to sell, or None to leave the stock alone.

    The seller counts what is left to sell; the shop counts what orders hold too. A number left as it stood changes nothing,
    so that what was sold while the form was open is not put back.
    """
    return None if now == was else now + variant.quantity - variant.available


class GoodForm(forms.Form):
    """Screen one. A good that is known in several sizes has price and stock of each here."""

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
        help_text=_("Ví dụ: bó 300 g, kg, chai 500 ml, hộp 20 gói x 2 g"),
        error_messages={"required": _("Xin cho biết bán theo bó, kg hay hũ.")},
    )
    price = PriceField(label=_("Giá"), help_text=_("Đồng, cho một đơn vị ở trên"))
    quantity = _quantity_field()
    was = forms.IntegerField(required=False, widget=forms.HiddenInput)
    category = forms.ChoiceField(label=_("Nhóm hàng"), error_messages={"required": _("Xin chọn nhóm hàng.")})
    description = forms.CharField(
        label=_("Giới thiệu (không bắt buộc)"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Trồng, hái, làm thế nào? Vài câu như nói với khách quen."),
    )

    def __init__(self, *args: Any, known: Product | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known
        for each in self._others():
            self.fields[f"price_{each.id}"] = PriceField(label=_("Giá"), initial=each.price)
            self.fields[f"quantity_{each.id}"] = _quantity_field(initial=each.available)
            self.fields[f"was_{each.id}"] = forms.IntegerField(
                required=False, widget=forms.HiddenInput, initial=each.available
            )
        own = str(self.get_initial_for_field(self.fields["category"], "category") or "")
        self.fields["category"] = forms.ChoiceField(
            label=_("Nhóm hàng"),
            choices=[("", _("Chọn nhóm hàng")), *category_choices(shop().categories(), own=own)],
            error_messages={
                "required": _("Xin chọn nhóm hàng."),
                "invalid_choice": _("Xin chọn một nhóm trong danh sách."),
            },
        )
        self.fields["key"].initial = new_token(32)

    def _others(self) -> tuple[Variant, ...]:
        return self.known.variants[1:] if self.known else ()

    @property
    def sizes(self) -> list[tuple[Variant, forms.BoundField, forms.BoundField, forms.BoundField]]:
        """The sizes beside the first, each with its fields: price, what is left, what was left."""
        return [
            (each, self[f"price_{each.id}"], self[f"quantity_{each.id}"], self[f"was_{each.id}"])
            for each in self._others()
        ]

    def clean_name(self) -> str:
        name = tidy(self.cleaned_data["name"])
        if len(name) < 2:
            raise ValidationError(_("Tên hàng cần ít nhất 2 chữ cái."))
        return name

    def draft(self, *, seller_id: int) -> ProductDraft:
        """The good as stated, over what was known of it before."""
        data, known = self.cleaned_data, self.known
        unit = tidy(data["unit"])
        before = known.variant if known else None
        quantity: int | None = data["quantity"]
        if before is not None:
            quantity = _on_hand(before, now=data["quantity"], was=data["was"])
        variant = VariantDraft(
            unit=unit,
            price=data["price"],
            quantity=quantity,
            # A unit left as it stood says nothing new of the weight, which may have been stated beside it.
            weight_g=before.weight_g if before and before.unit == unit else weight_in(unit),
            sku=before.sku if before else "",
            gtin=before.gtin if before else "",
            id=before.id if before else None,
            name=before.name if before else "",
        )
        return ProductDraft(
            name=data["name"],
            seller_id=str(seller_id),
            category_id=data["category"],
            variants=(variant, *self._drafts_of_others()),
            description=data["description"].strip(),
            label=dict(known.label) if known else {},
            published=known.published if known else False,
        )

    def _drafts_of_others(self) -> list[VariantDraft]:
        data = self.cleaned_data
        return [
            replace(
                VariantDraft.unchanged(each),
                price=data[f"price_{each.id}"],
                quantity=_on_hand(each, now=data[f"quantity_{each.id}"], was=data[f"was_{each.id}"]),
            )
            for each in self._others()
        ]


class PhotosForm(forms.Form):
    """Screen two."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    photos = PhotosField(
        label=_("Ảnh"),
        most=MOST_PHOTOS,
        required=False,
        help_text=_("Chụp gần, đủ sáng, nền gọn. Chọn được nhiều ảnh một lần."),
        widget=PhotosField.widget(attrs=dict(_CHOSEN_SHOWS)),
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
        widget=forms.ClearableFileInput(attrs=dict(_CHOSEN_SHOWS)),
    )


class LabelForm(forms.Form):
    """Screen three: what law wants shown with goods sold online. ``path`` are the slugs of the good's category; a good that
    goes on the shelf states all that law demands of it, one that is hidden may have gaps."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, path: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.path = path
        self.fields["key"].initial = new_token(32)
        for name, text in LABEL_FIELDS:
            widget = forms.Textarea(attrs={"rows": 2}) if name in _LONG else forms.TextInput()
            self.fields[name] = forms.CharField(label=text, required=False, max_length=500, widget=widget)

    @property
    def demanded(self) -> list[forms.BoundField]:
        """The fields without which the good stays off the shelf."""
        return [self[name] for name, _text in LABEL_FIELDS if name in demanded(self.path)]

    @property
    def asked(self) -> list[forms.BoundField]:
        """The others: due if the package says so."""
        return [self[name] for name, _text in LABEL_FIELDS if name not in demanded(self.path)]

    def check_complete(self) -> bool:
        """Whether it may go on the shelf; what is missing is named at its field."""
        label = self.label_data()
        for name in missing_on(label, self.path):
            what = self.fields[name].label
            self.add_error(name, _("Xin ghi “%(what)s”: luật buộc phải có trên nhãn.") % {"what": what})
        if not self.errors and names_no_strength(label, self.path):
            self.add_error("ingredients", _("Xin ghi cả độ cồn, ví dụ: etanol 29% thể tích."))
        return not self.errors

    def label_data(self) -> dict[str, str]:
        """The label as stated; empty fields are left out."""
        data = {name: tidy(self.cleaned_data.get(name) or "") for name, _text in LABEL_FIELDS}
        return {name: text for name, text in data.items() if text}
