"""`lianxin check`: everything that a start would refuse, said at once and in plain lines."""

from bot.parts import Bot
from core.errors import InvalidData
from models import member_queries
from models.database import sqlite_path
from models.migrate import COPY_SUFFIX
from oversight.schedule_file import schedule as printing_schedule
from oversight.survey_index import Weights
from people.roles import roles
from records.retention_file import TABLE, schedule
from service.opening import open_installation
from service.settings import Settings


async def check_everything(settings: Settings) -> list[str]:
    """Open the installation and load every data file; return what was found sound. Raises what is not."""
    async with open_installation(settings) as installation:
        reports, weights = installation.reports, Weights.load()
        prints = printing_schedule()
        prints.check_reports(reports.by_id)
        bot = Bot.make(installation.office, installation.kinds)
        rules = installation.rules.all
        waiting = [rule.id for rule in rules if not rule.active]
        if unknown := schedule().unknown(installation.kinds.by_id):
            raise InvalidData(TABLE.name, "records", f"names the kind {unknown[0]}, which is not installed")
        channels = {"SMS": settings.twilio.on or settings.gateway.on, "chat": settings.telegram.on}
        return [
            f"Database: {'SQLite' if settings.database_url.startswith('sqlite') else 'PostgreSQL'}, up to date.",
            f"Key file: {settings.key_file} fits the database.",
            f"Kinds: {', '.join(sorted(installation.kinds.by_id))}.",
            f"Risk rules: {len(rules) - len(waiting)} active"
            + (f"; waiting for a kind: {', '.join(waiting)}." if waiting else "."),
            f"Keywords: {len(bot.words.keywords.effects)} intents. Roles: {len(roles().by_id)}.",
            f"Reports: {', '.join(sorted(reports.by_id))}. Survey: {len(weights.questions)} questions.",
            f"Schedule: {len(prints.entries)} reports print themselves.",
            *await _keys(settings),
            *(f"Channel {name}: {'on' if on else 'off (no settings)'}." for name, on in channels.items()),
        ]


async def _keys(settings: Settings) -> list[str]:
    """Say how the keys of the registers stand, and which old copy still opens them by the key file alone."""
    lines = []
    for row in await member_queries.standing():
        held = f"held by {row['members']}" if row["members"] else "nobody holds it yet: the key file opens its records"
        recovery = "" if row["recoverable"] else "; no recovery key (lianxin keys recovery)"
        lines.append(f"Key of {row['name']}: {held}{recovery}.")
    path = sqlite_path(settings.database_url)
    copy = path.with_suffix(path.suffix + COPY_SUFFIX) if path else None
    if copy is not None and copy.exists():
        lines.append(f"{copy} is the copy made before a migration. Delete it once all runs well: it holds old keys.")
    return lines
