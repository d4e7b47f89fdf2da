"""Owner and handler of a record, encrypted by the service key: for notifying only, readable in no list."""

import json
from collections.abc import Mapping

from core.office import Office
from models.record import Record


def encrypt_handles(office: Office, handles: Mapping[str, int | None]) -> bytes:
    """Return the ids of owner and handler encrypted, for notifying only."""
    return office.key.encrypt(json.dumps(handles))


def handles_of(office: Office, record: Record) -> dict[str, int | None]:
    """Return the ids of owner and handler of a record."""
    return json.loads(office.key.decrypt(record.handles)) if record.handles else {}
