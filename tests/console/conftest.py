"""A served console with the sample organisation, once for each database; on SQLite alone where no row matters."""

from collections.abc import AsyncIterator

import pytest

from core.limits import Limits
from core.office import Office
from core.texts import Texts
from records.kind import Kinds
from records.loading import load_kinds
from tests.console.house import House, served


@pytest.fixture(scope="session")
def kinds(texts: Texts) -> Kinds:
    return load_kinds(texts, Limits.load())


@pytest.fixture
async def house(db: str, office: Office, kinds: Kinds) -> AsyncIterator[House]:
    async with served(office, kinds) as one:
        yield one


sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
