from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import F


def what_is_there_was_told(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("saleor_app", "OrderCopy").objects.update(most_charged_vnd=F("charged_vnd"))


class Migration(migrations.Migration):
    dependencies = [("saleor_app", "0003_watch")]

    operations = [
        migrations.AddField("ordercopy", "most_charged_vnd", models.BigIntegerField(default=0)),
        migrations.RunPython(what_is_there_was_told, migrations.RunPython.noop),
    ]
