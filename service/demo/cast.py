"""Who plays in the demo: staff by number, outsiders by phone, the accounts of the sandbox. All invented."""

from typing import Final

EDITOR: Final = "9021012"
APPROVER: Final = "9021013"
CLERK: Final = "9021010"
HANDLER: Final = "9021026"
COUNTER_HEAD: Final = "9021027"
INTEGRITY: Final = "9021005"
INTEGRITY_HEAD: Final = "9021004"
SYSADMIN: Final = "9021014"
SECTION_HEAD: Final = "9021025"

ROLES: Final = (
    ("editor", EDITOR),
    ("approver", APPROVER),
    ("clerk", CLERK),
    ("handler", HANDLER),
    ("head", COUNTER_HEAD),
    ("integrity", INTEGRITY),
    ("unit_head", SECTION_HEAD),
    ("sysadmin", SYSADMIN),
)

MEMBERS: Final = (CLERK, INTEGRITY_HEAD, HANDLER, COUNTER_HEAD, INTEGRITY, SECTION_HEAD)
"""Who holds the keys of the registers: the first two take them over, the others are admitted by them."""

QUAY_PHONE: Final = "+86100000000022"
QUAY_SIGNING_CODE: Final = "4829"
DRIVER_PHONE: Final = "+86100300000002"
OFFICER_CHAT: Final = 900000024
PASSENGER_PHONE: Final = "+86100300000001"
WALL: Final = (QUAY_PHONE, DRIVER_PHONE, str(OFFICER_CHAT), "900000012")

SMS_ACCOUNT: Final = "AC" + "d" * 32
SMS_TOKEN: Final = "demo-token-of-the-sandbox"
SMS_SENDER: Final = "+86100999999999"
RATE: Final = "100"  # of both lanes, a second
BOT_TOKEN: Final = "4829001:demo-bot-of-the-sandbox"

RUN_UNIT: Final = "U90"
RUN_SIZE: Final = 500
RUN_OPTED_OUT: Final = frozenset(range(10, 17))
RUN_WITHOUT_NUMBER: Final = frozenset((101, 202, 303))
