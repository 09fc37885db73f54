"""An allocation is never edited, only reversed by another: the database itself refuses, whoever asks.

A later migration that makes SQLite rebuild `payment_allocation` must create the trigger again; a test notices.
"""

from __future__ import annotations

from django.db import migrations


def guard(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(
            "CREATE TRIGGER payment_allocation_stands BEFORE UPDATE ON payment_allocation "
            "BEGIN SELECT RAISE(ABORT, 'an allocation is never edited'); END"
        )
    else:
        schema_editor.execute(
            "CREATE FUNCTION payment_allocation_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'an allocation is never edited' USING ERRCODE = 'check_violation'; END $$"
        )
        schema_editor.execute(
            "CREATE TRIGGER payment_allocation_stands BEFORE UPDATE ON payment_allocation "
            "FOR EACH ROW EXECUTE FUNCTION payment_allocation_refuse_edit()"
        )


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER payment_allocation_stands")
    else:
        schema_editor.execute("DROP TRIGGER payment_allocation_stands ON payment_allocation")
        schema_editor.execute("DROP FUNCTION payment_allocation_refuse_edit()")


class Migration(migrations.Migration):
    dependencies = [("intents", "0001_initial")]
    operations = [migrations.RunPython(guard, unguard)]
