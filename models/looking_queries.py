"""Named queries of looking for what no webhook brought."""

from collections.abc import Sequence

from models import sql


async def known(channel: str, provider_ids: Sequence[str]) -> set[str]:
    """Return those of the provider's ids that are stored already, whichever lane of the channel they came by."""
    if not provider_ids:
        return set()
    marks = ", ".join(f"${number}" for number in range(2, 2 + len(provider_ids)))
    found = await sql.rows(
        "SELECT provider_id FROM inbound WHERE lane_id IN (SELECT id FROM lane WHERE channel = $1)"
        f" AND provider_id IN ({marks})",
        channel,
        *provider_ids,
    )
    return {row["provider_id"] for row in found}


async def stamp(name: str) -> str | None:
    """Return the value that is kept under a name; None where there is none."""
    found = await sql.value("SELECT value FROM service_stamp WHERE name = $1", name)
    return None if found is None else str(found)


async def put_stamp(name: str, value: str) -> None:
    """Keep a value under a name, in place of an earlier one."""
    await sql.execute(
        "INSERT INTO service_stamp (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2",
        name,
        value,
    )
