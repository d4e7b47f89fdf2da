"""Named functions that make the value of a field from what an act gives; a transition names them under `makes`."""

from collections.abc import Callable, Mapping
from typing import Final

from core.office import Office
from models.record import Record
from records.parcels import make_parcel

Maker = Callable[[Office, Record, Mapping[str, str]], str]
PACKED: Final = ("from_body", "to_body", "content")


def sealed_parcel(office: Office, record: Record, given: Mapping[str, str]) -> str:
    """Seal what is transferred to the public key of the receiver."""
    content = {"no": str(record.number), "made_at": office.clock.now().isoformat(timespec="seconds")}
    return make_parcel(given["receiver_key"], {**content, **{name: given[name] for name in PACKED}})


MAKERS: Final[Mapping[str, Maker]] = {each.__name__: each for each in (sealed_parcel,)}
