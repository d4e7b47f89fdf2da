"""Named queries about imported rows: appraisals, survey answers by pattern, counts of matters; replacing them."""

from collections.abc import Mapping, Sequence
from typing import Any

from models import sql


async def appraisals(first_year: int, last_year: int) -> list[dict[str, Any]]:
    """Return the appraisals of some years, in order of year, unit and row."""
    return await sql.rows(
        "SELECT year, unit_code, level, bodies, rank, commended, score FROM appraisal"
        " WHERE year BETWEEN $1 AND $2 ORDER BY year, unit_code, row",
        first_year,
        last_year,
    )


async def survey_patterns(first: str, last: str) -> list[dict[str, Any]]:
    """Return (unit_id, respondent, answers, many): how often each pattern of answers came, from month to month."""
    return await sql.rows(
        "SELECT unit_id, respondent, answers, COUNT(*) AS many FROM survey_set WHERE period BETWEEN $1 AND $2"
        " GROUP BY unit_id, respondent, answers ORDER BY unit_id, respondent, answers",
        first,
        last,
    )


async def matters(first: str, last: str) -> dict[int, int]:
    """Return how many matters each unit handled from month to month."""
    rows = await sql.rows(
        "SELECT unit_id, SUM(matters) AS many FROM matter_count WHERE period BETWEEN $1 AND $2 GROUP BY unit_id",
        first,
        last,
    )
    return {int(row["unit_id"]): int(row["many"]) for row in rows}


async def keep(table: str, key: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows into an imported table; one with the same key is written anew. Names come from the code."""
    names = list(rows[0])
    marks = ", ".join(f"${place}" for place in range(1, len(names) + 1))
    anew = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    await sql.execute_many(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"
        f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {anew}",
        [list(row.values()) for row in rows],
    )


async def replace_survey(rows: Sequence[Mapping[str, Any]]) -> None:
    """Put the answers of units and months in the place of all that was imported for the same ones."""
    told = sorted({(row["unit_id"], row["period"]) for row in rows})
    await sql.execute_many("DELETE FROM survey_set WHERE unit_id = $1 AND period = $2", told)
    await sql.execute_many(
        "INSERT INTO survey_set (unit_id, period, respondent, answers) VALUES ($1, $2, $3, $4)",
        [[row["unit_id"], row["period"], row["respondent"], row["answers"]] for row in rows],
    )
