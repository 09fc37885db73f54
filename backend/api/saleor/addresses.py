"""Addresses between Saleor's many fields and the market's two levels.

An address is kept as it was written, a dict by the names below. ``city`` and ``city_area`` hold the commune,
``country_area`` the province of today. To whoever merely knows the id of a checkout or an order, what leads to a
person (names, phone, street) is shown by its first letter alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from backend.accounts.errors import BadPhone
from backend.accounts.phones import mask_phone, parse_phone
from backend.api.saleor.ids import to_global
from backend.api.saleor.problems import Problem, Refused
from backend.api.saleor.rows import VIETNAM, CountryRow
from backend.commerce.naming import COMMUNE_CODE, COUNTRY, PROVINCE_CODE, address_names, whole_name
from backend.commerce.values import Address
from backend.common.text import fold, tidy
from backend.engine.errors import MetadataTooLong
from backend.engine.keyed import check_metadata
from backend.places.queries import provinces, resolve_commune

FIELDS: Final = (
    "first_name",
    "last_name",
    "company_name",
    "street_address_1",
    "street_address_2",
    "city",
    "city_area",
    "postal_code",
    "country_area",
    "phone",
)
LONGEST: Final = {
    "street_address_1": 256,
    "street_address_2": 256,
    "city": 256,
    "postal_code": 20,
    "phone": 20,
}
DOTS: Final = "•••"
_SECRET: Final = ("first_name", "last_name", "company_name", "street_address_1", "street_address_2")
_PHONE: Final = re.compile(r"\+?[0-9 ().\-]{8,20}")
_KIND: Final = re.compile(r"^(tinh|thanh pho|tp\.?)\s+")


@dataclass(frozen=True, slots=True)
class AddressRow:
    """Address."""

    GUARD: ClassVar = ("MANAGE_ORDERS",)

    id: str
    first_name: str = ""
    last_name: str = ""
    company_name: str = ""
    street_address_1: str = ""
    street_address_2: str = ""
    city: str = ""
    city_area: str = ""
    postal_code: str = ""
    country_area: str = ""
    phone: str | None = None
    country: CountryRow = VIETNAM
    is_default_shipping_address: bool | None = None
    is_default_billing_address: bool | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    private_metadata: dict[str, str] = field(default_factory=dict)

    def written(self) -> tuple[Any, ...]:
        """What two addresses are the same by."""
        return tuple(getattr(self, name) for name in FIELDS)


def address_row(parent: Any, kind: str, *, masked: bool) -> AddressRow | None:
    """The shipping or billing address of a checkout or an order (rows of engine.details)."""
    kept: Mapping[str, Any] | None = getattr(parent, f"{kind}_address")
    if kept is None and hasattr(parent, "street"):
        kept = from_columns(parent)
    if kept is None:
        return None
    shown = mask(kept) if masked else kept
    values: dict[str, Any] = {name: str(shown.get(name) or "") for name in FIELDS}
    phone = values.pop("phone")
    return AddressRow(to_global("Address", f"{parent.id}-{kind}"), phone=phone, **values)


def from_columns(order: Any) -> dict[str, str]:
    """The address of an order that came through the port, in Saleor's fields."""
    names = address_names(order.name)
    return {
        "first_name": names["firstName"],
        "last_name": names["lastName"],
        "street_address_1": order.street,
        "city": order.commune,
        "city_area": order.commune,
        "country_area": order.province,
        "phone": order.phone,
    }


def mask(address: Mapping[str, Any]) -> dict[str, Any]:
    """``address`` as a stranger sees it: place and province, no person."""
    shown = dict(address)
    for name in _SECRET:
        text = str(address.get(name) or "")
        shown[name] = f"{text[:1]}{DOTS}" if text else ""
    shown["phone"] = mask_phone(str(address["phone"])) if address.get("phone") else ""
    return shown


def is_masked(sent: Mapping[str, Any]) -> bool:
    """Whether an AddressInput holds what was shown masked."""
    return any(DOTS in str(sent.get(name) or "") for name in (*_SECRET, "phone"))


def mask_email(email: str) -> str:
    """``lan@thu.vn`` as ``l•••@thu.vn``."""
    name, at, domain = email.partition("@")
    return f"{name[:1]}{DOTS}{at}{domain}" if email else ""


