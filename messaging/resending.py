"""Sending unknown messages again, by hand: it may have gone out, so the person may get it twice, and the row says so.

Whoever calls this has made sure that the person may (act `message.resend`). Nothing else ever sends an unknown message
again without proof that it did not go out.
"""

import structlog

from core.errors import Conflict, NotThere
from core.office import Office
from models import resending_queries, run_queries, sql, wake
from models.states import MessageState, RunState

log = structlog.get_logger()


async def do_resend(office: Office, person_id: int, message_id: int) -> None:
    """Queue one unknown message again.

    Raises NotThere, and Conflict where it is not unknown any more, too late, or its campaign cancelled or held.
    """
    now = office.clock.now()
    async with sql.transaction():
        found = await resending_queries.one(message_id)
        if found is None:
            raise NotThere
        if found["state"] != MessageState.UNKNOWN:
            raise Conflict("resend.settled")
        if (expires_at := sql.as_time(found["expires_at"])) is not None and expires_at <= now:
            raise Conflict("resend.too_late")
        await _hold_run(office, found["run_id"])
        if not await resending_queries.send_again(found["run_id"], message_id, person_id, now):
            raise Conflict("resend.settled")
        await wake.tell("outbox")
    log.info("message.resent", message=message_id, person=person_id)
    office.wakes.outbox.set()


async def do_resend_all(office: Office, person_id: int, run_id: int | None, expected: int) -> None:
    """Queue all unknown messages of a run, or of no run, again, but for those that are too late.

    `expected` is how many were shown to whoever decided: Conflict where there are more or fewer by now, where there are
    none, or the campaign is cancelled or held. All or nothing.
    """
    now = office.clock.now()
    async with sql.transaction():
        await _hold_run(office, run_id)
        moved = await resending_queries.send_again(run_id, None, person_id, now)
        if moved != expected or not moved:
            raise Conflict("resend.other_number", n=moved)
        await wake.tell("outbox")
    log.info("messages.resent", run=run_id, many=moved, person=person_id)
    office.wakes.outbox.set()


async def _hold_run(office: Office, run_id: int | None) -> None:
    """Make the run send again where it is finished. Raises Conflict where it is cancelled, or its campaign is held."""
    if run_id is None:
        return
    is_open = await run_queries.reopen(run_id, office.clock.now())
    if not is_open or await resending_queries.state_of_run(run_id) == RunState.CANCELLED:
        raise Conflict("resend.run_over")
