"""Does the schema say of a field exactly what the field takes?"""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers

from healthcare.core.openapi import _decimal
from healthcare.core.shapes import KnownCode, Strict
from healthcare.core.views import PlatformViewSet

DECIMALS = [{"max_digits": 8, "decimal_places": 2, "min_value": Decimal(0)}, {"max_digits": 9, "decimal_places": 6}]


@pytest.mark.parametrize("known", DECIMALS, ids=["money", "degrees"])
@given(data=st.data())
def test_a_decimal_that_the_schema_allows_is_taken(known: dict[str, Any], data: Any) -> None:
    field = serializers.DecimalField(**known)
    text = data.draw(st.from_regex(_decimal(field).removesuffix("$"), fullmatch=True, alphabet="-.0123456789"))
    assert field.run_validation(text) == Decimal(text)


@pytest.mark.parametrize("text", ["", ".", "-", "1.", ".5", "1e3", "1,5", "-1", "1234567", "1.234", "NaN", "١"])
def test_no_pattern_of_money_allows_what_is_no_amount(text: str) -> None:
    assert not re.search(_decimal(serializers.DecimalField(**DECIMALS[0])).replace(r"\d", "[0-9]"), text)


CODES = ["one"]


class Body(Strict):
    code = KnownCode(lambda: CODES)


class Asked(PlatformViewSet):
    need = "open"
    serializer_class = Body

    def create(self, request: Any) -> None:
        """Takes a code."""


def test_known_codes_are_those_of_the_moment_in_which_the_schema_is_asked_for() -> None:
    def listed() -> Any:
        made = SchemaGenerator(patterns=[path("asked", Asked.as_view({"post": "create"}))]).get_schema(public=True)
        return next(shape["enum"] for name, shape in made["components"]["schemas"].items() if name.startswith("Code"))

    assert listed() == ["one"]
    CODES.append("another")
    try:
        assert listed() == ["another", "one"]
        assert Body(data={"code": "another"}).is_valid()
    finally:
        CODES.remove("another")
    assert not Body(data={"code": "another"}).is_valid()
