"""Files by chat over the sandbox: what is taken, what is not, what goes wrong on the way, what is passed on."""

import asyncio
import hashlib
import json
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot import fetching
from messaging.twilio_sms import MMS
from models import ledger_append, sql
from models.evidence import Evidence
from models.inbound import Inbound
from models.record import Record
from records.evidence_reading import open_file
from tests import media_files as made
from tests.bot.chat_rig import Chat, chat_of, labels
from tests.bot.chat_rig import lin as lin
from tests.bot.chat_rig import sandbox as sandbox
from tests.bot.conftest import Cast, keys
from tests.keys import unlocked
from tests.messaging.conftest import sandbox_url as sandbox_url
from tests.messaging.sandbox_client import SandboxClient

ANSWERS = ["昨天", "周某 某某物流", "1", "让先放两个柜", "1"]


async def filed(lin: Chat) -> Record:
    await lin.writes("说情")
    for answer in ANSWERS:
        await lin.writes(answer)
    return await Record.get()


def texts(said: list[dict[str, Any]]) -> str:
    return "\n".join(one["text"] for one in said)


async def opened(cast: Cast, index: int = 0) -> bytes:
    head = await unlocked(cast.world.office, cast.world.bot.kinds, cast.staff["integrity_head"].id)
    record, files = await Record.get(), await Evidence.filter(state="stored").order_by("id")
    office, kinds = cast.world.office, cast.world.bot.kinds
    return (await open_file(office, kinds, head, record.public_id, files[index].public_id)).data


@pytest.mark.parametrize("media", made.TAKEN)
async def test_each_sort_is_kept_without_what_came_along(lin: Chat, cast: Cast, media: str) -> None:
    record, given = await filed(lin), made.TAKEN[media]()
    said = await lin.sends("photo" if media == "image/jpeg" else "document", given)
    assert "文件已收到" in texts(said)
    row = await Evidence.get()
    assert (row.state, row.media, row.record_id, row.provider_file) == ("stored", media, record.id, None)
    assert row.received_hash == hashlib.sha256(given).hexdigest()
    kept = await opened(cast)
    assert made.SECRET not in kept
    assert row.kept_hash == hashlib.sha256(kept).hexdigest()
    events = [line["event"] for line in await ledger_append.history(record.id)]
    assert events == ["filed", "evidence", "read"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (made.heic(), "HEIC"),
        (b"MZ" + bytes(999), "格式收不了"),
        (made.pdf(act="script"), "PDF带有脚本"),
        (made.pdf(password="1"), "密码"),
        (made.bomb(), "太大"),
        (made.jpeg()[:600], "不完整"),
        (bytes(10 * 1024 * 1024 + 1), "太大"),
    ],
)
async def test_what_is_not_taken_is_said_and_the_dialog_goes_on(lin: Chat, given: bytes, says: str) -> None:
    await filed(lin)
    said = await lin.sends("document", given)
    assert says in texts(said)
    rows = await Evidence.all()
    assert {(row.state, row.provider_file, row.key) for row in rows} <= {("refused", None, None)}
    assert "与您什么关系" in texts(await lin.writes("跳过"))


async def test_what_telegram_does_not_hand_out_is_said(lin: Chat) -> None:
    await filed(lin)
    assert "太大" in texts(await lin.sends("document", b"small", size=21 * 1024 * 1024))
    assert not await Evidence.exists()


async def test_moving_pictures_and_stickers_are_not_taken(lin: Chat) -> None:
    await filed(lin)
    for sort in ("video_note", "video", "sticker"):
        assert "这个文件收不了" in texts(await lin.sends(sort, b"x"))
    assert not await Evidence.exists()


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        ("file", {"effect": "fail_permanently", "error_code": 404}),
        ("file", {"effect": "status_5xx"}),
        ("file", {"effect": "hang_before", "ms": 200}),
        ("file", {"effect": "bad_body", "body": "cut"}),
        ("getFile", {"effect": "status_429", "retry_after": 1}),
        ("getFile", {"effect": "status_5xx"}),
        ("getFile", {"effect": "bad_body", "body": "wrong_json"}),
    ],
)
async def test_a_download_that_fails_is_tried_again(lin: Chat, method: str, fault: dict[str, Any]) -> None:
    record = await filed(lin)
    match = {"bot": lin.sandbox.bot, "method": method}
    await lin.sandbox.call("POST", "faults", provider="telegram", count=1, match=match, **fault)
    await lin.sends("document", made.pdf())
    assert (await Evidence.get()).state == "wanted"
    lin.world.office.clock.advance(timedelta(seconds=30))  # type: ignore[attr-defined]
    await lin.settles()
    row = await Evidence.get()
    assert (row.state, row.record_id, row.tries) == ("stored", record.id, 2)
    assert [line["event"] for line in await ledger_append.history(record.id)].count("evidence") == 1


