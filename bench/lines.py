"""Every experiment, in the order of the table."""

from bench.figures import Experiment
from bench.filling import FILL
from bench.recording import RECORD
from bench.sending import CHAT_RUN, SMS_RUN
from bench.starting import NEWCOMER, START
from bench.webhooks import CALLBACKS, INBOUND

EXPERIMENTS: tuple[Experiment, ...] = (SMS_RUN, CHAT_RUN, FILL, RECORD, CALLBACKS, INBOUND, START, NEWCOMER)
