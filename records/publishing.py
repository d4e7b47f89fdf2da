"""The rule by which a record is proposed for publication: looked at when the track of its publication begins."""

from typing import Any

from models import record_queries
from models.record import Record
from records.course import Course
from records.kind import Kind
from records.kind_publishing import PublishRule, Threshold


async def reasons_met(kind: Kind, record: Record, course: Course) -> dict[str, Any]:
    """Return the field with the thresholds that a record meets, `r1;r2`; nothing where it meets none.

    A record counts the earlier ones of the same, so that the second of two is the one to be published. Where their
    count is a reason, their numbers and their amount are returned too.
    """
    rule = kind.publishing
    if rule is None:
        return {}
    earlier = await _earlier(rule, record, course)
    met = [each for each in rule.thresholds if _is_met(each, record.facts, 1 + len(earlier))]
    if not met:
        return {}
    counted = any(each.times is not None for each in met)
    return {rule.field: ";".join(each.reason for each in met), **(_told(rule, earlier) if counted else {})}


def _told(rule: PublishRule, earlier: list[dict[str, Any]]) -> dict[str, Any]:
    if rule.earlier is None:
        return {}
    amounts = [each["facts"].get(rule.earlier.of) for each in earlier]
    return {
        rule.earlier.records: ";".join(str(each["number"]) for each in earlier),
        rule.earlier.amount: sum(amount for amount in amounts if isinstance(amount, int)),
    }


def _is_met(threshold: Threshold, facts: dict[str, Any], times: int) -> bool:
    if threshold.times is not None:
        return times >= threshold.times
    value = facts.get(str(threshold.field))
    if threshold.at_least is not None:
        return isinstance(value, int) and value >= threshold.at_least
    return value == threshold.equals


async def _earlier(rule: PublishRule, record: Record, course: Course) -> list[dict[str, Any]]:
    """The earlier ones of the same: by the first field that is known."""
    known = next((name for name in rule.same if course.told.get(name)), None)
    return await record_queries.earlier_alike(record.id, known, rule.without) if known else []
