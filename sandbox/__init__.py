"""A local twin of Twilio, of a carrier's HTTP interface and of Telegram's Bot API, with virtual phones and chats.

It stands apart: it imports nothing of the rest, keeps its state in memory, talks to loopback only, and HTTP is all that
joins it to the rest.
`docs/sandbox.md` describes what it speaks and how scripts steer it.
"""
