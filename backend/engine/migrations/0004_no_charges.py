from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("engine", "0003_charges_to_transactions")]
    operations = [migrations.DeleteModel(name="Charge")]
