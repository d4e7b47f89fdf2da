"""F6: SIGTERM with sends in flight, one of which is slow, ends in order; a second SIGTERM changes nothing."""

import signal
import time

import pytest

from service.pumps import SHUTDOWN_SECONDS
from tests.faults import prepared
from tests.faults.conftest import Begin
from tests.faults.harness import states

pytestmark = [pytest.mark.kill, pytest.mark.timeout(600)]
START_AND_LOAD = 60.0
"""What a busy machine may add."""


async def test_f6_what_is_in_flight_is_settled_before_the_end(begin: Begin) -> None:
    trial = await begin(latency_ms=400, receipts=0)
    await trial.provider.fault("hang_after_accept", match={"nth": 70}, ms=3000)
    await trial.program.start()
    await trial.until_accepted(70)
    assert (await states())["sending"] > 0
    began = time.monotonic()
    trial.program.signal(signal.SIGTERM)
    trial.program.signal(signal.SIGTERM)
    assert await trial.program.ended() == 0
    assert time.monotonic() - began < SHUTDOWN_SECONDS + START_AND_LOAD
    left = await states()
    assert (left["sending"], left["unknown"]) == (0, 0), "the slow answer was waited for"
    assert left["queued"] > 0
    assert left["accepted"] == await trial.accepted()
    await trial.provider.call("PUT", "latency", twilio=20)
    trial.waits_for_lease = True  # it was given up in order: nothing to wait for
    await trial.restart()
    await trial.finish()
    verdict = await trial.judge()
    assert (verdict.problems, verdict.unknown, verdict.accepted) == ((), 0, prepared.TO_SEND)
