"""What oversight does by the clock: reports that print themselves, readers who are reminded, the weekly digest."""

from collections.abc import Awaitable, Callable

import structlog

from core.office import Office
from oversight import digest, issuing, reminding, schedule
from oversight.definition import Reports
from oversight.issuing import Readers
from oversight.schedule_file import Schedule
from oversight.table import Period, Report

log = structlog.get_logger()


async def step(office: Office, reports: Reports, plan: Schedule) -> int:
    """Do each once; one that fails is logged and does not keep the others from being done."""

    async def make(report_id: str, period: Period, roles: tuple[str, ...]) -> Report:
        return await issuing.make_to_issue(office, reports, report_id, period, Readers(roles), None)

    chores: dict[str, Callable[[], Awaitable[int]]] = {
        "reports": lambda: schedule.step(office, plan, make),
        "readers": lambda: reminding.step(office),
        "digest": lambda: digest.step(office, reports.kinds, plan),
    }
    done = 0
    for name, chore in chores.items():
        try:
            done += await chore()
        except Exception:
            log.exception("chore.failed", chore=name)
    return done
