"""Clocks that move forward only, and logs that never quote."""

import json
import logging
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import structlog

from core import logs
from core.clock import HandClock, ShiftedClock, SystemClock, local_day


def test_a_shifted_clock_moves_forward_only() -> None:
    clock = ShiftedClock()
    clock.move_to(clock.now() + timedelta(days=3))
    assert clock.now() - SystemClock().now() > timedelta(days=2)
    with pytest.raises(ValueError, match="forward"):
        clock.move_to(SystemClock().now())


def test_leases_do_not_follow_the_domain_clock() -> None:
    clock = ShiftedClock()
    before = clock.monotonic()
    clock.move_to(clock.now() + timedelta(days=3))
    assert clock.monotonic() - before < 60


def test_a_hand_clock_keeps_its_monotonic_side_from_going_back() -> None:
    clock = HandClock(datetime(2026, 9, 14, tzinfo=UTC))
    clock.advance(timedelta(seconds=5))
    clock.move_to(datetime(2026, 9, 1, tzinfo=UTC))
    assert clock.monotonic() == 5.0
    assert clock.now().day == 1


def test_the_day_is_the_day_of_the_zone() -> None:
    assert local_day(datetime(2026, 9, 14, 17, tzinfo=UTC), ZoneInfo("Asia/Shanghai")).day == 15


def test_logs_hold_no_text_and_no_message_of_an_exception(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(as_json=True)
    try:
        raise ValueError("周某 +8613800000001")
    except ValueError:
        structlog.get_logger().exception("step.failed", message_id=7, phone="+8613800000001", text="先放两个柜")
    written = capsys.readouterr().err
    assert json.loads(written)["error"] == "ValueError"
    assert json.loads(written)["message_id"] == 7
    assert not any(secret in written for secret in ("周某", "13800000001", "先放"))
    structlog.reset_defaults()


def test_what_a_vendor_logs_of_an_exception_is_its_class_and_places(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up()
    try:
        raise ValueError("周某 +8613800000001")
    except ValueError:
        logging.getLogger("aiohttp.server").exception("Error handling request")
    written = capsys.readouterr().err
    assert written.startswith("Error handling request\nValueError at ")
    assert "test_clock_and_logs.py:" in written
    assert not any(secret in written for secret in ("周某", "13800000001", "Traceback"))
    structlog.reset_defaults()


@pytest.mark.parametrize("name", logs.VENDOR_LOGGERS)
def test_vendors_stay_quiet_below_warning(name: str) -> None:
    logs.set_up("DEBUG")
    assert not logging.getLogger(name).isEnabledFor(logging.INFO)
    logging.getLogger().setLevel(logging.WARNING)
    structlog.reset_defaults()
