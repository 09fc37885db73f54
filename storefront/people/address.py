"""The commune in a form: one text that people type as they speak, and a list only when it can mean several
places.

Without JavaScript an ambiguous text comes back with its choices as radio buttons and everything else kept;
with htmx the same choices appear while typing. Both are drawn by the same template.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from backend.common.text import tidy
from backend.places.errors import CommuneUnknown
from backend.places.queries import Commune, Resolution, get_commune, resolve_commune

_MOST_CHOICES: Final = 8
_LONGEST: Final = 200
_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,60}")


@dataclass(frozen=True, slots=True)
class CommuneAnswer:
    """What a form sent: the text, and the code of the choice that was ticked for exactly this text."""

    text: str
    code: str


class CommuneWidget(forms.Widget):
    """A text input with its choices. Data: ``<name>``, ``<name>_code`` (ticked) and ``<name>_for`` (for which
    text).
    """

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> CommuneAnswer:
        text = tidy(str(data.get(name, "")))[:_LONGEST]
        ticked_for = tidy(str(data.get(f"{name}_for", "")))[:_LONGEST]
        return CommuneAnswer(text, str(data.get(f"{name}_code", "")) if text == ticked_for else "")

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        attrs = self.build_attrs(self.attrs, attrs)
        context: dict[str, Any] = {"name": name, "id": attrs.get("id", f"id_{name}"), "attrs": attrs}
        match value:
            case CommuneAnswer():
                context |= {"text": value.text, **_choices(value.text, value.code)}
            case Commune():
                context["text"] = value.label
            case _:
                context["text"] = _label_of(str(value)) if value else ""
        return mark_safe(render_to_string("people/_commune_widget.html", context))  # noqa: S308 - our template


class CommuneField(forms.Field):
    """Gives a ``Commune``. ``initial`` may be a Commune or a code."""

    widget = CommuneWidget
    default_error_messages = {
        "required": _("Xin cho biết xã, phường."),
        "unknown": _("Chưa tìm thấy xã, phường này. Gõ tên xã (mới hoặc cũ), có thể kèm tên tỉnh."),
        "choose": _("Xin chọn đúng xã, phường trong danh sách."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Xã, phường"))
        kwargs.setdefault("help_text", _("Gõ tên, ví dụ: Vị Tân. Tên cũ cũng được."))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Commune | None:
        answer = value if isinstance(value, CommuneAnswer) else CommuneAnswer(str(value or ""), "")
        if not answer.text:
            if self.required:
                raise forms.ValidationError(self.error_messages["required"], code="required")
            return None
        if answer.code:
            try:
                ticked = get_commune(answer.code)
            except CommuneUnknown:
                raise forms.ValidationError(self.error_messages["unknown"], code="unknown") from None
            if ticked.current:
                return ticked
        resolution = resolve_commune(answer.text, _MOST_CHOICES)
        if resolution.commune is None:
            problem = "choose" if resolution.choices else "unknown"
            raise forms.ValidationError(self.error_messages[problem], code=problem)
        return resolution.commune

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = initial.label if isinstance(initial, Commune) else _label_of(str(initial or ""))
        return not isinstance(data, CommuneAnswer) or data.text != before


@require_safe
@cache_control(public=True, max_age=3600)
def commune_choices(request: HttpRequest) -> HttpResponse:
    """The choices for a text being typed, as the fragment that a CommuneField puts below its input."""
    name = request.GET.get("field", "commune")
    if not _FIELD_NAME.fullmatch(name):
        name = "commune"
    text = tidy(request.GET.get("q") or request.GET.get(name, ""))[:_LONGEST]
    context = {"name": name, "text": text, **_choices(text, "")}
    return render(request, "people/_commune_choices.html", context)


def _choices(text: str, ticked: str) -> dict[str, Any]:
    resolution = resolve_commune(text, _MOST_CHOICES) if text else Resolution(None, [])
    meant = ticked or (resolution.commune.code if resolution.commune else "")
    return {
        "choices": resolution.choices,
        "ticked": meant,
        "more": len(resolution.choices) == _MOST_CHOICES,
        "searched": len(text) > 1,
    }


def _label_of(code: str) -> str:
    try:
        return get_commune(code).label if code else ""
    except CommuneUnknown:
        return ""
