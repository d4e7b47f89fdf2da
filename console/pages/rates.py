"""Rates of exchange: the newest ones, and a table that is taken in as a whole or not at all."""

from typing import Any, Final

from aiohttp import web

from console.fields import Form, read_file
from console.rendering import render
from console.visit import Visit
from core.errors import NotThere
from records.facts import CURRENCY
from records.kind import Kind
from records.rates import RatesReport, import_rates, newest_rates

MOST_BYTES: Final = 1024 * 1024
PROBLEMS_SHOWN: Final = 200


async def rates_page(visit: Visit) -> web.Response:
    """Show the newest rates and the form for a table."""
    return await _page(visit, Form(), None)


async def import_file(visit: Visit) -> web.Response:
    """Take a table in, or say line by line what is wrong with it."""
    form, data = Form(), read_file(visit.posted, "table", MOST_BYTES)
    if data is None:
        form.wrong("table", visit.t("import.bad_file", most=MOST_BYTES // 1024))
        return await _page(visit, form, None)
    return await _page(visit, form, await import_rates(visit.office, visit.actor, data, _home(visit)))


def _home(visit: Visit) -> str:
    """The currency of the house: what the field of type currency is by default, in the kind that has rates."""
    kind: Kind | None = next((one for one in visit.kinds.by_id.values() if one.with_source("exchange_rate")), None)
    field = next((one for one in kind.fields.values() if one.type == CURRENCY), None) if kind else None
    if field is None or field.default is None:
        raise NotThere
    return field.default


async def _page(visit: Visit, form: Form, report: RatesReport | None) -> web.Response:
    problems = report.problems if report else ()
    context: dict[str, Any] = {
        "form": form,
        "report": report,
        "problems": [(one, one.say(visit.office.texts, visit.lang)) for one in problems[:PROBLEMS_SHOWN]],
        "many": len(problems),
        "rates": await newest_rates(),
    }
    return render(visit, "rates.html", context, 422 if form.errors or problems else 200)
