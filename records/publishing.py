"""The rule by which a record is proposed for publication: looked at when the track of its publication begins."""

from typing import Any

from models import record_queries
from models.record import Record
from records.course import Course
from records.kind import Kind, PublishRule, Threshold


async def reasons_met(kind: Kind, record: Record, course: Course) -> dict[str, str]:
    """Return the field with the thresholds that a record meets, `r1;r2`; nothing where it meets none.

    A record counts the earlier ones of the same, so that the second of two is the one to be published.
    """
    rule = kind.publishing
    if rule is None:
        return {}
    times = await _times(rule, record, course)
    met = [each.reason for each in rule.thresholds if _is_met(each, record.facts, times)]
    return {rule.field: ";".join(met)} if met else {}


def _is_met(threshold: Threshold, facts: dict[str, Any], times: int) -> bool:
    if threshold.times is not None:
        return times >= threshold.times
    value = facts.get(str(threshold.field))
    if threshold.at_least is not None:
        return isinstance(value, int) and value >= threshold.at_least
    return value == threshold.equals


async def _times(rule: PublishRule, record: Record, course: Course) -> int:
    """The how-manieth record of the same this is: by the first field that is known."""
    known = next((name for name in rule.same if course.told.get(name)), None)
    return 1 + await record_queries.earlier_alike(record.id, known, rule.without) if known else 1
