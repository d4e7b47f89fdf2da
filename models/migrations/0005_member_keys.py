"""Private keys of groups, wrapped for their members."""

from tortoise import migrations


class Migration(migrations.Migration):
    """Private keys of groups, wrapped for their members."""

    dependencies = [("models", "0004_checkpoints")]
