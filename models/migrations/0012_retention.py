"""Retention, legal hold and erasure."""

from tortoise import migrations


class Migration(migrations.Migration):
    """Retention, legal hold and erasure."""

    dependencies = [("models", "0011_gifts")]
