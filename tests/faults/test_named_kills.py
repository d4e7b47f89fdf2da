"""F1 to F4: the process is killed at a named place of a run of 500 and started again with the same command."""

import pytest

from messaging import sender, slots
from models.campaign import Run
from tests.faults import prepared
from tests.faults.conftest import Begin
from tests.faults.harness import Trial, states

pytestmark = [pytest.mark.kill, pytest.mark.timeout(600)]


async def killed_at(trial: Trial, place: str) -> None:
    trial.program.launch(place)
    assert await trial.program.ended() == -9


async def ends_well(trial: Trial, *, unknown: int = 0) -> None:
    await trial.restart()
    await trial.finish()
    verdict = await trial.judge()
    assert verdict.problems == ()
    assert (verdict.unknown, verdict.accepted) == (unknown, prepared.TO_SEND - unknown)


async def test_f1_after_filling_before_the_commit_nothing_is_planned_twice(begin: Begin) -> None:
    trial = await begin(receipts=0)
    await killed_at(trial, "fill.before_commit")
    assert await states() == {}
    await ends_well(trial)


@pytest.mark.parametrize("slices", [1, 3])
async def test_f1_between_two_slices_it_goes_on_where_it_was(begin: Begin, slices: int) -> None:
    trial = await begin(receipts=0)
    trial.program.settings["TEST_FILL_PERSONS"] = "120"
    await killed_at(trial, f"fill.between:{slices}")
    assert sum((await states()).values()) == slices * 120
    run = await Run.get()
    assert (run.state, run.filled_at) == ("filling", None)
    await ends_well(trial)


async def test_f1_after_the_commit_of_filling_every_row_is_sent_once(begin: Begin) -> None:
    trial = await begin(receipts=0)
    await killed_at(trial, "fill.after_commit")
    assert sum((await states()).values()) == prepared.SIZE
    await ends_well(trial)


async def test_f2_between_claim_and_post_the_slice_stays_unknown_and_is_not_sent(begin: Begin) -> None:
    trial = await begin(receipts=0)
    await killed_at(trial, "outbox.claimed")  # later claims find earlier messages under way
    in_flight = (await states())["sending"]
    assert 0 < in_flight <= slots.MOST + 3 * sender.SLICE
    await ends_well(trial, unknown=in_flight)


async def test_f3_after_the_bytes_of_the_request_receipts_settle_what_was_open(begin: Begin) -> None:
    trial = await begin(receipts=1)
    fault = await trial.provider.fault("hang_after_accept", match={"every": 100})
    trial.program.launch()

    async def hangs() -> bool:
        return int((await trial.provider.call("GET", f"faults/{fault['id']}"))["fired"]) > 0

    await trial.until(hangs, "a request that hangs")
    await trial.program.kill()
    await trial.provider.call("DELETE", f"faults/{fault['id']}")
    assert (await states())["sending"] > 0
    await trial.restart()
    await trial.finish()
    verdict = await trial.judge()
    assert verdict.problems == ()


async def test_f4_after_the_answer_before_our_commit_receipts_settle_what_was_open(begin: Begin) -> None:
    trial = await begin(receipts=1)
    await killed_at(trial, "outbox.answered:5")
    assert (await states())["sending"] > 0
    await trial.restart()
    await trial.finish()
    verdict = await trial.judge()
    assert verdict.problems == ()
    assert verdict.unknown + verdict.accepted == prepared.TO_SEND