async def test_what_never_comes_is_said_in_the_end(lin: Chat) -> None:
    await filed(lin)
    match = {"bot": lin.sandbox.bot, "method": "file"}
    await lin.sandbox.call("POST", "faults", provider="telegram", effect="status_5xx", match=match)
    await lin.sends("document", b"x")
    said = []
    for _ in range(fetching.MOST_TRIES):
        lin.world.office.clock.advance(timedelta(hours=3))  # type: ignore[attr-defined]
        said += await lin.settles()
    assert "没能取到" in texts(said)
    assert (await Evidence.get()).state == "gone"


async def test_an_album_is_kept_whole_and_thanked_once(lin: Chat) -> None:
    await filed(lin)
    for number in range(4):
        await lin.leaves_file("photo", made.jpeg(40 + number, 40), album="77", lasting=f"p{number}")
    said = texts(await lin.settles())
    assert said.count("文件已收到") == 1
    assert await Evidence.filter(state="stored").count() == 4


async def test_the_same_picture_twice_is_kept_once(lin: Chat) -> None:
    await filed(lin)
    for _ in range(2):
        await lin.sends("photo", made.jpeg(), lasting="same")
    assert await Evidence.all().count() == 1


async def test_more_than_an_entry_takes(lin: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("records.evidence.MOST_FILES", 2)
    await filed(lin)
    for number in range(3):
        said = await lin.sends("document", f"paper {number}".encode())
    assert "这个没有保存" in texts(said)
    assert await Evidence.all().count() == 2


async def test_a_file_before_filing_belongs_to_what_is_filed(lin: Chat, cast: Cast) -> None:
    await lin.writes("说情")
    assert "什么时候" in texts(await lin.sends("photo", made.jpeg()))
    row = await Evidence.get()
    assert (row.state, row.record_id) == ("stored", None)
    for answer in ANSWERS:
        await lin.writes(answer)
    record = await Record.get()
    assert (await Evidence.get()).record_id == record.id
    assert "evidence" in [line["event"] for line in await ledger_append.history(record.id)]
    assert (await opened(cast)).startswith(b"\xff\xd8")


async def test_a_dropped_draft_leaves_no_file(lin: Chat) -> None:
    await lin.writes("说情")
    await lin.sends("photo", made.jpeg())
    await lin.writes("放弃")
    assert not await Evidence.exists()
    assert await sql.value("SELECT count(*) FROM evidence_chunk") == 0


async def test_the_question_for_files_takes_several_and_ends_with_a_button(lin: Chat) -> None:
    await filed(lin)
    said = await lin.writes("跳过")
    while "凭据" not in texts(said):
        said = await lin.writes("跳过")
    assert "发完了" in labels(said)
    for number in range(2):
        said = await lin.sends("voice", made.ogg(), lasting=f"v{number}")
        assert "发完了" in labels(said)
    assert "已补全" in texts(await lin.presses("发完了"))
    assert await Evidence.filter(state="stored", field="evidence").count() == 2


async def test_words_under_a_picture_answer_a_question_in_words(lin: Chat, cast: Cast) -> None:
    await lin.writes("说情")
    assert "没有登记" in texts(await lin.sends("photo", made.jpeg(), text="请看", lasting="1"))
    for answer in ANSWERS[:3]:
        await lin.writes(answer)
    said = await lin.sends("photo", made.png(), text="让先放两个柜", lasting="2")
    assert "怎么处理" in texts(said) or "当场拒绝" in labels(said)


async def test_passing_on_a_message_begins_an_entry(lin: Chat, cast: Cast) -> None:
    sent = lin.world.office.clock.now() - timedelta(days=1, hours=2)
    said = await lin.writes("那两个柜子帮忙先放一下", forwarded=sent)
    assert labels(said)[-1] == "不登记"
    assert not await Evidence.exists()
    said = await lin.presses("说情打招呼登记")
    offered = next(label for label in labels(said) if label.startswith("用转发消息的时间"))
    await lin.presses(offered)
    await lin.writes("周某 某某物流")
    said = await lin.presses("通关查验")
    assert "本人" in texts(said) or "当场拒绝" in labels(said)  # what was asked is known already
    said = await lin.presses("当场拒绝")
    record = await Record.get()
    assert str(record.number) in texts(said)
    at = sent.astimezone(lin.world.office.zone)
    assert record.facts["occurred_at"].startswith(f"{at:%Y-%m-%d}")
    assert not await Inbound.filter(body__isnull=False, kind="text").exists()


async def test_passing_on_pictures_keeps_them_only_once_it_is_said_what_they_are(lin: Chat, cast: Cast) -> None:
    sent = lin.world.office.clock.now() - timedelta(hours=1)
    for number in range(2):
        await lin.leaves_file("photo", made.jpeg(), album="5", lasting=f"p{number}", forwarded=sent)
    said = await lin.settles()
    assert texts(said).count("要登记吗") == 1
    assert not await Evidence.exists()
    await lin.presses("说情打招呼登记")
    assert await Evidence.filter(state="stored").count() == 2


async def test_nothing_is_kept_of_what_is_not_registered(lin: Chat) -> None:
    await lin.sends("voice", made.ogg())
    assert "也没有保存" in texts(await lin.presses("不登记"))
    await lin.settles()
    assert not await Evidence.exists()
    assert not await Inbound.filter(carried__isnull=False).exists()


async def test_who_is_not_bound_begins_nothing(cast: Cast, sandbox: SandboxClient) -> None:
    async with chat_of(cast.world, sandbox) as stranger:
        now = cast.world.office.clock.now()
        assert "这个文件收不了" in texts(await stranger.sends("photo", made.jpeg(), forwarded=now))
        assert "登记吗" not in texts(await stranger.writes("你好", forwarded=now))
    assert not await Evidence.exists()


async def test_nothing_of_a_file_is_in_a_log_or_on_the_disk(
    lin: Chat, caplog: pytest.LogCaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))  # a temporary file could not even be made
    with structlog.testing.capture_logs() as logged:
        await filed(lin)
        await lin.sends("document", made.pdf())
        await lin.sends("document", made.heic())
    said = str(logged) + caplog.text
    assert "IMG_0001" not in said
    assert lin.sandbox.bot not in said
    assert await Evidence.filter(state="stored").count() == 1


