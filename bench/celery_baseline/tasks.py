"""The Celery application: `celery --app bench.celery_baseline.tasks worker`.

Set up for reliability as Celery's documentation has it: a task is acknowledged when it is done, given back when its
worker is lost, and a worker process holds one task at a time. Everything else is as it comes.
"""

import os
from typing import Any

from celery import Celery
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from bench.celery_baseline import results

app = Celery("reminders", broker=os.environ["BASELINE_BROKER_URL"])
app.conf.task_acks_late = True
app.conf.task_reject_on_worker_lost = True
app.conf.task_ignore_result = True
app.conf.worker_prefetch_multiplier = 1
_SINK = os.environ["BASELINE_API_URL"]


class _ToSink(TwilioHttpClient):  # type: ignore[misc]
    """Twilio's own HTTP client, pointed at another host."""

    def request(self, method: str, url: str, *given: Any, **more: Any) -> Any:
        """Do the request there."""
        return super().request(method, url.replace("https://api.twilio.com", _SINK), *given, **more)


_client = Client(os.environ["BASELINE_ACCOUNT"], os.environ["BASELINE_TOKEN"], http_client=_ToSink())


@app.task(name="reminders.send")  # type: ignore[untyped-decorator]
def send(message_id: int, sender: str, to: str, text: str, callback: str) -> None:
    """Send one message and keep its result."""
    created = _client.messages.create(from_=sender, to=to, body=text, status_callback=callback)
    results.keep(message_id, str(created.sid))
