"""Days and times as people text them: 今天, yesterday, 0912, 9.12, 9月12日, 0915 9:30到11:30, 昨天下午3点半.

Pure: `today` is given. What cannot be read raises ValueError.
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from core.text import fold

_WORDS: Final = {
    **dict.fromkeys(("今天", "今日", "今早", "今晚", "刚才", "刚刚", "today", "tonight", "just now"), 0),
    **dict.fromkeys(("昨天", "昨日", "昨晚", "寻日", "琴日", "yesterday", "last night"), 1),
    **dict.fromkeys(("前天", "前日"), 2),
    "大前天": 3,
    **dict.fromkeys(("明天", "明日", "听日", "tomorrow"), -1),
    **dict.fromkeys(("后天", "后日"), -2),
}
_PARTS: Final = {
    **dict.fromkeys(("早上", "上午", "凌晨", "am"), 0),
    **dict.fromkeys(("下午", "晚上", "晚", "傍晚", "pm"), 12),
    "中午": 11,
}
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_FULL = re.compile(r"(\d{4})(\d\d)(\d\d)|(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})[日号]?")
_SHORT = re.compile(r"(\d\d)(\d\d)|(\d{1,2})[-./月](\d{1,2})[日号]?")
_ENGLISH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)? ([a-z]{3})[a-z]*\.?|([a-z]{3})[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?")
_PART = "|".join(_PARTS)
_CLOCK = rf"({_PART})? ?(\d{{1,2}})(?:[:点时](\d\d)?分?|点(半))? ?(am|pm)?"
_TIMES = re.compile(rf"^(?P<day>.*?) ?(?P<begin>{_CLOCK})(?: ?(?:到|至|-|~|to) ?(?P<end>{_CLOCK}))?$")
_ONLY_PART = re.compile(rf"^(.+?) ?(?:{_PART})$")


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, and the time or the two times that were named with it; local, without a zone."""

    day: dt.date
    begin: dt.time | None = None
    end: dt.time | None = None

    @property
    def text(self) -> str:
        """ISO text of the beginning: `2026-09-15T09:30`, or `2026-09-15` where no time was named."""
        return _iso(self.day, self.begin)

    @property
    def end_text(self) -> str | None:
        """ISO text of the end, on the same day; None where none was named."""
        return _iso(self.day, self.end) if self.end else None


def _iso(day: dt.date, time: dt.time | None) -> str:
    return f"{day.isoformat()}T{time:%H:%M}" if time else day.isoformat()


def parse_day(text: str, today: dt.date, *, past: bool = True) -> dt.date:
    """A day. A month and day without a year is the last one not after today where the past is meant (`past`), else the
    one nearest to today that is not more than half a year gone. Raises ValueError."""
    folded = fold(text)
    if folded in _WORDS:
        return today - dt.timedelta(days=_WORDS[folded])
    if found := _FULL.fullmatch(folded):
        year, month, day = (int(part) for part in found.groups() if part)
        return dt.date(year, month, day)
    return _without_year(*_month_and_day(folded), today, past)


def _month_and_day(folded: str) -> tuple[int, int]:
    if found := _SHORT.fullmatch(folded):
        month, day = (int(part) for part in found.groups() if part)
        return month, day
    if (found := _ENGLISH.fullmatch(folded)) and (name := found[2] or found[3]) in _MONTHS:
        return _MONTHS.index(name) + 1, int(found[1] or found[4])
    raise ValueError("no day")


def _without_year(month: int, day: int, today: dt.date, past: bool) -> dt.date:
    latest = today if past else today + dt.timedelta(days=185)
    for year in range(latest.year, latest.year - 5, -1):
        try:
            found = dt.date(year, month, day)
        except ValueError:
            continue  # 29 February stands in every fourth year only
        if found <= latest:
            return found
    raise ValueError("no such day")


def parse_moment(text: str, today: dt.date, *, past: bool = True) -> Moment:
    """A day, with a time or two (the second on the same day). Raises ValueError."""
    folded = fold(text)
    try:
        return Moment(parse_day(folded, today, past=past))
    except ValueError:
        pass
    if (found := _TIMES.match(folded)) and _has_time(found):
        day = parse_day(found["day"] or "今天", today, past=past)
        begin, part = _time(found["begin"], "")
        end = _time(found["end"], part)[0] if found["end"] else None
        return Moment(day, begin, end)
    if found := _ONLY_PART.match(folded):
        return Moment(parse_day(found[1], today, past=past))
    raise ValueError("no moment")


def _has_time(found: re.Match[str]) -> bool:
    """A bare number is a time only in a range or beside a part of the day: `0912 9` says nothing."""
    return bool(re.search(rf"[:点时]|{_PART}", found["begin"]) or found["end"])


def _time(text: str, part_before: str) -> tuple[dt.time, str]:
    found = re.fullmatch(_CLOCK, text)
    if not found:
        raise ValueError("no time")
    part, hour = found[1] or found[5] or part_before, int(found[2])
    minute = 30 if found[4] or text.endswith("半") else int(found[3] or 0)
    if 0 < hour < 12 and _PARTS.get(part) and not (part == "中午" and hour > 10):
        hour += 12
    return dt.time(hour, minute), part
