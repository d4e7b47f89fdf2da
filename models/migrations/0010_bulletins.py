"""Bulletins and their readers."""

from tortoise import migrations


class Migration(migrations.Migration):
    """Bulletins and their readers."""

    dependencies = [("models", "0009_evidence")]