async def fetch_in_process(lin: Chat, key: bytes, url: str, failpoint: str = "") -> int:
    given = {"key": key.hex(), "database_url": url, "token": lin.sandbox.bot, "api_url": lin.sandbox.url}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bot.fetching_process",
        json.dumps(given),
        cwd=Path(__file__).parents[2],
        env={**os.environ, "LIANXIN_TEST_BUILD": "1", "LIANXIN_FAILPOINT": failpoint},
    )
    return await process.wait()


@pytest.mark.parametrize("place", ["evidence.fetched", "evidence.sealed", "evidence.storing"])
async def test_a_kill_between_download_and_store_loses_nothing_and_stores_once(
    lin: Chat, cast: Cast, service_key: bytes, database_url: str, place: str
) -> None:
    record = await filed(lin)
    await lin.leaves_file("document", made.pdf())
    await lin.settles(fetches=False)
    assert await fetch_in_process(lin, service_key, database_url, place) == -signal.SIGKILL
    assert (await Evidence.get()).state == "wanted"
    await sql.execute("UPDATE evidence SET not_before = NULL")  # the claim of the dead one has run out
    assert await fetch_in_process(lin, service_key, database_url) == 0
    row = await Evidence.get()
    assert (row.state, row.tries) == ("stored", 2)
    assert await sql.value("SELECT count(DISTINCT turn) FROM evidence_chunk") == 1
    assert [line["event"] for line in await ledger_append.history(record.id)].count("evidence") == 1
    assert b"kept" in await opened(cast)


async def test_more_is_added_to_what_was_filed_lately(lin: Chat) -> None:
    record = await filed(lin)
    await lin.writes("放弃")
    said = await lin.sends("voice", made.ogg())
    assert f"补充到{record.number}" in labels(said)
    await lin.presses(f"补充到{record.number}")
    row = await Evidence.get()
    assert (row.state, row.record_id) == ("stored", record.id)


async def test_by_sms_no_picture_arrives_and_the_sender_is_told(cast: Cast) -> None:
    assert keys(await cast.lin_sms.sends(None, "other", files=(MMS,))) == ["bot.files_by_chat"]
    assert "bot.files_by_chat" in keys(await cast.ho_sms.sends("说情", files=(MMS,)))
