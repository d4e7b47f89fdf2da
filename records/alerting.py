"""Alerts: looked at when a record is filed and again at each amendment; each fires once."""

from core.office import Office
from core.workdays import LimitEnd
from models.record import Record
from records.course import Course, facts_only
from records.kind import Alert, Kind
from records.predicates import decide
from records.saying import day_text, time_text
from records.targets import targets_of
from records.telling import say


async def look_at_alerts(office: Office, kind: Kind, record: Record, course: Course) -> bool:
    """Tell of every alert whose condition holds for the first time; return whether one did. The row is not saved."""
    named, facts = decide(course.known(kind, record)), facts_only(record.facts)
    fired = [alert for alert in kind.alerts if alert.id not in course.alerts and alert.when.holds(facts, named)]
    for alert in fired:
        course.alerts = [*course.alerts, alert.id]
        await _tell(office, kind, record, alert)
    if fired:
        course.keep(record)
    return bool(fired)


async def _tell(office: Office, kind: Kind, record: Record, alert: Alert) -> None:
    end = office.limits.get(alert.limit).span.end(office.calendar, office.clock.now(), office.zone)
    told: set[int] = set()
    for role in alert.tell:
        for target in await targets_of(office, kind, record, role):
            if target.address_id in told:
                continue
            told.add(target.address_id)
            text = office.texts.say(alert.text, target.lang, **_values(office, record, end, alert, target.lang))
            await say(
                office, target, alert.text, text, f"record:{record.id}:alert:{alert.id}:{target.address_id}", record
            )
    for target in await targets_of(office, kind, record, "owner") if alert.owner else []:
        text = office.texts.say(str(alert.owner), target.lang, no=record.number)
        await say(office, target, str(alert.owner), text, f"record:{record.id}:alert:{alert.id}:owner", record)


def _values(office: Office, record: Record, end: LimitEnd, alert: Alert, lang: str) -> dict[str, str]:
    values = {"no": str(record.number), "hhmm": time_text(end.moment, office.zone), "date": day_text(end.day, lang)}
    return {name: values[name] for name in office.texts.get(alert.text).variables}
