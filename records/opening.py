"""Records that the office begins by itself at the console: a bulletin, a commendation, a transfer."""

from collections.abc import Mapping

from core.errors import NotThere
from core.office import Office
from models import sql
from people.access import Actor
from records.filing import Filed, file
from records.kind import Kind, Kinds
from records.source import Source


def may_begin(kind: Kind, actor: Actor) -> bool:
    """Return whether somebody may begin a record of a kind: the office files it, and he has a role that does.

    So may whoever does those acts in its place.
    """
    stands_for = {role for rule in kind.readers if actor.has(rule.role) for role in rule.acts_as}
    return kind.form.console and any(actor.has(role) or role in stands_for for role in kind.filed_by)


async def begin(
    office: Office, kinds: Kinds, actor: Actor, kind_id: str, values: Mapping[str, str], lang: str
) -> Filed:
    """Begin a record in a transaction of its own; who begins it handles it.

    Raises NotThere where he may not know of the kind, Refused where an answer is missing.
    """
    if not may_begin(kinds.get(kind_id), actor):
        raise NotThere
    async with sql.transaction():
        source = Source(None, actor.person_id, "web", lang, "console")
        return await file(office, kinds, kind_id, values, source)
