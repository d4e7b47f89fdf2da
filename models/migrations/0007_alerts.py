"""What the patterns have looked at, and organisations."""

from tortoise import migrations


class Migration(migrations.Migration):
    """What the patterns have looked at, and organisations."""

    dependencies = [("models", "0006_returns")]
