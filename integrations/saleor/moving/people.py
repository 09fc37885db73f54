"""Customers of a Saleor. Needs a superuser: the market's own App may not see them (fewest permissions)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from backend.commerce import naming
from backend.commerce.moving import Customer, Refusal
from backend.commerce.values import Address
from integrations.saleor import decode
from integrations.saleor.answers import errors_of, is_id
from integrations.saleor.client import Client
from integrations.saleor.setup import sign_in

PAGE: Final = 50
FRESH_S: Final = 240.0
"""How long a token is used: Saleor's are good for five minutes."""


def superuser(api_url: str, *, email: str, password: str, timeout_s: float) -> Client:
    """A client that signs in again whenever its token grows old. Raises SetupRefused when it is refused."""
    lock = threading.Lock()
    kept: list[Any] = ["", 0.0]

    def token() -> str:
        with lock:
            if time.monotonic() >= kept[1]:
                kept[0] = sign_in(Client(api_url, timeout_s=timeout_s), email=email, password=password)
                kept[1] = time.monotonic() + FRESH_S
            return str(kept[0])

    token()
    return Client(api_url, token=token, timeout_s=timeout_s)


class SaleorPeople:
    """People with an account in this Saleor who are not its staff."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def customers(self) -> Iterator[Customer]:
        for node in self._nodes({"isActive": True}):
            if not node["isStaff"] and naming.shown_email(node["email"]):
                yield to_customer(node)

    def read_customers(self, ids: Sequence[str]) -> dict[str, Customer]:
        wanted = [each for each in ids if is_id(each, "User")]
        return {node["id"]: to_customer(node) for node in self._nodes({"ids": wanted})} if wanted else {}

    def _nodes(self, where: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        after = None
        while True:
            page = self._client.run("customers", {"where": where, "first": PAGE, "after": after})["customers"]
            for edge in page["edges"]:
                yield edge["node"]
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]

    def put_customer(self, trace: str, customer: Customer, known: str) -> str:
        """A customer with this address, who sets a password of their own by Saleor's mail; no mail goes out now."""
        del known
        email = customer.email.strip().lower()
        node = next(self._nodes({"email": {"eq": email}}), None)
        names = naming.address_names(customer.name)
        fields = {"firstName": names["firstName"], "lastName": names["lastName"], "languageCode": "VI"}
        if node is None:
            new = {**fields, "email": email, "externalReference": trace}
            node = self._done("customer_create", {"input": new})
        elif node["isStaff"]:
            # Whoever runs this Saleor is known to it under their own name.
            return str(node["id"])
        elif (node["firstName"], node["lastName"]) != (fields["firstName"], fields["lastName"]):
            node = self._done("customer_update", {"id": node["id"], "input": fields})
        present = {_place(each) for each in to_customer(node).addresses}
        for address in reversed(customer.addresses):
            if _place(address) not in present:
                self._done("customer_address", {"user": node["id"], "input": _written(address)})
        return str(node["id"])

    def _done(self, name: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        data = self._client.run(name, variables)
        errors = errors_of(data)
        if errors:
            said = "; ".join(f"{each.get('field') or ''} {each.get('message') or ''}" for each in errors)
            raise Refusal(_("Saleor không nhận khách này: %(said)s") % {"said": said[:200]})
        answer = next(iter(data.values()))
        return dict(answer.get("user") or {})


def _written(address: Address) -> dict[str, Any]:
    return {
        **naming.address_names(address.name),
        "phone": address.phone,
        "streetAddress1": address.street or "–",
        "city": address.commune,
        "cityArea": address.commune,
        "countryArea": address.province,
        "country": naming.COUNTRY,
        "metadata": [
            {"key": naming.COMMUNE_CODE, "value": address.commune_code},
            {"key": naming.PROVINCE_CODE, "value": address.province_code},
        ],
        # Saleor knows the provinces of before July 2025 alone.
        "skipValidation": True,
    }


def _place(address: Address) -> tuple[str, str, str]:
    return (address.street, address.commune_code or address.commune, address.phone)


def to_customer(node: Mapping[str, Any]) -> Customer:
    """A customer as Saleor keeps them."""
    addresses = tuple(
        Address(
            name=naming.whole_name(each["firstName"], each["lastName"]),
            phone=each["phone"] or "",
            street="" if each["streetAddress1"] == "–" else each["streetAddress1"],
            commune_code=decode.metadata_of(each).get(naming.COMMUNE_CODE, ""),
            commune=each["cityArea"] or each["city"],
            province_code=decode.metadata_of(each).get(naming.PROVINCE_CODE, ""),
            province=each["countryArea"],
        )
        for each in node["addresses"]
    )
    return Customer(
        id=node["id"],
        email=node["email"],
        name=naming.whole_name(node["firstName"], node["lastName"]),
        phone=next((each.phone for each in addresses if each.phone), ""),
        addresses=addresses,
    )
