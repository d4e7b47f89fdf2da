"""Counts, letters, rates of exchange."""

from tortoise import migrations


class Migration(migrations.Migration):
    """Counts, letters, rates of exchange."""

    dependencies = [("models", "0010_bulletins")]
