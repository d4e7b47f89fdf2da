"""After a form: the offer to go on with another one, of which some answers are known already."""

from datetime import timedelta
from typing import Final

from bot import questions
from bot.draft import Draft
from bot.visit import Visit
from messaging.channel import Button
from messaging.presses import data_of
from records.kind import Kind
from records.offers import NUMBER, Offer

OFFER: Final = "offer"
WAITS: Final = timedelta(hours=72)
_BUTTONS: Final = (("bot.button.yes", "1"), ("bot.button.later", "2"))


async def offer(visit: Visit, kind: Kind, draft: Draft) -> bool:
    """Offer the first form whose condition holds by what was answered; False where none does."""
    installed = (one for one in kind.offers if one.kind in visit.bot.kinds.by_id)
    found = next((one for one in installed if one.when.holds(draft.values, draft.named)), None)
    if found is None or draft.number is None:
        return False
    payload = {"values": _known(visit.bot.kinds.get(found.kind), found, draft)}
    address = visit.address_id
    question_id = await questions.ask(visit.office, address, OFFER, topic=found.kind, payload=payload, lasts=WAITS)
    buttons = [Button(visit.text_of(word), data_of(question_id, 0, digit)) for word, digit in _BUTTONS]
    await visit.say(found.text, buttons=[buttons])
    return True


def _known(kind: Kind, found: Offer, draft: Draft) -> dict[str, str]:
    """The answers that the other form takes over; of a moment its day."""
    given = {
        name: draft.number if source == NUMBER else draft.values.get(source) for name, source in found.fills.items()
    }
    return {name: value[:10] if kind.fields[name].type == "date" else value for name, value in given.items() if value}
