"""Scalars with Saleor's names: what they accept, and how they are written."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import math
import uuid
from typing import Any

import graphene
from django.core.files.uploadedfile import UploadedFile
from graphql import GraphQLError, Undefined
from graphql.language import ast

from backend.common import clock


def plain(node: ast.ValueNode, variables: dict[str, Any] | None = None) -> Any:
    """A literal of a document as Python: lists, objects, numbers, texts."""
    if isinstance(node, ast.VariableNode):
        return (variables or {}).get(node.name.value)
    if isinstance(node, ast.IntValueNode):
        return int(node.value)
    if isinstance(node, ast.FloatValueNode):
        return float(node.value)
    if isinstance(node, ast.StringValueNode | ast.BooleanValueNode | ast.EnumValueNode):
        return node.value
    if isinstance(node, ast.ListValueNode):
        return [plain(each, variables) for each in node.values]
    if isinstance(node, ast.ObjectValueNode):
        return {each.name.value: plain(each.value, variables) for each in node.fields}
    return None


class _Literal(graphene.Scalar):
    """A scalar whose literals are read as its variables are."""

    class Meta:
        abstract = True

    @classmethod
    def parse_literal(cls, node: ast.ValueNode, variables: dict[str, Any] | None = None) -> Any:
        return cls.parse_value(plain(node, variables))


class Decimal(_Literal):
    """A number without rounding, as text or number."""

    @staticmethod
    def serialize(value: Any) -> Any:
        return float(value)

    @staticmethod
    def parse_value(value: Any) -> decimal.Decimal:
        try:
            if isinstance(value, bool):
                raise ValueError
            number = decimal.Decimal(str(value))
        except (decimal.InvalidOperation, ValueError):
            raise GraphQLError(f"Decimal cannot represent value: {value!r}") from None
        if not number.is_finite():
            raise GraphQLError(f"Decimal cannot represent value: {value!r}")
        return number


class PositiveDecimal(Decimal):
    """A number of zero or more."""

    @staticmethod
    def parse_value(value: Any) -> decimal.Decimal:
        number = Decimal.parse_value(value)
        if number < 0:
            raise GraphQLError("Value cannot be lower than 0.")
        return number


class PositiveInt(_Literal):
    """A whole number above zero."""

    @staticmethod
    def serialize(value: Any) -> Any:
        return int(value)

    @staticmethod
    def parse_value(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise GraphQLError("Value must be a whole number above 0.")
        return value


class WeightScalar(_Literal):
    """A weight in kilograms, as a number, or as {unit, value}. Arrives as a Decimal of kilograms."""

    _KG = {"KG": "1", "G": "0.001", "TONNE": "1000", "LB": "0.45359237", "OZ": "0.028349523125"}

    @staticmethod
    def serialize(value: Any) -> Any:
        return float(value)

    @staticmethod
    def parse_value(value: Any) -> decimal.Decimal:
        unit = "KG"
        if isinstance(value, dict):
            unit, value = str(value.get("unit", "KG")).upper(), value.get("value")
        number = PositiveDecimal.parse_value(value)
        if unit not in WeightScalar._KG:
            raise GraphQLError(f"Unknown unit of weight: {unit}")
        return number * decimal.Decimal(WeightScalar._KG[unit])


class DateTime(_Literal):
    """A moment, ISO 8601; one without a zone is UTC."""

    @staticmethod
    def serialize(value: Any) -> Any:
        return value.isoformat() if isinstance(value, dt.date) else str(value)

    @staticmethod
    def parse_value(value: Any) -> dt.datetime:
        try:
            moment = dt.datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise GraphQLError(f"DateTime cannot represent value: {value!r}") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


class Date(_Literal):
    """A day, ISO 8601."""

    @staticmethod
    def serialize(value: Any) -> Any:
        if isinstance(value, dt.datetime):
            value = clock.local(value).date()
        return value.isoformat()

    @staticmethod
    def parse_value(value: Any) -> dt.date:
        try:
            return dt.date.fromisoformat(value)
        except (TypeError, ValueError):
            raise GraphQLError(f"Date cannot represent value: {value!r}") from None


class UUID(_Literal):
    """A UUID."""

    @staticmethod
    def serialize(value: Any) -> Any:
        return str(value)

    @staticmethod
    def parse_value(value: Any) -> uuid.UUID:
        try:
            return uuid.UUID(str(value))
        except ValueError:
            raise GraphQLError(f"UUID cannot represent value: {value!r}") from None


class JSONString(_Literal):
    """JSON as text."""

    @staticmethod
    def serialize(value: Any) -> Any:
        return json.dumps(value)

    @staticmethod
    def parse_value(value: Any) -> Any:
        try:
            return json.loads(value)
        except (TypeError, ValueError):
            raise GraphQLError("JSONString cannot represent value: not JSON.") from None


class _Anything(_Literal):
    """Whatever JSON can say."""

    class Meta:
        abstract = True

    @staticmethod
    def serialize(value: Any) -> Any:
        return value

    @staticmethod
    def parse_value(value: Any) -> Any:
        if isinstance(value, float) and not math.isfinite(value):
            raise GraphQLError("Numbers must be finite.")
        return value


class GenericScalar(_Anything):
    """Whatever JSON can say."""


class JSON(_Anything):
    """Whatever JSON can say."""


class Metadata(_Anything):
    """Keys and texts as one object."""


class Minute(_Literal):
    """A whole number of minutes."""

    @staticmethod
    def serialize(value: Any) -> Any:
        return int(value)

    @staticmethod
    def parse_value(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise GraphQLError("Minute cannot represent value.")
        return value


class Upload(graphene.Scalar):
    """A file of a multipart request (graphql-multipart-request-spec)."""

    @staticmethod
    def serialize(value: Any) -> Any:
        raise GraphQLError("Upload is only sent, never read.")

    @staticmethod
    def parse_value(value: Any) -> UploadedFile:
        if not isinstance(value, UploadedFile):
            raise GraphQLError("Upload takes a file of a multipart request.")
        return value

    @staticmethod
    def parse_literal(node: ast.ValueNode, variables: dict[str, Any] | None = None) -> Any:
        del node, variables
        return Undefined
