"""What is expected of the demo, and of what a newcomer sees at the console."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from campaigns.results import counts
from console.rendering import show_day
from core.clock import local_day
from messaging.outbox import books
from models.campaign import Run
from service.demo import cast
from tests.scenarios.demo_once import Seen, pieces
from tests.scenarios.play import Play

CLERK, EDITOR = "9021010", "9021012"
SIGNS = {
    "what this is": 'class="about"',
    "phones": f"{cast.QUAY_PHONE},{cast.DRIVER_PHONE},{cast.OFFICER_CHAT}".replace("+", "%2B").replace(",", "%2C"),
    "console": 'name="desk"',
    "roles": "/demo/as/9021005",
    "clock": 'data-clock="next_morning"',
    "guided round": 'data-do="approve"',
    "nothing leaves this machine": "不连任何外部网络",
}


def _seen(play: Play) -> Seen:
    found = play.kept["demo"]
    assert isinstance(found, Seen)
    return found


async def _prints(play: Play, wanted: str) -> None:
    """One address; that it is starting, and how to stop it."""
    assert wanted == "one address to open, what is happening meanwhile, how to stop it"
    assert len(re.findall(r"http://", _seen(play).printed)) == 1
    assert "Starting" in _seen(play).meanwhile
    assert "Ctrl-C" in _seen(play).printed


async def _exit(play: Play, wanted: str) -> None:
    assert wanted == "clean"
    assert _seen(play).code == 0
    assert "Traceback" not in _seen(play).meanwhile


async def _asks_nothing(play: Play, wanted: bool) -> None:
    """It came up with its input closed."""
    assert wanted
    assert len(_seen(play).pages) == 2


async def _page_shows(play: Play, wanted: list[str]) -> None:
    page = _seen(play).pages["zh-Hans"]
    assert not [each for each in wanted if SIGNS[each] not in page]
    assert 'name="password"' not in _seen(play).console
    assert "form_token" in _seen(play).console


async def _languages(play: Play, wanted: list[str]) -> None:
    assert [f'<html lang="{lang}">' in _seen(play).pages[lang] for lang in wanted] == [True] * len(wanted)


async def _page_errors(play: Play, wanted: int) -> None:
    assert len([url for url, status in _seen(play).loaded.items() if status != 200]) == wanted


async def _every_text_changes(play: Play, wanted: bool) -> None:
    """Piece by piece the page says it in the other language; the name of the product stays, as do words to type."""
    zh, en = (pieces(_seen(play).pages[lang]) for lang in ("zh-Hans", "en"))
    assert len(zh) == len(en)
    same = {one for one, other in zip(zh, en, strict=True) if one == other}
    assert wanted
    assert same <= {"廉信", "Lianxin", "…"}


async def _next(play: Play, wanted: str) -> None:
    """What to do next: three lines at the end of the page."""
    assert wanted.count(",") == 2
    page = _seen(play).pages["en"]
    found = re.search(r'<ul class="next">(.*?)</ul>', page, re.DOTALL)
    assert found
    assert found[1].count("<li>") == 3


async def _left_behind(play: Play, wanted: str) -> None:
    assert wanted == "nothing outside the project folder"
    assert _seen(play).left == []


async def _signing_code(play: Play, wanted: str) -> None:
    """On the demo's phone of 9021022 stands the code."""
    assert wanted.startswith("shown on the demo phone")
    assert cast.QUAY_SIGNING_CODE in _seen(play).phones


async def _changes(play: Play, wanted: str) -> None:
    """The page names where it asks for the counts anew, and these say one more."""
    assert wanted == "acknowledged + 1 on the campaign page"
    run = await play.run()
    source = f"/reminders/{play.campaign_id}/runs/{run.public_id}/counts"
    browser = await play.browser(EDITOR)
    assert f'data-live="{source}"' in (await browser.get(f"/reminders/{play.campaign_id}")).text
    assert json.loads((await browser.get(source)).text)["acked"] == play.kept["acked_before"] + 1


async def _on_top_for(play: Play, wanted: int) -> None:
    page = await play.look(f"/records/{play.step.kind}", str(wanted))
    found = re.search(r"[A-Z]{2}\d{11}", page.words)
    assert found
    assert found[0] == (await play.records())[-1].number


async def _due_shown(play: Play, wanted: bool) -> None:
    record, office = await play.record(), play.stage.office
    assert record.due_at is not None
    day = local_day(record.due_at - office.clock.now().resolution, office.zone)
    page = await play.look(f"/records/{record.kind}/{record.public_id}")
    assert (show_day(day, "zh-Hans", office.today()) in page.words) is wanted


async def _seen_by(play: Play, wanted: list[int]) -> None:
    assert all(all(play.kept[str(each)]) for each in wanted)


async def _not_seen_by(play: Play, wanted: list[int]) -> None:
    assert not any(any(play.kept[str(each)]) for each in wanted)


async def _books(play: Play, wanted: str) -> None:
    """Every run, and everything together."""
    assert wanted.startswith("planned = ")
    runs = await Run.all()
    assert runs
    for run in runs:
        kept = await books(run.id)
        assert kept.balance
        assert kept.planned == (await counts(play.stage.office, run)).audience
    assert (await books()).balance


CHECKS: Mapping[str, Callable[[Play, Any], Awaitable[None]]] = {
    "asks_nothing": _asks_nothing,
    "books": _books,
    "console_changes_without_reload": _changes,
    "due_shown": _due_shown,
    "every_text_changes": _every_text_changes,
    "exit_on_ctrl_c": _exit,
    "languages": _languages,
    "left_behind": _left_behind,
    "next": _next,
    "not_seen_by": _not_seen_by,
    "on_top_for": _on_top_for,
    "page_errors": _page_errors,
    "page_shows": _page_shows,
    "prints": _prints,
    "seen_by": _seen_by,
    "signing_code": _signing_code,
}
