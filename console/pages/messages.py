"""The outbox as the system administrator sees it: states, counts, tries. Never a text, never a whole address."""

from typing import Any

from aiohttp import web

from console.masked import masked
from console.rendering import render
from console.visit import Visit
from core.errors import NotThere
from messaging import outbox
from models import console_queries, sql
from models.outgoing import Attempt, Message, Receipt
from models.states import MessageState

PAGE = 50
CHANNELS = ("sms", "telegram")
CATEGORIES = ("reply", "duty", "service", "education", "test")


async def messages_page(visit: Visit) -> web.Response:
    """Show messages, narrowed by state, channel and category, with the books."""
    states = [str(state) for state in MessageState]
    state, channel, category = (
        _one_of(visit, "state", states),
        _one_of(visit, "channel", CHANNELS),
        _one_of(visit, "category", CATEGORIES),
    )
    rows = await console_queries.messages(state, channel, category, _before(visit), PAGE + 1)
    counts = await console_queries.messages_by_state()
    context = {
        "rows": [_row(visit, row) for row in rows[:PAGE]],
        "next_id": rows[PAGE - 1]["id"] if len(rows) > PAGE else None,
        "chosen": {"state": state or "", "channel": channel or "", "category": category or ""},
        "states": [(each, counts.get(each, 0)) for each in states],
        "channels": CHANNELS,
        "categories": CATEGORIES,
        "books": await outbox.books(),
    }
    return render(visit, "messages.html", context)


def _one_of(visit: Visit, name: str, known: Any) -> str | None:
    return visit.query(name) if visit.query(name) in known else None


def _before(visit: Visit) -> int | None:
    before = visit.query("before")
    return int(before) if before.isdecimal() and len(before) < 19 else None


def _row(visit: Visit, row: dict[str, Any]) -> dict[str, Any]:
    return row | {"to": masked(visit.office, row["identity"]), "queued_at": sql.as_time(row["queued_at"])}


async def message_page(visit: Visit) -> web.Response:
    """Show one message: its tries and what the provider reported, without its text."""
    number = visit.path("message")
    if not number.isdecimal() or len(number) > 18:
        raise NotThere
    message = await Message.get_or_none(id=int(number)).prefetch_related("address")
    if message is None:
        raise NotThere
    tries = await Attempt.filter(message_id=message.id).order_by("id")
    receipts = await Receipt.filter(attempt_id__in=[one.id for one in tries]).order_by("received_at")
    context = {
        "message": message,
        "to": masked(visit.office, message.address.identity) if message.address else "",
        "tries": [(one, [each for each in receipts if each.attempt_id == one.id]) for one in tries],
    }
    return render(visit, "message.html", context)
