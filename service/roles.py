"""The parts of the service that a process may run: `lianxin serve --roles web,receive,schedule,send`."""

ROLES = ("web", "receive", "schedule", "send")
