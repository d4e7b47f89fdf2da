"""The process, the JSON API's own business, and the page."""

import io
import json
import shutil
import signal
import subprocess
import sys
from typing import Any

import aiohttp
import pytest

from sandbox.server import MOST_BODY
from tests.sandbox.conftest import Api
from tests.sandbox.test_faults import NUMBER, PHONE, send_sms


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_and_ends_cleanly(how: signal.Signals) -> None:
    command = [sys.executable, "-m", "sandbox", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["url"].startswith("http://127.0.0.1:")
        process.send_signal(how)
        rest, errors = process.communicate(timeout=10)
    assert (process.returncode, rest, errors) == (0, "", "")


def test_it_refuses_to_be_reached_from_outside() -> None:
    command = [sys.executable, "-m", "sandbox", "--listen", "0.0.0.0:0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "sandbox: 0.0.0.0 is not a loopback address: the sandbox has no passwords and stays on this machine\n"
    )


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}])
async def test_pages_of_other_sites_are_refused(api: Api, headers: dict[str, str]) -> None:
    async with api.session.post(f"{api.url}/sandbox/api/reset", headers=headers) as answer:
        assert answer.status == 403


async def test_phones_show_both_directions_in_order(api: Api) -> None:
    await api.call("PUT", f"phones/{PHONE}", {"label": "晏清澜", "lang": "zh-Hans", "account": api.account})
    await send_sms(api, Body="廉" * 71)
    await api.sms(PHONE, "收到")
    shown = [(m["direction"], m["text"], m["segments"], m["to"]) for m in await api.phone(PHONE)]
    assert shown == [("in", "廉" * 71, 2, PHONE), ("out", "收到", 1, NUMBER)]
    listed = [p for p in await api.call("GET", "phones") if api.account in p["accounts"]]
    assert [(p["number"], p["label"]) for p in listed] == [(PHONE, "晏清澜")]


async def test_accounts_and_bots_are_apart(api: Api) -> None:
    other = Api(api.url, api.session)
    for one in (api, other):
        await one.call("PUT", f"twilio/accounts/{one.account}", {"token": "token-of-the-account"})
        await send_sms(one)
    await other.call("POST", "reset", {"account": other.account}, expect=204)
    assert len(await api.ledger("id")) == 1
    assert await other.ledger("id") == []


async def test_the_ledger_in_full_in_part_and_in_pages(api: Api) -> None:
    for n in range(3):
        await send_sms(api, Body=str(n))
    full = await api.ledger()
    assert [row["text"] for row in full] == ["0", "1", "2"]
    assert full[0]["requests"][0]["params"]["Body"] == "0"
    assert await api.ledger("to", "text") == [[PHONE, "0"], [PHONE, "1"], [PHONE, "2"]]
    after = await api.call("GET", f"ledger?account={api.account}&after={full[0]['seq']}&limit=1&fields=text")
    assert after == {"total": 1, "fields": ["text"], "rows": [["1"]]}
    await api.call("GET", "ledger?fields=colour", expect=400)


async def test_the_clock_can_be_moved(api: Api) -> None:
    await api.call("PUT", "clock", {"offset_s": 86_400 * 365 * 10})
    await send_sms(api)
    await api.call("PUT", "clock", {"offset_s": 0})
    await send_sms(api)
    moved, usual = [row["accepted_at"] for row in await api.ledger()]
    assert moved > usual


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "twilio/accounts/XX1", {"token": "x"}, 400),
        ("PUT", "twilio/accounts/ACnew", {}, 400),
        ("PUT", "telegram/bots/nonsense", {}, 400),
        ("GET", "phones/+1?account=ACnone", None, 404),
        ("POST", "phones/+1/send", {"account": "ACnone", "text": "x"}, 404),
        ("POST", "phones/+1/send", {"text": "x", "tone": "angry"}, 400),
        ("PUT", "chats/abc", {"bot": "1:abcdef"}, 400),
        ("GET", "chats/5?bot=none", None, 404),
        ("GET", "faults/none", None, 404),
        ("DELETE", "faults/none", None, 404),
        ("POST", "reset", [], 400),
    ],
)
async def test_what_scripts_do_wrong(api: Api, method: str, path: str, body: Any, status: int) -> None:
    assert (await api.call(method, path, body, expect=status))["error"]


