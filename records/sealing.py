"""Statements: what was said in a record, sealed to its group. Written by anyone, read with the group's key only."""

import datetime as dt
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.crypto import Sealed, seal_to, unseal
from core.ledger_leaf import SALT_BYTES, canonical_json, commitment_of
from models.record import KeyGroup, Statement

BEFORE: Final = "@before."
"""Stands before the id of a fact in a correction: what it was until then."""
GIVEN: Final = "…"
"""What stands for a sealed value where only that it was given is known."""


@dataclass(frozen=True, slots=True)
class Unsealed:
    """One statement in clear, in memory only."""

    seq: int
    at: dt.datetime
    source: str
    values: Mapping[str, str]


async def add_statement(
    group: KeyGroup, record_id: int, source: str, values: Mapping[str, str], at: dt.datetime
) -> dict[str, Any]:
    """Append a statement; return its sequence and salted commitment for the ledger. The record must be locked."""
    content, salt = canonical_json(values), secrets.token_bytes(SALT_BYTES)
    sealed = seal_to(group.public_key, content)
    seq = await Statement.filter(record_id=record_id).count() + 1
    await Statement.create(
        record_id=record_id,
        seq=seq,
        at=at,
        source=source,
        fields_given=sorted(values),
        key=sealed.key,
        sealed=sealed.content,
        salt=salt,
    )
    return {"statement": seq, "commitment": commitment_of(salt, content)}


async def unseal_all(private_key: bytes, record_id: int) -> list[Unsealed]:
    """Return the statements of a record in order; one whose key was destroyed is left out."""
    rows = await Statement.filter(record_id=record_id).order_by("seq")
    return [
        Unsealed(row.seq, row.at, row.source, json.loads(unseal(private_key, Sealed(row.key, row.sealed))))
        for row in rows
        if row.key is not None
    ]


async def given_fields(record_id: int) -> dict[str, str]:
    """Return which sealed fields of a record were given, without looking into them."""
    rows = await Statement.filter(record_id=record_id).values_list("fields_given", flat=True)
    return {name: GIVEN for names in rows for name in _names(names) if not name.startswith(BEFORE)}


def _names(stored: Any) -> list[str]:
    return list(json.loads(stored)) if isinstance(stored, str) else list(stored)


def merged(statements: list[Unsealed], added_up: str | None) -> dict[str, str]:
    """Return the latest value of each field; the field `added_up` keeps every value it was given, one a line."""
    values: dict[str, str] = {}
    for statement in statements:
        for name, value in statement.values.items():
            before = values.get(name)
            values[name] = f"{before}\n{value}" if before and name == added_up else value
    return values
