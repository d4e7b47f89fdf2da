"""Which messages of a chat there are since a moment, by what the chat calls them."""

from datetime import datetime

from models import sql

MOST = 500


async def messages_since(address_id: int, since: datetime) -> tuple[str, ...]:
    """Return the messages of both sides since a moment, at most so many, the newest first."""
    came = await sql.rows(
        "SELECT chat_message_id AS name FROM inbound WHERE address_id = $1 AND received_at >= $2 "
        f"AND chat_message_id IS NOT NULL ORDER BY id DESC LIMIT {MOST}",
        address_id,
        since,
    )
    went = await sql.rows(
        "SELECT provider_id AS name FROM message WHERE address_id = $1 AND queued_at >= $2 AND channel = 'telegram' "
        f"AND provider_id IS NOT NULL ORDER BY id DESC LIMIT {MOST}",
        address_id,
        since,
    )
    names = dict.fromkeys(str(row["name"]) for row in (*came, *went))
    return tuple(name for name in names if name.isdecimal())
