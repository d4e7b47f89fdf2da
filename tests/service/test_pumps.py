"""The only loops: they lose no wake-up, survive errors and end when told."""

import asyncio

import pytest
import structlog

from core.wake import WakeUp
from service.pumps import pump


async def test_a_wake_up_between_look_and_wait_is_not_lost() -> None:
    wake = WakeUp()
    turn = wake.turn
    wake.set()
    await asyncio.wait_for(wake.wait_past(turn, 60), 1)
    assert wake.turn == turn + 1


async def test_one_wake_up_wakes_all_who_wait() -> None:
    wake = WakeUp()
    waiting = [asyncio.create_task(wake.wait_past(wake.turn, 60)) for _ in range(3)]
    await asyncio.sleep(0)
    wake.set()
    done, late = await asyncio.wait(waiting, timeout=1)
    assert (len(done), len(late)) == (3, 0)


async def test_a_pump_steps_until_there_is_nothing_then_rests() -> None:
    left, wake, stop = [1, 1, 0], WakeUp(), asyncio.Event()
    seen: list[int] = []

    async def step() -> int:
        seen.append(left.pop(0) if left else 0)
        return seen[-1]

    task = asyncio.create_task(pump("p", step, wake, stop, rest=60))
    await asyncio.sleep(0.05)
    assert seen == [1, 1, 0]
    wake.set()
    await asyncio.sleep(0.05)
    assert len(seen) == 4
    stop.set()
    wake.set()
    await asyncio.wait_for(task, 1)


async def test_an_error_is_logged_without_its_message_and_the_step_tried_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from core import logs

    logs.set_up()
    wake, stop, tries = WakeUp(), asyncio.Event(), 0

    async def step() -> int:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise ValueError("周某 said so")
        stop.set()
        return 0

    task = asyncio.create_task(pump("p", step, wake, stop))
    await asyncio.sleep(0.05)
    wake.set()
    await asyncio.wait_for(task, 2)
    said = capsys.readouterr().err
    assert tries == 2
    assert "ValueError" in said
    assert "周某" not in said
    structlog.reset_defaults()
