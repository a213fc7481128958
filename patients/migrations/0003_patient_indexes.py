"""Indexes of a big table are built beside its readers and writers."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("patients", "0002_chart")]
    operations = [
        AddIndexConcurrently(
            model_name="patient",
            index=models.Index(fields=["birth_index"], name="patient_by_birth"),
        ),
        AddIndexConcurrently(
            model_name="patient",
            index=django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=["name_index"], name="patient_by_name"),
        ),
    ]