async def test_changes_are_told(api: Api) -> None:
    async with api.session.get(f"{api.url}/sandbox/api/events") as stream:
        assert await stream.content.readline() == b": ready\n"
        await send_sms(api)
        async for line in stream.content:
            if line.startswith(b"data:"):
                assert f"sms:{api.account}:{PHONE}" in json.loads(line[5:])["changed"]
                break


async def test_the_page_is_closed_to_the_outside(api: Api) -> None:
    async with api.session.get(f"{api.url}/?lang=zh&only=+86100000000001") as answer:
        policy = answer.headers["Content-Security-Policy"]
        text = await answer.text()
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'self' http://127.0.0.1:* http://localhost:*" in policy
    assert 'lang="zh-Hans"' in text
    assert "http" not in text.replace("http-equiv", "")
    for name, status in [("wall.js", 200), ("cards.js", 200), ("wall.css", 200), ("mark.svg", 200), ("words.py", 404)]:
        async with api.session.get(f"{api.url}/wall/{name}") as answer:
            assert answer.status == status


async def test_the_wall_shows_the_latest_and_finds_the_rest(api: Api) -> None:
    for n in range(30):
        await send_sms(api, To=f"+861000000001{n:02}", Body=f"text {n}")
    await api.call("PUT", "phones/+86100000000105", {"label": "Mara Okafor", "account": api.account})
    own = f"wall?account={api.account}&kind=sms"
    wall = await api.call("GET", own)
    assert (len(wall["cards"]), wall["total"]) == (24, 30)
    assert wall["cards"][0]["id"] == "+86100000000129"
    for query, found in [
        ("q=okafor", ["05"]),
        ("q=text+7", ["07"]),
        ("only=+86100000000103,+86100000000101", ["03", "01"]),
    ]:
        cards = (await api.call("GET", f"{own}&{query}"))["cards"]
        assert [card["id"][-2:] for card in cards] == found


@pytest.mark.browser
async def test_a_person_reads_writes_and_presses(api: Api) -> None:
    browser_path = shutil.which("chromium")
    if browser_path is None:
        pytest.skip("NO CHROMIUM FOUND: the wall is not looked at. Install the package chromium.")
    from playwright.async_api import async_playwright, expect

    chat = 900000001
    await api.call("PUT", f"chats/{chat}", {"bot": api.bot, "name": "晏清澜"})
    await api.call("PUT", f"chats/{chat}", {"bot": f"1{api.bot}", "name": "另一个"})  # with two the choice is shown
    await send_sms(api, To="+86100000000777", Body="<b>廉</b>")
    number = api.bot.partition(":")[0]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        page = await browser.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if said.type in ("error", "warning") else None)
        await page.goto(f"{api.url}/?lang=zh")
        await page.get_by_label("账户").select_option(f"account:{api.account}")
        phone = page.get_by_role("article", name="+86100000000777")
        await expect(phone.get_by_text("<b>廉</b>")).to_be_visible()
        await phone.get_by_role("textbox").fill("收到")
        await phone.get_by_role("textbox").press("Enter")
        await expect(phone.locator(".out .bubble")).to_have_text("收到")
        await page.get_by_label("账户").select_option(f"bot:{number}")
        person = page.get_by_role("article", name="Telegram 晏清澜")
        markup = {"inline_keyboard": [[{"text": "确认", "callback_data": "ok"}]]}
        url = f"{api.url}/bot{api.bot}/sendMessage"
        async with api.session.post(url, json={"chat_id": chat, "text": "请确认", "reply_markup": markup}):
            pass
        await person.get_by_role("button", name="确认").click()
        async with api.session.get(f"{api.url}/bot{api.bot}/getUpdates?timeout=5") as answer:
            assert (await answer.json())["result"][0]["callback_query"]["data"] == "ok"
        await browser.close()
    assert problems == []


async def test_bodies_that_cannot_be_read(api: Api) -> None:
    headers = {"Authorization": aiohttp.encode_basic_auth(api.account, "token-of-the-account")}
    url = f"{api.url}/2010-04-01/Accounts/{api.account}/Messages.json"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for body, statuses in [(b"To=%FF%FE&Body=\xff", {400}), (b"a=" + b"x" * MOST_BODY, {413})]:
        async with api.session.post(url, data=io.BytesIO(body), headers=headers | form) as answer:
            assert answer.status in statuses
