"""The risk rules: which are active, what each reads, how high it is; for those who handle their alerts."""

from typing import Any

from aiohttp import web

from console.rendering import render
from console.visit import Visit
from console.words import titled
from oversight.rule import Rule
from oversight.rule_file import ALERT
from oversight.rule_reading import reads_of, said_of

TONES = {"blue": "info", "yellow": "warn", "orange": "warn", "red": "bad"}


async def rules_page(visit: Visit) -> web.Response:
    """Show every rule in the order of its file."""
    return render(visit, "rules.html", {"rules": [_rule(visit, rule) for rule in visit.console.rules.all]})


def _rule(visit: Visit, rule: Rule) -> dict[str, Any]:
    fields = visit.kinds.get(ALERT).fields
    levels, stages = fields["level"].choices or {}, fields["stage"].choices or {}
    said = [said_of(visit.kinds, shape, visit.lang) for shape in rule.shapes]
    return {
        "id": rule.id,
        "title": titled(rule.titles, visit.lang),
        "meaning": titled(rule.meaning, visit.lang) if rule.meaning else "",
        "level": titled(levels[rule.level].titles, visit.lang),
        "tone": TONES[rule.level],
        "stage": titled(stages[rule.stage].titles, visit.lang),
        "says": [visit.t(f"rules.shape.{each.shape}", **each.values) for each in said],
        "reads": reads_of(visit.kinds, rule, visit.lang),
        "asks_head": rule.reaches_head,
        "head_office": rule.to_head_office,
        "lacks": list(rule.lacks),
    }
