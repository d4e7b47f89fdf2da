"""Acts of staff on records, by the transitions of the kind."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from core.office import Office
from models.record import Record
from people.access import Actor
from records.kind import Field, Kinds


@dataclass(frozen=True, slots=True)
class OpenAct:
    """An act that the actor may do now: the fields it needs and takes, the state it leads to, when it should be done."""

    act: str
    needs: tuple[Field, ...]
    takes: tuple[Field, ...]
    to: str
    due_at: dt.datetime | None


async def acts_open(office: Office, kinds: Kinds, actor: Actor, record: Record) -> tuple[OpenAct, ...]:
    """Return the acts that the actor may do on a record now; none where he may not see it."""
    raise NotImplementedError


async def do_act(
    office: Office, kinds: Kinds, actor: Actor, public_id: str, act: str, values: Mapping[str, str]
) -> None:
    """Do an act in a transaction of its own. Raises NotThere, NotAllowed, Conflict, Refused."""
    raise NotImplementedError
