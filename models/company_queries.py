"""Named queries about companies and the spellings by which they are found."""

from collections.abc import Sequence

from models import sql

PAGE = 1000


async def replace_keys(keys: Sequence[tuple[int, str]]) -> None:
    """Put (organisation, spelling) in the place of all that there are."""
    await sql.execute("DELETE FROM organisation_key")
    for start in range(0, len(keys), PAGE):
        await sql.execute_many(
            "INSERT INTO organisation_key (organisation_id, key) VALUES ($1, $2)", keys[start : start + PAGE]
        )


async def may_fit(wanted: str) -> list[tuple[str, str]]:
    """Return (code, spelling) of every company whose spelling is in the text, or begins with it."""
    found = await sql.rows(
        "SELECT o.code, k.key FROM organisation_key k JOIN organisation o ON o.id = k.organisation_id "
        "WHERE k.key = $1::text OR k.key LIKE $2 OR $1::text LIKE '%' || k.key || '%'",
        wanted,
        f"{wanted}%",
    )
    return [(str(row["code"]), str(row["key"])) for row in found]
