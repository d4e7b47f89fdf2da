"""Addresses as a page shows them: enough to recognise one that is known, not enough to reach it."""

from typing import Final

from core.office import Office

_SHOWN_LAST: Final = 4
_LONG: Final = 9


def mask(identity: str) -> str:
    """Return a number or chat id with its middle hidden."""
    if len(identity) < _LONG:
        return "•••" + identity[-2:]
    return f"{identity[:3]} ••• {identity[-_SHOWN_LAST:]}"


def masked(office: Office, identity: object) -> str:
    """Return the encrypted identity of a row, masked; "" where there is none."""
    return mask(office.key.decrypt(bytes(identity))) if isinstance(identity, (bytes, bytearray, memoryview)) else ""
