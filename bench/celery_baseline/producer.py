"""Puts a run into the queue: `python -m bench.celery_baseline.producer SIZE`."""

import sys

from bench.agency import SENDER, TEXT, identity
from bench.celery_baseline.tasks import send
from messaging.channel import SMS

CALLBACK = "http://127.0.0.1:8080/hooks/twilio/status/aaaaaaaaaaaaaaaaaaaaaa"

if __name__ == "__main__":
    for message_id in range(1, int(sys.argv[1]) + 1):
        send.delay(message_id, SENDER, identity(SMS, message_id), TEXT, CALLBACK)
