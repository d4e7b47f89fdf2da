"""`lianxin check`: everything that a start would refuse, said at once and in plain lines."""

from bot.parts import Bot
from core.errors import InvalidData
from oversight.reports import load_reports
from oversight.survey_index import Weights
from people.roles import roles
from records.retention_file import TABLE, schedule
from service.opening import open_installation
from service.settings import Settings


async def check_everything(settings: Settings) -> list[str]:
    """Open the installation and load every data file; return what was found sound. Raises what is not."""
    async with open_installation(settings) as installation:
        reports, weights = load_reports(installation.kinds), Weights.load()
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
            *(f"Channel {name}: {'on' if on else 'off (no settings)'}." for name, on in channels.items()),
        ]
