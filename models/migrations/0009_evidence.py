"""Sealed files beside statements."""

from tortoise import migrations


class Migration(migrations.Migration):
    """Sealed files beside statements."""

    dependencies = [("models", "0008_reports")]
