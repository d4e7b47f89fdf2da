"""What an address agreed to. Silence is consent for staff mailings; a word or the provider may withdraw it.

Only education, survey and family messages ask for consent: answers, duty and service messages are never blocked.
"""

from typing import Final, Literal

from core.office import Office
from models import address_queries

CATEGORIES: Final = ("education", "survey", "family")
Source = Literal["word", "provider", "import", "console"]


def needs_consent(category: str) -> bool:
    """Say whether an opt-out holds messages of this category."""
    return category in CATEGORIES


async def withdraw(office: Office, address_id: int, source: Source, categories: tuple[str, ...] = CATEGORIES) -> None:
    """Record that the address wants no more of these categories."""
    await _record(office, address_id, categories, source, given=False)


async def give(office: Office, address_id: int, source: Source, categories: tuple[str, ...] = CATEGORIES) -> None:
    """Record that the address wants these categories (again)."""
    await _record(office, address_id, categories, source, given=True)


async def is_withdrawn(address_id: int, category: str) -> bool:
    """Say whether the address opted out of a category."""
    return await address_queries.consent_given(address_id, category) is False


async def _record(office: Office, address_id: int, categories: tuple[str, ...], source: Source, *, given: bool) -> None:
    for category in categories:
        await address_queries.set_consent(address_id, category, given, source, office.clock.now())
