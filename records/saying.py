"""Days and times as they stand in a message."""

import datetime as dt
from zoneinfo import ZoneInfo

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_text(day: dt.date, lang: str) -> str:
    """Return a day without its year: 10月16日, 16 Oct."""
    return f"{day.day} {_MONTHS[day.month - 1]}" if lang == "en" else f"{day.month}月{day.day}日"


def time_text(moment: dt.datetime, zone: ZoneInfo) -> str:
    """Return the local time of day: 10:12."""
    return f"{moment.astimezone(zone):%H:%M}"
