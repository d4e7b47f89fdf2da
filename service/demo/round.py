"""The guided round: what a visitor would do in two minutes, done through phones and console by HTTP alone.

The tour's buttons do one step each, `scripts/demo --once` all of them. Each step says what was seen, as a key of
words.csv and its values, or raises DemoFailed with what was not.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

import aiohttp

from service.demo import cast
from service.demo.desk import Desk, errors_of
from service.demo.phones import Phones
from service.demo.processes import DemoFailed, Served

Said = tuple[str, dict[str, Any]]
STEP_SECONDS: Final = 40.0
KILL_AFTER: Final = 200
STATEMENT: Final = "投訴 窗口排隊三小時冇人理"
ANSWER: Final = "已在窗口加派一人并设取号机，今后排队不超过半小时。"
NAME: Final = "时清和"
PLEA: Final = "让先放两个柜，单子明天再补"
SECRETS: Final = (NAME, PLEA, "排隊三小時", ANSWER, "取号机")


class Round:
    """The story from its first step to its last."""

    def __init__(self, client: aiohttp.ClientSession, served: Served, phones: Phones) -> None:
        self._client, self._served, self._phones = client, served, phones
        self._number = self._record = ""
        self.steps: dict[str, Callable[[], Awaitable[Said]]] = {
            "approve": self.approve,
            "send": self.send,
            "ack": self.acknowledge,
            "complain": self.complain,
            "answer": self.answer,
            "rate": self.rate,
            "register": self.register,
            "look": self.look,
            "plug": self.pull_the_plug,
        }

    async def state(self) -> dict[str, Any]:
        """Return the state of the story as the service tells it."""
        async with self._client.get(f"{self._served.url}/demo/state") as answer:
            told: dict[str, Any] = await answer.json()
            return told

    async def call(self, path: str) -> dict[str, Any]:
        """Ask the service's demo routes for a change."""
        async with self._client.post(f"{self._served.url}/demo/{path}", headers={"X-Tour": "1"}) as answer:
            if answer.status != 200:
                raise DemoFailed(f"The demo's {path} answered {answer.status}.")
            told: dict[str, Any] = await answer.json()
            return told

    async def move_clock(self, to: str) -> None:
        """Move the demo's clock and the dates that the phones show."""
        told = await self.call(f"clock/{to}")
        await self._phones.call("PUT", "clock", {"offset_s": told["offset_s"]})

    def _desk(self, staff_no: str) -> Desk:
        return Desk(self._served.url, staff_no)

    async def _until(self, fits: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        try:
            async with asyncio.timeout(STEP_SECONDS):
                while not fits(told := await self.state()):
                    await asyncio.sleep(0.2)
        except TimeoutError:
            raise DemoFailed(f"{what} did not come about within {STEP_SECONDS:.0f} s.") from None
        return told

    async def approve(self) -> Said:
        """The author's own approval is refused, the approver's counts."""
        told = await self.state()
        page = f"/reminders/{told['reminder']['id']}"
        async with self._desk(cast.EDITOR) as editor:
            status, shown = await editor.send(page, f"{page}/acts/approve", {"version": "1"})
            if (await self.state())["reminder"]["state"] != "submitted" or status == 200:
                raise DemoFailed(f"The author's own approval was not refused ({status}): {errors_of(shown)}")
        async with self._desk(cast.APPROVER) as approver:
            await approver.do(page, f"{page}/acts/approve", {"version": "1"})
        await self._until(lambda now: now["reminder"]["state"] == "approved", "The approval")
        return "said.own_refused", {}

    async def send(self) -> Said:
        """The clock moves to the due moment; everybody who can be reached is."""
        await self.move_clock("due")

        def all_out(now: dict[str, Any]) -> bool:
            run = now["reminder"]["run"]
            return bool(run and run["state"] == "finished" and run["submitted"] == run["books"]["accepted"])

        run = (await self._until(all_out, "The reminder"))["reminder"]["run"]
        await self._phones.got(cast.QUAY_PHONE, 0, lambda words: "月饼" in words, "The reminder by SMS")
        await self._phones.chat_got(cast.OFFICER_CHAT, 0, lambda words: "月饼" in words, "The reminder in chat")
        sms = len(await self._phones.ledger("sms"))
        skipped = run["suppressed"] + run["no_address"]
        return "said.sent", {"sms": sms, "chat": run["submitted"] - sms, "skipped": skipped}

    async def acknowledge(self) -> Said:
        """收到 from the quay moves the count."""
        before = (await self.state())["reminder"]["run"]["acked"]
        have = await self._phones.many(cast.QUAY_PHONE)
        await self._phones.text(cast.QUAY_PHONE, "收到")
        await self._phones.got(cast.QUAY_PHONE, have, lambda words: "已阅回执" in words, "The thanks for 收到")
        now = await self._until(lambda told: told["reminder"]["run"]["acked"] > before, "The acknowledgement")
        return "said.acked", {"acked": now["reminder"]["run"]["acked"]}

    async def complain(self) -> Said:
        """A driver texts in traditional characters; his number and code stand in the first reply."""
        have = await self._phones.many(cast.DRIVER_PHONE)
        await self._phones.text(cast.DRIVER_PHONE, STATEMENT)
        first = await self._phones.got(cast.DRIVER_PHONE, have, lambda words: "TS" in words, "The number")
        found = re.search(r"TS\d{11}", first)
        if found is None or "查詢碼" not in first:
            raise DemoFailed("The first reply holds no number or no code.")
        self._number = found[0]
        for more in range(1, 4):
            have = await self._phones.many(cast.DRIVER_PHONE)
            await self._phones.text(cast.DRIVER_PHONE, "跳過")
            await self._phones.got(cast.DRIVER_PHONE, have, bool, f"The reply to skip {more}")
        self._record = (await self.state())["complaint"]["id"]
        return "said.complained", {"number": self._number}

    async def _act(self, staff_no: str, act: str, **fields: str) -> None:
        record = self._record or (await self.state())["complaint"]["id"]
        page = f"/records/complaint/{record}"
        async with self._desk(staff_no) as desk:
            await desk.do(page, f"{page}/act", {"act": act, **fields})

    async def answer(self) -> Said:
        """Accepted, assigned, signed for, drafted, reviewed: the answer arrives where it was asked."""
        have = await self._phones.many(cast.DRIVER_PHONE)
        await self._act(cast.CLERK, "受理", category="c04", unit="U10C")
        await self._act(cast.CLERK, "转办", assignee=cast.HANDLER)
        await self._act(cast.HANDLER, "签收")
        await self._act(cast.HANDLER, "承办")
        await self._act(cast.HANDLER, "拟答复", reply=ANSWER, found="founded")
        await self._act(cast.COUNTER_HEAD, "审核发出")
        await self._phones.got(cast.DRIVER_PHONE, have, lambda words: "取号机" in words, "The answer")
        return "said.answered", {}

    async def rate(self) -> Said:
        """He is asked how it was and answers with one digit."""
        have = await self._phones.many(cast.DRIVER_PHONE)
        await self._act(cast.CLERK, "回访")
        await self._phones.got(cast.DRIVER_PHONE, have, lambda words: "評價" in words, "The question for a rating")
        await self._phones.text(cast.DRIVER_PHONE, "5")
        await self._until(lambda now: now["complaint"]["state"] == "closed", "The rating")
        return "said.rated", {}

    async def register(self) -> Said:
        """An officer registers, by buttons and two sentences in chat, that his own head asked him for a favour."""
        chat = cast.OFFICER_CHAT
        have = await self._phones.chat_many(chat)
        await self._phones.chat(chat, "说情")
        await self._phones.chat_got(chat, have, lambda words: "什么时候" in words, "The first question")
        for words, next_question in (("今天", "谁找您"), (f"{NAME} 查验二科", "什么事项")):
            have = await self._phones.chat_many(chat)
            await self._phones.chat(chat, words)
            await self._phones.chat_got(chat, have, lambda said, ask=next_question: ask in said, "The next question")  # type: ignore[misc]
        have = await self._phones.chat_many(chat)
        await self._phones.press(chat, "通关查验")
        await self._phones.chat_got(chat, have, lambda words: "要您做什么" in words, "The fourth question")
        have = await self._phones.chat_many(chat)
        await self._phones.chat(chat, PLEA)
        await self._phones.chat_got(chat, have, lambda words: "怎么处理" in words, "The fifth question")
        have = await self._phones.chat_many(chat)
        await self._phones.press(chat, "当场拒绝")
        receipt = await self._phones.chat_got(chat, have, lambda words: "SQ" in words, "The receipt")
        found = re.search(r"SQ\d{11}", receipt)
        if found is None or any(secret in receipt for secret in SECRETS):
            raise DemoFailed("The receipt has no number, or says too much.")
        return "said.registered", {"number": found[0]}

    async def look(self) -> Said:
        """The head and the system administrator find nothing; the integrity officer reads it."""
        told = (await self.state())["intercession"]
        page = f"/records/intercession/{told['id']}"
        for staff_no in (cast.SECTION_HEAD, cast.SYSADMIN):
            async with self._desk(staff_no) as desk:
                for path in (page, "/records/intercession", "/records", "/"):
                    status, shown = await desk.look(path)
                    if told["number"] in shown or PLEA in shown or (path == page and status not in (403, 404)):
                        raise DemoFailed(f"{staff_no} can see {path} ({status}).")
        async with self._desk(cast.INTEGRITY) as desk:
            shown = await desk.open(page)
            if PLEA not in shown or NAME not in shown:
                raise DemoFailed("The integrity officer cannot read what was registered.")
        return "said.looked", {}

    async def pull_the_plug(self) -> Said:
        """Kill the service in the middle of a run to 500 persons, start it again, compare the books with the ledger."""
        before = len(await self._phones.ledger("sms"))
        await self.call("run")
        async with asyncio.timeout(STEP_SECONDS):
            while (at_kill := len(await self._phones.ledger("sms")) - before) < KILL_AFTER:
                await asyncio.sleep(0.05)
        await self._served.kill()
        await self._served.start()
        now = await self._until(_run_is_over, "The end of the run")
        return "said.plugged", {"at_kill": at_kill, **await self._compare(now, before)}

    async def _compare(self, now: dict[str, Any], before: int) -> dict[str, Any]:
        run = now["run"]["run"]
        ledger = (await self._phones.ledger("sms"))[before:]
        mine = [number for number in ledger if number.startswith("+86100900000")]
        if len(mine) != len(set(mine)):
            raise DemoFailed("Somebody was told twice.")
        kept = run["books"]
        if not kept["balance"] or not kept["accepted"] <= len(mine) <= kept["accepted"] + kept["unknown"]:
            raise DemoFailed(f"The books do not balance: {kept}, {len(mine)} in the ledger.")
        if run["audience"] != cast.RUN_SIZE:
            raise DemoFailed(f"{run['audience']} of {cast.RUN_SIZE} persons were planned.")
        return {"ledger": len(mine), "unknown": kept["unknown"]}


def _run_is_over(now: dict[str, Any]) -> bool:
    run = now["run"] and now["run"]["run"]
    return bool(run and run["state"] == "finished" and not run["books"]["open"])
