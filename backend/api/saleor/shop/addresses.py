"""What an address form asks for: two levels since 01/07/2025, the commune and its province."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from backend.api.saleor.shop.places import upper_first
from backend.common.text import fold
from backend.places.models import Commune, Province

POSTAL_CODE: Final = r"^\d{5}\d?$"


class Choice(NamedTuple):
    """ChoiceValue."""

    raw: str
    verbose: str


def address_rules(country: str, country_area: str) -> dict[str, Any]:
    """AddressValidationData. Of Vietnam the provinces of today, and once one is chosen its communes; of other countries,
    to which the market sells nothing, the form alone."""
    at_home = country == "VN"
    return {
        "country_code": country,
        "address_format": "%N%n%O%n%A%n%D%n%C%n%S %Z",
        "allowed_fields": [
            "city",
            "cityArea",
            "companyName",
            "countryArea",
            "name",
            "postalCode",
            "streetAddress1",
            "streetAddress2",
        ],
        "required_fields": ["city", "countryArea", "streetAddress1"]
        if at_home
        else ["city", "streetAddress1"],
        "upper_fields": [],
        "country_area_type": "province",
        "country_area_choices": _provinces() if at_home else [],
        "city_type": "city",
        "city_choices": _communes(country_area) if at_home and country_area else [],
        "city_area_type": "suburb",
        "city_area_choices": [],
        "postal_code_type": "postal",
        "postal_code_matchers": [POSTAL_CODE],
        "postal_code_examples": ["70010", "55999"],
    }


def _provinces() -> list[Choice]:
    names = (upper_first(str(each)) for each in Province.objects.order_by("code"))
    return [Choice(name, name) for name in names]


def _communes(province: str) -> list[Choice]:
    """The communes of a province by its name, with or without its kind and marks; none for a name that is none."""
    words = fold(province)
    codes = [each.pk for each in Province.objects.all() if words in {fold(each.name), fold(str(each))}]
    rows = Commune.objects.filter(province_id__in=codes, current=True).order_by("folded", "code")
    return [Choice(str(each), str(each)) for each in rows]
