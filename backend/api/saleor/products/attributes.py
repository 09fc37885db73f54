"""The market's attributes: the fields of the label, and the unit of a variant. They are the same for all goods, so they
are not in the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from backend.api.saleor.ids import to_global
from backend.commerce import naming
from backend.common.text import slugify
from backend.engine.listing import ProductRow, VariantRow

NOTHING: Final[dict[str, str]] = {}


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """An attribute. ``field`` is the label's, empty for the unit."""

    pk: int
    slug: str
    name: str
    input_type: str
    field: str
    value_required: bool
    with_choices: bool

    # What every attribute of the market has in common.
    type = "PRODUCT_TYPE"
    visible_in_storefront = True
    metadata = NOTHING
    private_metadata = NOTHING

    @property
    def id(self) -> str:
        return to_global("Attribute", self.pk)


@dataclass(frozen=True, slots=True)
class ValueRow:
    """A value of an attribute."""

    key: str
    slug: str
    name: str
    plain_text: str | None

    value = ""

    @property
    def id(self) -> str:
        return to_global("AttributeValue", self.key)


class Selected(NamedTuple):
    """An attribute with its values on a product or variant."""

    attribute: AttributeRow
    values: list[ValueRow]


class AssignedText(NamedTuple):
    """AssignedPlainTextAttribute."""

    attribute: AttributeRow
    value: str | None


class AssignedChoice(NamedTuple):
    """AssignedSingleChoiceAttribute."""

    attribute: AttributeRow
    value: ValueRow | None


LABEL: Final = tuple(
    AttributeRow(
        place,
        naming.label_slug(field),
        naming.attribute_name(naming.label_slug(field)),
        "PLAIN_TEXT",
        field,
        False,
        False,
    )
    for place, field in enumerate(naming.LABEL_FIELDS, start=2)
)
UNIT: Final = AttributeRow(1, naming.UNIT, naming.attribute_name(naming.UNIT), "DROPDOWN", "", True, True)
ALL: Final = (UNIT, *LABEL)
BY_PK: Final = {each.pk: each for each in ALL}
BY_SLUG: Final = {each.slug: each for each in ALL}
LONGEST_NAME: Final = 250
"""Of a value's name, as on Saleor; the text itself is whole."""


def label_values(product: ProductRow, attribute: AttributeRow) -> list[ValueRow]:
    """What the label says in one field: one value, or none."""
    text = product.label.get(attribute.field)
    if not text:
        return []
    key = f"{product.pk}_{attribute.pk}"
    return [ValueRow(key, f"product-{key}", text[:LONGEST_NAME], text)]


def unit_value(unit: str) -> ValueRow:
    """A unit as a choice."""
    slug = slugify(unit) or "don-vi"
    return ValueRow(f"unit-{slug}", slug, unit, None)


def of_product(product: ProductRow) -> list[Selected]:
    """Every attribute of the product type, those without a value included."""
    return [Selected(each, label_values(product, each)) for each in LABEL]


def of_variant(variant: VariantRow) -> list[Selected]:
    """The unit."""
    return [Selected(UNIT, [unit_value(variant.unit)])]


def assigned_to_product(product: ProductRow, attribute: AttributeRow) -> Any:
    """The attribute as ``assignedAttribute`` gives it."""
    return AssignedText(attribute, product.label.get(attribute.field) or None)
