"""Facts as they stand in the row: amounts in minor units, numbers as numbers, all else as text.

Besides what was given: the amount in the home currency, where nobody had to work it out.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from core.errors import Refused
from records.kind import UNKNOWN, Field, Kind

HOME_AMOUNT: Final = "home_amount"
"""The source of the field that holds the amount in the home currency."""
MONEY: Final = "money"
CURRENCY: Final = "currency"


def as_facts(kind: Kind, values: Mapping[str, str]) -> dict[str, Any]:
    """Return the facts among values as they are stored; amounts become hundredths (200000 for 2000.00)."""
    return {name: _stored(kind.fields[name], value) for name, value in values.items() if kind.fields[name].fact}


def _stored(field: Field, value: str) -> Any:
    if value == UNKNOWN:
        return value
    if field.type == MONEY:
        return int(Decimal(value) * 100)
    return int(value) if field.type == "int" else value


def money_text(minor: int) -> str:
    """Return an amount of a fact as it is read: 2,000.00."""
    return f"{Decimal(minor) / 100:,.2f}"


def with_home_amount(kind: Kind, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts with the amount in the home currency, or without it where somebody has to work it out.

    The home currency is what the field of type currency is by default.
    """
    home, currency, amount = kind.with_source(HOME_AMOUNT), _of_type(kind, CURRENCY), _of_type(kind, MONEY)
    if home is None or currency is None or amount is None:
        return dict(facts)
    kept = {name: value for name, value in facts.items() if name != home.id}
    is_home = isinstance(facts.get(amount.id), int) and facts.get(currency.id) == currency.default
    return {**kept, home.id: facts[amount.id]} if is_home else kept


def _of_type(kind: Kind, name: str) -> Field | None:
    return next((field for field in kind.fields.values() if field.type == name and field.source is None), None)


def check_choices(field: Field, value: str) -> None:
    """Raise Refused unless every part of `a;b` is a choice of the field."""
    if set(value.split(";")) - (field.choices or {}).keys():
        raise Refused("error.invalid", field=field.id)
