"""What a bank said is never edited: the database itself refuses, whoever asks.

A later migration that makes SQLite rebuild `bank_transaction` must create the trigger again; a test notices.
"""

from __future__ import annotations

from django.db import migrations

FACTS = (
    "id, connection_id, provider_id, notice_id, bank_account_id, account, sub_account, bank_name, direction, "
    "amount_vnd, currency, occurred_at, reported_at, content, code, reference"
)


def guard(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(
            f"CREATE TRIGGER bank_transaction_facts_stand BEFORE UPDATE OF {FACTS} ON bank_transaction "
            "BEGIN SELECT RAISE(ABORT, 'a bank transaction is never edited'); END"
        )
    else:
        schema_editor.execute(
            "CREATE FUNCTION bank_transaction_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'a bank transaction is never edited' USING ERRCODE = 'check_violation'; END $$"
        )
        schema_editor.execute(
            f"CREATE TRIGGER bank_transaction_facts_stand BEFORE UPDATE OF {FACTS} ON bank_transaction "
            "FOR EACH ROW EXECUTE FUNCTION bank_transaction_refuse_edit()"
        )


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER bank_transaction_facts_stand")
    else:
        schema_editor.execute("DROP TRIGGER bank_transaction_facts_stand ON bank_transaction")
        schema_editor.execute("DROP FUNCTION bank_transaction_refuse_edit()")


class Migration(migrations.Migration):
    dependencies = [("feeds", "0001_initial")]
    operations = [migrations.RunPython(guard, unguard)]
