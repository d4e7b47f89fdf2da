"""Issued reports and who reads them."""

from tortoise import migrations


class Migration(migrations.Migration):
    """Issued reports and who reads them."""

    dependencies = [("models", "0007_alerts")]
