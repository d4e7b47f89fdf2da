"""Signed posts to the application, repeated only as the URL's fragment says (Twilio's connection overrides)."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urldefrag

from sandbox.posting import Posted, post
from sandbox.sms.model import TwilioAccount
from sandbox.world import World


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`rc` retries for the cases in `rp`; `ct` and `rt` in seconds. Twilio's defaults: once, for failed connections."""

    retries: int = 1
    cases: frozenset[str] = frozenset({"ct"})
    connect_s: float = 5.0
    read_s: float = 15.0

    def repeats(self, posted: Posted) -> bool:
        """Say whether this outcome is one to try again after."""
        if posted.ok or posted.problem == "outside":
            return False
        return "all" in self.cases or _case_of(posted) in self.cases


def _case_of(posted: Posted) -> str:
    if posted.status is None:
        return "rt" if posted.problem == "timeout" else "ct"
    return f"{posted.status // 100}xx"


def _bounded(text: str, low: int, high: int, default: int) -> int:
    return min(max(int(text), low), high) if text.isdecimal() else default


def read_policy(url: str) -> tuple[str, RetryPolicy]:
    """Split the overrides off a webhook URL; unknown or senseless ones are left at their default."""
    plain, fragment = urldefrag(url)
    said = dict(parse_qsl(fragment))
    cases = frozenset(said["rp"].split(",")) if said.get("rp") else RetryPolicy().cases
    policy = RetryPolicy(
        retries=_bounded(said.get("rc", ""), 0, 5, 1),
        cases=cases,
        connect_s=_bounded(said.get("ct", ""), 100, 10_000, 5_000) / 1000,
        read_s=_bounded(said.get("rt", ""), 100, 15_000, 15_000) / 1000,
    )
    return plain, policy


async def post_signed(world: World, account: TwilioAccount, url: str, form: Mapping[str, str], kind: str) -> Posted:
    """Post a form as the account's provider does and note every try in its webhook log; return the last outcome.

    The signature covers the URL without its fragment. Repetitions carry the same `I-Twilio-Idempotency-Token`.
    """
    plain, policy = read_policy(url)
    headers, body = account.worded(plain, form)
    note: dict[str, Any] = {
        "at": world.clock.now().isoformat(timespec="milliseconds"),
        "kind": kind,
        "sid": form.get("MessageSid", ""),
        "status": form.get("MessageStatus", ""),
        "tries": [],
    }
    account.webhooks.append(note)
    for number in range(policy.retries + 1):
        posted = await post(world, plain, headers=headers, body=body, connect_s=policy.connect_s, read_s=policy.read_s)
        note["tries"].append(posted.status if posted.status is not None else posted.problem)
        if not policy.repeats(posted) or number == policy.retries:
            break
        await asyncio.sleep(account.retry_ms * 2**number / 1000)
    return posted
