from __future__ import annotations

from django.db import migrations

from backend.common.ids import new_id


def move(apps, schema_editor):
    """One transaction per order that money has reached, one event per charge."""
    charge = apps.get_model("engine", "Charge")
    transaction = apps.get_model("engine", "Transaction")
    event = apps.get_model("engine", "TransactionEvent")
    of_order = {}
    for row in charge.objects.order_by("pk").iterator():
        payment = of_order.get(row.order_id)
        if payment is None:
            payment = transaction.objects.create(
                id=new_id(),
                order_id=row.order_id,
                psp_reference=row.psp_reference,
                created_at=row.at,
                modified_at=row.at,
            )
            of_order[row.order_id] = payment
        event.objects.create(
            transaction=payment,
            type="charge_success",
            psp_reference=row.psp_reference,
            amount_vnd=row.amount_vnd,
            at=row.at,
            created_at=row.at,
        )
        payment.charged_vnd += row.amount_vnd
        payment.save(update_fields=["charged_vnd"])


class Migration(migrations.Migration):
    dependencies = [("engine", "0002_buying_step_by_step")]
    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
