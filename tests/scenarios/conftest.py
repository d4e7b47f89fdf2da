"""What scenarios are played on. Assertions of the modules that check for us tell what differed, like those of tests."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.clock import HandClock
from core.limits import Limits
from core.office import Office
from core.texts import Texts
from records.kind import Kinds
from records.loading import load_kinds
from tests.messaging import sandbox_client

for name in ("checks", "campaign_checks", "demo_checks", "deeds_s01", "deeds_s02", "deeds_s11", "deeds_s12", "play"):
    pytest.register_assert_rewrite(f"tests.scenarios.{name}")

from tests.scenarios.stage import Stage, staged  # noqa: E402 - after what is rewritten


@pytest.fixture(scope="module")
def kinds(texts: Texts) -> Kinds:
    return load_kinds(texts, Limits.load())


@pytest.fixture(scope="module")
def sandbox_url() -> Iterator[str]:
    process, url = sandbox_client.start()
    yield url
    process.terminate()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


@pytest.fixture
async def stage(
    db: str, office: Office, clock: HandClock, kinds: Kinds, sandbox_url: str, tmp_path: Path
) -> AsyncIterator[Stage]:
    async with staged(office, clock, kinds, sandbox_url, tmp_path) as one:
        yield one
