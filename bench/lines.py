"""Every experiment, in the order of the table."""

from bench.during import DURING
from bench.figures import Experiment
from bench.filling import FILL, FILL_LARGE
from bench.ledger import APPEND, VERIFY
from bench.pacing import PACE
from bench.queueing import QUEUE
from bench.recording import RECORD
from bench.reporting import REPORT
from bench.scale import SCALE
from bench.sending import CHAT_RUN, SMS_RUN
from bench.starting import NEWCOMER, START
from bench.together import TOGETHER
from bench.webhooks import CALLBACKS, INBOUND

EXPERIMENTS: tuple[Experiment, ...] = (
    SMS_RUN,
    CHAT_RUN,
    QUEUE,
    FILL,
    FILL_LARGE,
    RECORD,
    PACE,
    CALLBACKS,
    INBOUND,
    DURING,
    SCALE,
    TOGETHER,
    APPEND,
    VERIFY,
    REPORT,
    START,
    NEWCOMER,
)
