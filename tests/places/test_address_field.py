"""The commune in a form: one text, with and without scripts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django import forms
from django.test import Client

from backend.places.models import Commune
from storefront.people.address import CommuneField

pytestmark = pytest.mark.django_db


class AddressForm(forms.Form):
    name = forms.CharField()
    commune = CommuneField()


def _form(**data: str) -> AddressForm:
    return AddressForm({"name": "Lan", **data})


def _radios(html: str) -> dict[str, bool]:
    """Code → ticked, in the order of the page."""
    found = re.findall(r'<input type="radio" name="commune_code" value="(\d{5})"( checked)?>', html)
    return {code: bool(checked) for code, checked in found}


@pytest.mark.parametrize(
    "typed", ["vi tan", "Vị Tân", "Phường Vị Tân, thành phố Cần Thơ", "xã Vị Tân, Vị Thanh, Hậu Giang"]
)
def test_a_text_with_one_meaning_is_the_commune(typed: str) -> None:
    form = _form(commune=typed)
    assert form.is_valid()
    assert form.cleaned_data["commune"] == Commune.objects.get(pk="31333")


def test_an_ambiguous_text_comes_back_with_choices_and_everything_kept() -> None:
    form = _form(commune="hoang giang")

    assert not form.is_valid()
    assert form.errors == {"commune": ["Xin chọn đúng xã, phường trong danh sách."]}
    html = form.as_p()
    assert _radios(html) == {"15880": False, "16297": False}
    assert 'value="hoang giang"' in html
    assert 'value="Lan"' in html
    assert "Xã Hoằng Giang, tỉnh Thanh Hoá" in html
    assert "(trước 01/07/2025: xã Hoàng Giang, huyện Nông Cống)" in html
    assert 'aria-invalid="true"' in html


def test_the_ticked_choice_is_taken_and_stays_ticked() -> None:
    sent = {"commune": "hoang giang", "commune_for": "hoang giang", "commune_code": "16297"}
    form = _form(**sent)
    assert form.is_valid()
    assert form.cleaned_data["commune"].label == "Xã Trung Chính, tỉnh Thanh Hoá"
    again = AddressForm({"name": "", **sent})
    assert not again.is_valid()
    assert _radios(again.as_p()) == {"15880": False, "16297": True}


def test_a_choice_ticked_for_another_text_does_not_count() -> None:
    form = _form(commune="vi tan", commune_for="hoang giang", commune_code="16297")
    assert form.is_valid()
    assert form.cleaned_data["commune"].code == "31333"


@pytest.mark.parametrize("code", ["99999", "x", "3133"])
def test_a_made_up_code_is_refused(code: str) -> None:
    form = _form(commune="hoang giang", commune_for="hoang giang", commune_code=code)
    assert not form.is_valid()


def test_a_retired_commune_cannot_be_ticked() -> None:
    Commune.objects.filter(pk="16297").update(current=False)
    form = _form(commune="hoang giang", commune_for="hoang giang", commune_code="16297")
    assert form.is_valid()
    assert form.cleaned_data["commune"].code == "15880"


def test_an_unknown_place_is_told_what_to_do() -> None:
    form = _form(commune="khong co noi nay")
    assert form.errors["commune"] == [
        "Chưa tìm thấy xã, phường này. Gõ tên xã (mới hoặc cũ), có thể kèm tên tỉnh."
    ]
    assert "Thử tên cũ" in form.as_p()


def test_an_empty_field_is_asked_for_or_left_out() -> None:
    assert _form(commune=" ").errors["commune"] == ["Xin cho biết xã, phường."]
    assert CommuneField(required=False).clean(None) is None


@pytest.mark.parametrize("initial", ["31333", Commune(pk="31333")])
def test_an_initial_commune_is_shown_by_its_label_and_means_itself(initial: Any) -> None:
    if isinstance(initial, Commune):
        initial = Commune.objects.get(pk=initial.pk)
    html = AddressForm(initial={"commune": initial}).as_p()
    assert 'value="Phường Vị Tân, thành phố Cần Thơ"' in html
    assert _radios(html) == {}
    unchanged = AddressForm(
        {"name": "Lan", "commune": "Phường Vị Tân, thành phố Cần Thơ"},
        initial={"name": "Lan", "commune": initial},
    )
    assert not unchanged.has_changed()


def test_a_text_is_escaped() -> None:
    html = _form(commune='"><script>alert(1)</script>').as_p()
    assert "<script>" not in html


def test_choices_are_offered_while_typing(client: Client) -> None:
    """What htmx asks for: the field's own name, as its input sends it; and the short form with q."""
    typed = client.get("/dia-chi/xa/", {"field": "commune", "commune": "hoang giang"})
    short = client.get("/dia-chi/xa/", {"q": "hoang giang"})

    html = typed.content.decode()
    assert typed.status_code == 200
    assert html == short.content.decode()
    assert _radios(html) == {"15880": False, "16297": False}
    assert '<input type="hidden" name="commune_for" value="hoang giang">' in html
    assert 'data-say="2 nơi để chọn"' in html


def test_one_meaning_is_ticked_while_typing(client: Client) -> None:
    html = client.get("/dia-chi/xa/", {"q": "thoai giang"}).content.decode()
    assert _radios(html) == {"30682": True}


def test_long_and_odd_questions_are_answered_calmly(client: Client) -> None:
    for query in ("a" * 5000, "%' OR 1=1", "<b>"):
        answer = client.get("/dia-chi/xa/", {"q": query, "field": '"><script>'})
        assert answer.status_code == 200
        assert "<b>" not in answer.content.decode()
        assert "<script>" not in answer.content.decode()
    assert client.post("/dia-chi/xa/").status_code == 405
    assert client.get("/dia-chi/xa/", {"q": "\x00"}).status_code == 400
