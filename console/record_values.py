"""Values of records as people read them, and the inputs of an act as a browser shows them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from console.fields import Form
from console.visit import Visit
from console.words import titled
from people.units import UnitTree
from records.evidence import FILES
from records.facts import MONEY, money_text
from records.kind import UNKNOWN, Field
from records.sources import RULE_ENGINE

Options = list[tuple[str, str]]
_TALL: Final = 200
_TYPED: Final = ("person", "persons", "refs")
_INPUTS: Final = {"date": "date", "moment": "datetime-local", "int": "number"}


@dataclass(frozen=True, slots=True)
class Input:
    """One field of an act's form: which part of the page shows it, what may be chosen, whether it must be given."""

    name: str
    label: str
    shape: str
    type: str
    options: Options
    required: bool
    most: int
    sent: bool
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Shower:
    """Turns values of fields into what stands on a page in the language of the visit."""

    visit: Visit
    tree: UnitTree
    persons: Mapping[str, str]
    companies: Mapping[str, str] = field(default_factory=dict)

    def title(self, field: Field) -> str:
        """Return the title of a field."""
        return titled(field.titles, self.visit.lang)

    def value(self, field: Field, value: str | int) -> str:
        """Return a value in words; a number is a count, or an amount in minor units."""
        if isinstance(value, int):
            return money_text(value) if field.type == MONEY else str(value)
        if value == UNKNOWN and field.unknown:
            return self.visit.t("records.unknown")
        if field.lookup or field.source == RULE_ENGINE:
            value = self._meaning(field, value)
        if field.choices is not None:
            return "、".join(self._choice(field, each) for each in value.split(";"))
        if field.type == "unit":
            return self.unit_by_code(value)
        if field.type in ("person", "persons"):
            return "、".join(self.persons.get(each, each) for each in value.split(";"))
        if field.source == "language":
            return self.visit.t(f"lang.{value}")
        if field.type == FILES:
            return self.visit.t("record.files_n", n=len(value.split(";")))
        if field.type == "flag":
            return self.visit.t("app.yes" if value == "true" else "app.no")
        return self._moment(value) if field.type == "moment" else value

    def _meaning(self, field: Field, value: str) -> str:
        """What was written with the company that was found for it; the id of a rule with its title."""
        if field.lookup:
            return f"{value} ({self.companies[value]})" if value in self.companies else value
        return self._rule(value) if field.type == "code" else value

    def _rule(self, rule_id: str) -> str:
        rule = next((each for each in self.visit.console.rules.all if each.id == rule_id), None)
        return f"{rule_id} {titled(rule.titles, self.visit.lang)}" if rule else rule_id

    def _choice(self, field: Field, key: str) -> str:
        choice = (field.choices or {}).get(key)
        return titled(choice.titles, self.visit.lang) if choice else key

    def _moment(self, value: str) -> str:
        try:
            moment = dt.datetime.fromisoformat(value)
        except ValueError:
            return value
        if moment.tzinfo is None:
            return value.replace("T", " ")[:16]
        return f"{moment.astimezone(self.visit.office.zone):%Y-%m-%d %H:%M}"

    def unit_by_code(self, code: str) -> str:
        """Return the name of a unit by its code; the code itself where there is none."""
        return next((unit.name(self.visit.lang) for unit in self.tree.by_id.values() if unit.code == code), code)

    def unit(self, unit_id: int | None) -> str:
        """Return the name of a unit by its id, "" for none."""
        found = self.tree.by_id.get(unit_id) if unit_id is not None else None
        return found.name(self.visit.lang) if found else ""

    def input(self, field: Field, required: bool, persons: Options, handled: str | None = None) -> Input:
        """Return how a field of an act is asked; the handler is one of `persons`, other staff are typed."""
        most = field.max or 2000
        hint = self.visit.t(f"record.hint.{field.type}") if field.type in _TYPED else ""
        shape, options = "line", []
        if field.choices is not None:
            shape = "checks" if field.type == "choices" else "select"
            options = [(key, titled(choice.titles, self.visit.lang)) for key, choice in field.choices.items()]
        elif field.type == "unit":
            shape, options = "select", self._units()
        elif field.id == handled:
            shape, options = "select", persons
        elif field.type == "flag":
            shape, options = "select", [("true", self.visit.t("app.yes")), ("false", self.visit.t("app.no"))]
        elif field.type == FILES:
            shape = "files"
        elif field.type in ("text", "persons") or (field.type == "line" and most > _TALL):
            shape = "area"
        kind = _INPUTS.get(field.type, "text")
        return Input(field.id, self.title(field), shape, kind, options, required, most, field.sms, hint)

    def _units(self) -> Options:
        return [(unit.code, unit.name(self.visit.lang)) for unit in self.tree.by_id.values() if unit.active]


def values_of(form: Form, inputs: Sequence[Input]) -> dict[str, str]:
    """Return what was given for the inputs; empty ones are left out."""
    given = {one.name: ";".join(form.all(one.name)) for one in inputs}
    return {name: value for name, value in given.items() if value}


def check_given(visit: Visit, form: Form, inputs: Sequence[Input]) -> None:
    """Mark every input that must be given and is not, and every choice that does not exist."""
    for one in inputs:
        if one.shape == "files":
            continue  # looked at by their content
        given = [each for each in form.all(one.name) if each]
        if one.required and not given:
            form.wrong(one.name, visit.t("form.needed", field=one.label))
        elif one.options and any(each not in {value for value, _ in one.options} for each in given):
            form.wrong(one.name, visit.t("form.choose", field=one.label))
        elif any(len(each) > one.most for each in given):
            form.wrong(one.name, visit.t("form.long", field=one.label, n=one.most))