def read_address(
    sent: Mapping[str, Any],
    kind: str,
    *,
    rules: Mapping[str, Any] | None = None,
    known: tuple[Mapping[str, Any] | None, ...] = (),
    free: bool = False,
) -> dict[str, Any]:
    """An AddressInput as it is kept. ``kind`` is SHIPPING or BILLING.

    A form that sends back what it was shown masked means the address that it was shown: one of ``known``.
    ``rules`` are Saleor's validationRules; ``free`` (skipValidation of a program) turns them all off.
    Raises Refused with every field that is missing or wrong.
    """
    rules = rules or {}
    address = {name: tidy(str(sent.get(name) or "")) for name in FIELDS}
    for before in known if any(DOTS in address[name] for name in (*_SECRET, "phone")) else ():
        if before is not None and all(
            address[name] == str(mask(before).get(name) or "") for name in (*_SECRET, "phone")
        ):
            return dict(before)
    problems = [
        _problem(kind, name, "INVALID", f"Ensure this value has at most {LONGEST.get(name, 128)} characters.")
        for name in FIELDS
        if len(address[name]) > LONGEST.get(name, 256)
    ]
    if sent.get("country") not in {None, COUNTRY}:
        problems.append(_problem(kind, "country", "INVALID", "Chợ chỉ giao hàng trong nước."))
    strict = rules.get("check_fields_format") is not False and not free
    if rules.get("check_required_fields") is not False and not free:
        problems += [
            _problem(kind, name, "REQUIRED", "This field is required.")
            for name in ("city", "street_address_1")
            if not address[name]
        ]
    if address["phone"]:
        try:
            address["phone"] = parse_phone(address["phone"])
        except BadPhone:
            if not _PHONE.fullmatch(address["phone"]):
                problems.append(
                    _problem(kind, "phone", "INVALID", f"'{address['phone']}' is not a valid phone number.")
                )
    if strict and not problems:
        problems += _check_place(address, kind)
    if problems:
        raise Refused.of(problems)
    metadata = {each["key"]: each["value"] for each in sent.get("metadata") or []}
    try:
        check_metadata(metadata)
    except MetadataTooLong as refusal:
        raise Refused.of([_problem(kind, "metadata", "INVALID", str(refusal))]) from None
    return {**address, "metadata": metadata} if metadata else dict(address)


def _check_place(address: dict[str, str], kind: str) -> list[Problem]:
    """Province and commune by the names of today, as people write them; filled in as they are written officially.

    A commune that is none of today's stays as it was written: who brings the goods will ask.
    """
    found = find_commune(address["city"], address["country_area"])
    if found is not None:
        address["city"] = address["city_area"] = found.commune
        address["country_area"] = found.province
        return []
    wanted = _plain(address["country_area"])
    if wanted:
        province = next((each for each in provinces() if wanted in {fold(each.name), fold(str(each))}), None)
        if province is None:
            return [_problem(kind, "country_area", "INVALID", "This value is not valid for the address.")]
        address["country_area"] = str(province)
    return []


@dataclass(frozen=True, slots=True)
class Place:
    """A commune of today with its official names."""

    commune_code: str
    commune: str
    province_code: str
    province: str


_found: dict[tuple[str, str], Place] = {}
"""Names that meant one commune; the list of communes changes with the program alone."""
_MOST_FOUND: Final = 4000


def find_commune(city: str, area: str) -> Place | None:
    """The one commune of today that these names mean, in the province that ``area`` names when it names one."""
    key = (city, area)
    place = _found.get(key)
    if place is None and city:
        commune = resolve_commune(", ".join(part for part in key if part)).commune
        if commune is None or (
            area and _plain(area) not in {fold(commune.province.name), fold(str(commune.province))}
        ):
            return None
        place = Place(commune.code, str(commune), commune.province_id, str(commune.province))
        if len(_found) >= _MOST_FOUND:
            _found.clear()
        _found[key] = _found[place.commune, place.province] = place
    return place


def _plain(text: str) -> str:
    return _KIND.sub("", fold(text))


def _problem(kind: str, name: str, code: str, message: str) -> Problem:
    head, *tail = name.split("_")
    return Problem(code, message, head + "".join(part.capitalize() for part in tail), address_type=kind)


def to_port(address: Mapping[str, Any], metadata: Mapping[str, Any]) -> Address:
    """The kept address as the port takes it. The codes are those that ``metadata`` names, else those of the names.

    An address whose commune is none of today's keeps its names and has no codes.
    """
    commune_code = str(metadata.get(COMMUNE_CODE) or "")[:5]
    province_code = str(metadata.get(PROVINCE_CODE) or "")[:2]
    commune = str(address.get("city_area") or address.get("city") or "")
    province = str(address.get("country_area") or "")
    if not commune_code and commune:
        found = find_commune(commune, province)
        if found is not None:
            commune_code, province_code = found.commune_code, found.province_code
            commune, province = found.commune, found.province
    street = ", ".join(
        part for name in ("street_address_1", "street_address_2") if (part := str(address.get(name) or ""))
    )
    return Address(
        name=whole_name(str(address.get("first_name") or ""), str(address.get("last_name") or ""))[:120],
        phone=str(address.get("phone") or "")[:20],
        street=street[:200],
        commune_code=commune_code,
        commune=commune[:80],
        province_code=province_code,
        province=province[:80],
    )
