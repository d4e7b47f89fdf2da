"""Monthly returns: the roll by unit, who is missing, units silent for months; excusing, and answers given on paper."""

from typing import Any, Final

from aiohttp import web

from console.answers import go_on
from console.fields import Form, read_form
from console.rendering import render
from console.visit import Visit
from console.words import titled
from core.errors import NotThere, Refused
from core.months import Month
from models import sql
from models.return_queries import WAITING
from oversight import returns_roll
from oversight.returns_answer import do_enter_paper
from oversight.returns_roll import Owing, Shown
from people.units import UnitRow, load_tree
from records.acts import do_act
from records.kind import Kind
from records.month_limits import month_end

MONTHS: Final = (3, 6, 12)
EXCUSE: Final = "免报"
REASON: Final = "excuse"
DUE: Final = "zero_report.due"
TONES: Final = {"in_time": "good", "late": "warn", "waiting": "info", "missed": "bad", "excused": ""}


def _kind(visit: Visit) -> Kind:
    kind = visit.kinds.the_return()
    if kind is None:
        raise NotThere
    return kind


async def roll_page(visit: Visit) -> web.Response:
    """Show the roll of a month, the newest one unless another was chosen."""
    kind, tree = _kind(visit), await load_tree()
    roll = await returns_roll.roll_of(visit.office, kind, visit.actor, visit.query("month") or None)
    context: dict[str, Any] = {"roll": None}
    if roll is not None:

        def row(one: Shown) -> dict[str, Any]:
            unit = tree.by_id.get(one.unit_id or 0)
            return {
                "unit": unit.name(visit.lang) if unit else "",
                "href": f"/returns/{roll.period}/{unit.code}" if unit and one.opens else "",
                "line": one.line,
                "answers": one.answers,
            }

        context = {
            "roll": roll,
            "rows": [row(one) for one in roll.rows],
            "total": row(roll.total),
            "answers": roll.total.answers or any(one.answers for one in roll.rows),
            "due": month_end(visit.office, DUE, Month.parse(roll.period)).day,
            "month": roll.period,
        }
    return render(visit, "returns.html", context)


async def unit_page(visit: Visit) -> web.Response:
    """Show the persons of a unit, those missing first."""
    return await _unit_page(visit, Form(), "")


async def _unit_page(visit: Visit, form: Form, about: str) -> web.Response:
    kind, period, unit = _kind(visit), visit.path("period"), await _unit(visit)
    people = await returns_roll.persons_of(visit.office, kind, visit.actor, period, unit.id, visit.lang)
    if not people:
        raise NotThere
    context = {
        "path": f"/returns/{period}/{unit.code}",
        "month": period,
        "unit": unit.name(visit.lang),
        "rows": [_shown(visit, kind, one) for one in people],
        "handles": any(one.state for one in people),
        "reason_most": kind.fields[REASON].max,
        "form": form,
        "about": about,
        "blank": Form(),
    }
    return render(visit, "returns_unit.html", context, 422 if form.errors else 200)


def _shown(visit: Visit, kind: Kind, one: Owing) -> dict[str, Any]:
    return {
        "id": one.public_id,
        "name": one.name,
        "staff_no": one.staff_no,
        "words": titled(kind.states[one.state].titles, visit.lang) if one.state else visit.t(f"returns.{one.standing}"),
        "tone": TONES[one.standing],
        "open": one.state in WAITING,
    }


async def _unit(visit: Visit) -> UnitRow:
    tree = await load_tree()
    found = next((unit for unit in tree.by_id.values() if unit.code == visit.path("unit")), None)
    if found is None:
        raise NotThere
    return found


async def silent_page(visit: Visit) -> web.Response:
    """Show the units all of whose answers were zero in the last months: a question for the officer's own round."""
    kind, tree = _kind(visit), await load_tree()
    asked = visit.query("months")
    months = int(asked) if asked in {str(each) for each in MONTHS} else MONTHS[1]
    found = await returns_roll.silent_units(visit.office, kind, visit.actor, months)
    rows = [(tree.by_id[one.unit_id].name(visit.lang), one) for one in found if one.unit_id in tree.by_id]
    return render(
        visit, "returns_silent.html", {"rows": sorted(rows, key=lambda row: row[0]), "months": months, "all": MONTHS}
    )


async def excuse(visit: Visit) -> web.Response:
    """Excuse somebody from the return, with the reason."""
    form = read_form(visit.posted, ("return", REASON), 200)
    if not form[REASON]:
        form.wrong(REASON, visit.t("returns.reason_missing"))
        return await _unit_page(visit, form, form["return"])
    try:
        values = {REASON: form[REASON]}
        await do_act(visit.office, visit.kinds, visit.actor, form["return"], EXCUSE, values, visit.lang)
    except Refused as refused:
        form.wrong(REASON, visit.refusal(refused))
        return await _unit_page(visit, form, form["return"])
    return go_on(visit, _here(visit), "act")


async def enter_paper(visit: Visit) -> web.Response:
    """Enter what somebody answered on paper; the registers must not say otherwise."""
    form = read_form(visit.posted, ("return", "answer"), 200)
    if form["answer"] not in ("zero", "has"):
        form.wrong("answer", visit.t("returns.answer_missing"))
        return await _unit_page(visit, form, form["return"])
    try:
        async with sql.transaction():
            zero = form["answer"] == "zero"
            await do_enter_paper(visit.office, visit.kinds, visit.actor, form["return"], zero=zero)
    except Refused as refused:
        form.wrong("answer", visit.refusal(refused))
        return await _unit_page(visit, form, form["return"])
    return go_on(visit, _here(visit), "act")


def _here(visit: Visit) -> str:
    return f"/returns/{visit.path('period')}/{visit.path('unit')}"
