"""Monthly returns."""

from tortoise import migrations


class Migration(migrations.Migration):
    """Monthly returns."""

    dependencies = [("models", "0005_member_keys")]
