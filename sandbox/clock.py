"""The only place of the sandbox that reads the time of day."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Wall time that can be moved, so that the phones of a demo show the demo's day.

    Only what is shown and filtered by date moves; pauses and delays always take real time.
    """

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        """Return the current moment, aware, in UTC, moved by the offset."""
        return datetime.now(UTC) + self.offset
