"""The clock of a process: due moments each second, housekeeping now and then. Firing twice does no harm."""

from collections.abc import Iterator
from contextlib import contextmanager

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.parts import Bot
from core.office import Office
from oversight.schedule_file import schedule
from service import housekeeping, overseeing
from service.opening import Installation

TICK_SECONDS = 1
HOUSEKEEPING_SECONDS = 20
RETENTION_SECONDS = 1800
OVERSIGHT_SECONDS = 60
MISFIRE_GRACE_SECONDS = 30


async def _wake_runs(office: Office) -> None:
    """Wake the runs' pump. A coroutine, because the scheduler would call a plain function in another thread."""
    office.wakes.runs.set()


@contextmanager
def ticking(installation: Installation, bot: Bot) -> Iterator[None]:
    """Wake what is due and look after the rest, until the block ends."""
    office = installation.office
    scheduler = AsyncIOScheduler(timezone="UTC", job_defaults={"misfire_grace_time": MISFIRE_GRACE_SECONDS})
    scheduler.add_job(_wake_runs, "interval", [office], seconds=TICK_SECONDS, id="due")
    folder = installation.settings.checkpoint_dir
    assert folder is not None, "settings fill it"
    scheduler.add_job(housekeeping.step, "interval", [office, bot, folder], seconds=HOUSEKEEPING_SECONDS, id="keep")
    scheduler.add_job(housekeeping.retain, "interval", [office, bot], seconds=RETENTION_SECONDS, id="retention")
    plan = schedule()
    plan.check_reports(installation.reports.by_id)
    oversees = [office, installation.reports, plan]
    scheduler.add_job(overseeing.step, "interval", oversees, seconds=OVERSIGHT_SECONDS, id="oversight")
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
