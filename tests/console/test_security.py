"""Signing in and what stands before every form."""

from datetime import timedelta

import pytest

from console import security
from core.clock import HandClock
from models.org import Account, ConsoleSession
from people.accounts import create_account
from tests.console.conftest import sqlite_only
from tests.console.house import CAST, House

PASSWORD = "a long enough phrase"


async def account_of(house: House, role: str = "editor") -> Account:
    person = await house.person(role)
    return await create_account(house.office, person.id, "editor", PASSWORD)


async def test_sign_in_and_out(house: House) -> None:
    await account_of(house)
    async with house.browser() as browser:
        asked = await browser.get("/reminders", follow=False)
        assert (asked.status, asked.headers["Location"]) == (303, "/sign-in?next=/reminders")
        fields = {"login": "editor", "password": PASSWORD, "next": "/reminders"}
        answer = await browser.post("/sign-in", fields, page="/sign-in")
        assert (answer.status, answer.path) == (200, "/reminders")
        cookie = next(each for each in browser.client.cookie_jar if each.key == "lianxin_session")
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        out = await browser.post("/sign-out", {})
        assert out.path == "/sign-in"
        browser.take("lianxin_session", cookie.value)
        assert (await browser.get("/reminders")).path.startswith("/sign-in")


async def test_a_session_that_the_browser_brought_is_not_taken_over(house: House) -> None:
    await account_of(house)
    async with house.browser() as browser:
        browser.take("lianxin_session", "planted")
        await browser.post("/sign-in", {"login": "editor", "password": PASSWORD}, page="/sign-in")
        cookie = next(each for each in browser.client.cookie_jar if each.key == "lianxin_session")
        assert cookie.value != "planted"
        assert not await ConsoleSession.filter(token_hash="planted").exists()


async def test_wrong_unknown_and_locked_look_alike(house: House, clock: HandClock) -> None:
    await account_of(house)
    async with house.browser("en-GB") as browser:
        token = await browser.token("/sign-in")

        async def attempt(login: str, password: str) -> tuple[int, str]:
            got = await browser.post("/sign-in", {"login": login, "password": password}, token=token)
            return got.status, got.words.replace(login, "")

        wrong = [await attempt("editor", "wrong password") for _ in range(5)]
        locked, unknown = await attempt("editor", PASSWORD), await attempt("nobody", PASSWORD)
        assert {status for status, _ in [*wrong, locked, unknown]} == {422}
        assert len({text for _, text in [*wrong, locked, unknown]}) == 1
        clock.advance(timedelta(minutes=16))
        assert (await attempt("editor", PASSWORD))[0] == 200


@sqlite_only
async def test_the_password_change_asks_for_the_present_one_and_ends_the_other_sessions(house: House) -> None:
    await account_of(house)
    async with house.browser("en-GB") as browser, house.browser() as other:
        for each in (browser, other):
            await each.post("/sign-in", {"login": "editor", "password": PASSWORD}, page="/sign-in")
        fresh = {"current": PASSWORD, "fresh": "another long phrase", "again": "another long phrase"}
        assert (await browser.post("/account/password", fresh | {"again": "x"}, page="/account")).status == 422
        assert (await browser.post("/account/password", fresh | {"current": "x"}, page="/account")).status == 422
        done = await browser.post("/account/password", fresh, page="/account")
        assert "Your password is changed" in done.words
        assert (await other.get("/account")).path.startswith("/sign-in")


@sqlite_only
async def test_own_sessions_end_one_by_one_and_nobody_elses(house: House) -> None:
    async with await house.as_role("editor") as one, await house.as_role("editor") as two, await house.as_role("clerk"):
        foreign = await ConsoleSession.get(account__person__staff_no=(await house.person("clerk")).staff_no)
        own = await ConsoleSession.filter(account__person__staff_no=CAST["editor"]).order_by("id")
        token = await house.token_of(one)
        assert (await one.post(f"/account/sessions/{foreign.id}/end", {}, token=token)).status == 404
        assert (await one.post(f"/account/sessions/{own[1].id}/end", {}, token=token)).status == 200
        assert (await two.get("/account")).path.startswith("/sign-in")


@sqlite_only
@pytest.mark.parametrize(
    ("headers", "token", "status"),
    [
        ({}, "right", 200),
        ({"Origin": "https://evil.example"}, "right", 403),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, "right", 403),
        ({"Sec-Fetch-Site": "same-site"}, "right", 403),
        ({}, "", 403),
        ({}, "0" * 64, 403),
        ({}, "another's", 403),
    ],
)
async def test_a_form_of_another_page_is_refused(
    house: House, headers: dict[str, str], token: str, status: int
) -> None:
    path = f"/reminders/{house.campaign.public_id}/acts/cancel"
    async with await house.as_role("editor") as browser, await house.as_role("approver") as other:
        given = {"right": await house.token_of(browser), "another's": await house.token_of(other)}.get(token, token)
        answer = await browser.post(path, {}, token=given, headers=headers)
    assert answer.status == status
    await house.campaign.refresh_from_db()
    assert house.campaign.state == ("cancelled" if status == 200 else "draft")


@sqlite_only
async def test_headers_of_every_answer(house: House) -> None:
    async with await house.as_role("editor") as browser:
        for path in ("/", "/sign-in", "/nowhere", "/reminders", "/assets/base.css"):
            headers = (await browser.get(path)).headers
            assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self';")
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "same-origin"
            assert headers["X-Robots-Tag"] == "noindex, nofollow"
            assert headers["Cache-Control"] == (
                "no-store" if not path.startswith("/assets") else headers["Cache-Control"]
            )
            assert "Set-Cookie" not in headers or "HttpOnly" in headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("given", "path"),
    [("/a?b=c", "/a?b=c"), ("//evil", "/"), ("/\\evil", "/"), ("https://evil", "/"), ("", "/"), ("/a\nb", "/")],
)
def test_where_a_form_goes_on_to_is_ours(given: str, path: str) -> None:
    from console.answers import safe_next

    assert safe_next(given) == path


@sqlite_only
async def test_the_language_is_kept(house: House) -> None:
    async with house.browser("zh-CN") as browser:
        assert 'lang="zh-Hans"' in (await browser.get("/sign-in")).text
        answer = await browser.post("/language", {"lang": "en", "next": "/sign-in"}, page="/sign-in")
        assert (answer.path, '<html lang="en">' in answer.text) == ("/sign-in", True)
        answer = await browser.post("/language", {"lang": "xx", "next": "//evil"}, page="/sign-in", follow=False)
        assert answer.headers["Location"] == "/"


def test_only_a_named_page_may_frame_the_console() -> None:
    assert "frame-ancestors http://127.0.0.1:9" in security.content_policy("http://127.0.0.1:9")


@sqlite_only
async def test_faults_tell_nothing_and_what_to_do(house: House) -> None:
    async with await house.as_role("clerk", "en-GB") as browser:
        for path, status in (("/nowhere", 404), ("/people", 403), ("/records/complaint/x", 404), ("/sign-out", 405)):
            answer = await browser.get(path)
            assert answer.status == status, path
            assert 'href="/"' in answer.text
            assert "Traceback" not in answer.text
