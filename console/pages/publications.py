"""What the public reads: the publications of today, and the totals of the year. Nobody has to sign in for it."""

from dataclasses import replace
from typing import Any

from aiohttp import web

from console.record_values import Shower
from console.rendering import render_public
from console.visit import Visit
from console.words import LANGS, titled
from people.units import UnitTree
from records.facts import money_text
from records.kind import Kind
from records.publication import LEAST, Totals, public_list, published_kinds, totals


async def public_page(visit: Visit) -> web.Response:
    """Show what is published today, in the language that the address or the browser asks for."""
    visit, others = in_public(visit)
    sections = [await _section(visit, kind) for kind in published_kinds(visit.kinds)]
    return render_public(visit, "public.html", {"sections": sections, "others": others})


def in_public(visit: Visit) -> tuple[Visit, list[tuple[str, str]]]:
    """Return the visit in the language that the address asks for, and (code, name) of the others."""
    asked = next((lang for lang in LANGS if lang == visit.query("lang")), visit.lang)
    others: list[tuple[str, str]] = [
        (lang, visit.console.words.say(lang, f"lang.{lang}")) for lang in LANGS if lang != asked
    ]
    return replace(visit, lang=asked), others


async def _section(visit: Visit, kind: Kind) -> dict[str, Any]:
    rule = kind.publishing
    assert rule is not None  # only kinds that publish are shown
    shower = Shower(visit, UnitTree({}), {})
    shown = [kind.fields[name] for name in rule.shows]
    rows = [
        {
            "cells": [(shower.title(one), shower.value(one, each.values.get(one.id, ""))) for one in shown],
            "first_day": each.first_day,
            "last_day": each.last_day,
        }
        for each in await public_list(visit.office, kind.id)
    ]
    return {
        "title": titled(kind.titles, visit.lang),
        "heads": [shower.title(one) for one in shown],
        "rows": rows,
        "totals": _totals(visit, await totals(visit.office, kind)),
    }


def _totals(visit: Visit, of_year: Totals) -> str:
    few = visit.t("public.few", n=LEAST)
    amount = visit.t("public.hidden") if of_year.amount is None else money_text(of_year.amount)
    counts = [few if each is None else each for each in (of_year.letters, of_year.published)]
    return visit.t("public.totals", year=of_year.year, letters=counts[0], amount=amount, published=counts[1])
