"""The append-only book of everything that happened to records, and the head of its Merkle tree.

Triggers refuse UPDATE and DELETE on entries and checkpoints. What an entry commits to (`detail`, the salt) is
kept beside it, so that it can be destroyed while the proof stays.
"""

from tortoise import fields
from tortoise.models import Model


class LedgerEntry(Model):
    """One event. `leaf` is the RFC 6962 leaf hash of its canonical bytes."""

    seq = fields.BigIntField(primary_key=True, generated=False)
    at = fields.DatetimeField()
    event = fields.CharField(max_length=32)
    record_id = fields.BigIntField(null=True, db_index=True)
    actor = fields.CharField(max_length=64, description="pseudonym: keyed hash of the person or address")
    commitment = fields.CharField(max_length=64, description="SHA-256 of salt and content")
    leaf = fields.CharField(max_length=64)

    class Meta:
        table = "ledger_entry"


class LedgerDetail(Model):
    """What an entry commits to, in clear facts only: states, field ids, page of reading."""

    seq = fields.BigIntField(primary_key=True, generated=False)
    salt = fields.BinaryField(null=True)
    detail = fields.TextField(null=True)

    class Meta:
        table = "ledger_detail"


class LedgerHead(Model):
    """The one row that every append locks: size and frontier of the tree."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    log_id = fields.CharField(max_length=64)
    size = fields.BigIntField()
    frontier = fields.BinaryField()
    root = fields.CharField(max_length=64)

    class Meta:
        table = "ledger_head"


class LedgerCheckpoint(Model):
    """A signed head of the tree, kept for ever: the size, the roots of its subtrees, and the note that was signed."""

    size = fields.BigIntField(primary_key=True, generated=False)
    frontier = fields.BinaryField()
    note = fields.TextField()
    made_at = fields.DatetimeField()

    class Meta:
        table = "ledger_checkpoint"
