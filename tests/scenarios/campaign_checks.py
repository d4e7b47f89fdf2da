"""What is expected of a campaign: its moment, whom it reaches, how many did what."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from campaigns import audience
from campaigns.results import Counts, counts
from campaigns.scheduling import due_of, from_rule
from models import sql
from models.campaign import Schedule
from models.outgoing import Message
from tests.scenarios.people import contacts
from tests.scenarios.play import Play
from tests.scenarios.plot import moment

ROW = ("audience", "suppressed", "no_address", "submitted", "delivered", "unconfirmed", "failed", "unknown", "acked")


async def counted(play: Play) -> Counts:
    """Return the counts of the round that the step is about: the second one where it has been made."""
    number = 2 if play.kept.get("chased") == play.step.name else 1
    return await counts(play.stage.office, await play.run(number))


async def _staff(play: Play, number: int = 1, **narrowed: Any) -> list[int]:
    found = Message.filter(run_id=(await play.run(number)).id, **narrowed)
    return sorted(int(str(each)) for each in await found.values_list("person__staff_no", flat=True))


async def _send_at(play: Play, wanted: str) -> None:
    schedule = await Schedule.get(campaign__public_id=play.campaign_id)
    due = due_of(play.stage.office, from_rule(schedule.rule)).moment
    assert due == moment(wanted)
    assert schedule.next_due_at in (None, due)


def _numbers(readers: list[audience.Reader], reason: str) -> list[int]:
    return [int(reader.staff_no or 0) for reader in readers if reader.reason == reason]


async def _estimate(play: Play, wanted: Mapping[str, Any]) -> None:
    """The preview says it, and its page shows the figures."""
    campaign = await play.campaign()
    seen = await audience.preview(play.stage.office, campaign)
    skipped = await audience.readers(campaign, "skipped", 0, 100)
    said: dict[str, Any] = {
        "audience": seen.planned,
        "excluded_on_leave": _numbers(await audience.readers(campaign, "on_leave", 0, 100), "on_leave"),
        "opted_out": _numbers(skipped, "opted_out"),
        "suppressed": len(_numbers(skipped, "opted_out")),
        "no_address": _numbers(skipped, "no_address"),
        "sms": seen.channel("sms"),
        "sms_segments": seen.segments,
        "chat": seen.channel("telegram"),
        "to_send": seen.to_send,
    }
    if isinstance(wanted.get("no_address"), int):
        said["no_address"] = len(said["no_address"])
    assert {key: said[key] for key in wanted} == dict(wanted)
    page = await play.look(f"/reminders/{play.campaign_id}")
    assert f"<dd>{seen.to_send}</dd>" in page.text


async def _in_state(play: Play, wanted: list[int] | int, **narrowed: Any) -> None:
    found = await _staff(play, **narrowed)
    assert (found if isinstance(wanted, list) else len(found)) == wanted


async def _suppressed(play: Play, wanted: list[int]) -> None:
    await _in_state(play, wanted, state="suppressed", reason="opted_out")


async def _no_address(play: Play, wanted: list[int]) -> None:
    await _in_state(play, wanted, state="suppressed", reason="no_address")


async def _without_report(play: Play, wanted: list[int]) -> None:
    await _in_state(play, wanted, channel="sms", state__in=["accepted", "sent"])


async def _not_in_audience(play: Play, wanted: list[int]) -> None:
    assert not set(wanted) & set(await _staff(play))


async def _rows(play: Play, wanted: int) -> None:
    """So many rows, one for each person."""
    found = await _staff(play)
    assert (len(found), len(set(found))) == (wanted, wanted)


async def _not_to(play: Play, wanted: str) -> None:
    """Nobody of those who answered, and nobody whom the first round did not reach."""
    assert wanted.startswith("the 23 who answered")
    asked = set(await _staff(play, 2))
    left_out = {int(word) for word in wanted.replace(",", " ").split() if word.isdecimal() and len(word) == 7}
    assert left_out == {9021003, 9021031, 9021040}
    assert not asked & (left_out | {int(each) for each in play.kept["acked"]})
    assert len(play.kept["acked"]) == 23


async def _by_channel(play: Play, channel: str, wanted: int) -> None:
    """Of this round; each of them heard it."""
    assert (await counted(play)).by_channel[channel] == wanted
    numbers = {contact.phone if channel == "sms" else contact.chat for contact in contacts().values()} - {""}
    assert len([each for each in play.heard if each.to in numbers]) == wanted


async def _sms(play: Play, wanted: int) -> None:
    await _by_channel(play, "sms", wanted)


async def _chat(play: Play, wanted: int) -> None:
    await _by_channel(play, "telegram", wanted)


def _figure(name: str) -> Callable[[Play, int], Awaitable[None]]:
    async def check(play: Play, wanted: int) -> None:
        assert getattr(await counted(play), name) == wanted

    return check


async def _row(play: Play, wanted: Mapping[str, Any]) -> None:
    """The figures of the first round; the segments are those of all rounds. The console says the same."""
    first = await counts(play.stage.office, await play.run())
    rounds = [first] if not play.kept.get("chased") else [first, await counts(play.stage.office, await play.run(2))]
    said: dict[str, Any] = {name: getattr(first, name) for name in (*ROW, "overdue")}
    said |= {"segments": sum(each.segments for each in rounds), "ack_rate": first.ack_rate}
    assert {key: said[key] for key in wanted} == dict(wanted)
    run = await play.run()
    shown = json.loads((await play.look(f"/reminders/{play.campaign_id}/runs/{run.public_id}/counts", "9021012")).text)
    same = {"delivered", "failed", "unconfirmed", "unknown", "acked"} & set(wanted)
    assert {name: shown[name] for name in same} == {name: wanted[name] for name in same}


async def _identity(play: Play, wanted: str) -> None:
    """Whoever is planned is in exactly one place, by the counts and by the books."""
    run = await play.run()
    found = await counts(play.stage.office, run)
    assert wanted.startswith(f"{found.audience} = {found.suppressed} + {found.no_address} + {found.submitted}")
    assert found.audience == found.suppressed + found.no_address + found.submitted
    assert found.submitted == found.delivered + found.unconfirmed + found.failed + found.unknown
    assert found.unknown == 0


async def _databases(play: Play, wanted: list[str]) -> None:
    """Each sort of database plays the day once; this is one of them."""
    assert ("postgresql" if sql.is_postgres() else "sqlite") in wanted


CHECKS: Mapping[str, Callable[[Play, Any], Awaitable[None]]] = {
    "ack_overdue": _figure("overdue"),
    "acked": _figure("acked"),
    "chat": _chat,
    "databases": _databases,
    "delivered": _figure("delivered"),
    "estimate": _estimate,
    "failed": _figure("failed"),
    "identity": _identity,
    "no_address": _no_address,
    "not_in_audience": _not_in_audience,
    "not_to": _not_to,
    "row": _row,
    "rows": _rows,
    "send_at": _send_at,
    "sms": _sms,
    "submitted": _figure("submitted"),
    "suppressed": _suppressed,
    "without_report": _without_report,
}
