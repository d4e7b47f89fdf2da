"""What is known of a filed record without opening it: for the later questions, which only ask for what is missing."""

from core.office import Office
from models.record import Record
from records.course import Course, facts_only
from records.kind import Kind
from records.predicates import Known, decide
from records.sealing import given_fields


async def known_values(record: Record) -> dict[str, str]:
    """Return the facts of a record and, for each sealed field that was given, a mark that it was."""
    return {**await given_fields(record.id), **facts_only(record.facts)}


def named_of(kind: Kind, record: Record) -> dict[str, bool]:
    """Return the named predicates as they stand for a record."""
    return decide(Course.of(record).known(kind, record))


def named_before_filing() -> dict[str, bool]:
    """Return the named predicates for a record that does not exist yet: none of them holds."""
    return decide(Known())


def later_is_open(office: Office, record: Record) -> bool:
    """Return whether the later questions may still be asked: the record runs, and their limit has not ended."""
    until = record.later_until
    return record.closed_at is None and until is not None and office.clock.now() < until
