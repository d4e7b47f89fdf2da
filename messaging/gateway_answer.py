"""What a gateway's answers and webhooks say, found by dotted paths and judged by the agency's tables.

A path is names and list positions joined by dots: `data.0.id`. Codes are kept where they look like codes; anything
longer or freer could hold a number or a text and becomes `strange_code`.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from messaging.channel import Result
from messaging.http_call import Answer, seconds_to_wait
from models.states import Outcome

Meaning = Literal["accepted", "rejected", "opted_out", "bad_address", "throttled", "not_sent"]
"""What a code may stand for. `not_sent` is a fault of the lane (wrong key, no credit): it waits, at no cost."""

MOST_ID: Final = 64
LANE_FAULTS: Final = frozenset({401, 403, 404, 405, 407})
_CODE: Final = re.compile(r"[A-Za-z0-9_.:-]{1,32}")


def value_at(data: Any, path: str) -> str:
    """Return the text or whole number at a path, as text; empty where there is none."""
    for step in path.split(".") if path else ():
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and step.isdecimal() and int(step) < len(data):
            data = data[int(step)]
        else:
            return ""
    if not path or isinstance(data, bool):
        return ""
    return str(data) if isinstance(data, str | int) else ""


def code_at(data: Any, path: str) -> str | None:
    """Return the code at a path, fit for rows and logs; None where there is none."""
    code = value_at(data, path)
    return (code if _CODE.fullmatch(code) else "strange_code") if code else None


def judge(answer: Answer, id_path: str, code_path: str, codes: Mapping[str, Meaning]) -> Result:
    """Return what an answer below 500 means. What is neither a known refusal nor an acceptance is unknown.

    Where a code is listed as `accepted`, an id beside any other code that is not listed accepts nothing.
    """
    data = _parsed(answer.body)
    code = code_at(data, code_path)
    meaning = codes.get(code or "")
    if meaning is not None and meaning != "accepted":
        return _refused(meaning, code, answer.headers)
    if 400 <= answer.status < 500:
        return _refused_by_status(answer.status, code)
    if not 200 <= answer.status < 300:
        return Result(Outcome.UNKNOWN, code=f"http_{answer.status}")
    if meaning is None and "accepted" in codes.values():
        return Result(Outcome.UNKNOWN, code=code or "no_code")
    provider_id = value_at(data, id_path)
    if not 1 <= len(provider_id) <= MOST_ID or "\0" in provider_id:
        return Result(Outcome.UNKNOWN, code=code or "no_id")
    return Result(Outcome.ACCEPTED, provider_id=provider_id)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None


def _refused(meaning: Meaning, code: str | None, headers: Mapping[str, str]) -> Result:
    if meaning in ("throttled", "not_sent"):
        return Result(Outcome.THROTTLED, code=code, retry_after=seconds_to_wait(headers.get("Retry-After")))
    return Result(Outcome.REJECTED, code=code, opted_out=meaning == "opted_out", bad_address=meaning == "bad_address")


def _refused_by_status(status: int, code: str | None) -> Result:
    """A 4xx refuses the message for good, unless it is about who asks or where: that is a fault of the lane."""
    if status == 401 or (code is None and status in LANE_FAULTS):
        return Result(Outcome.THROTTLED, code=code or f"http_{status}")
    return Result(Outcome.REJECTED, code=code or f"http_{status}")
