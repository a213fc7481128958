# The indexes by which a worker finds the next job, clinic by clinic, and operators what was done lately

import uuid

import django.contrib.postgres.operations
import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('core', '0002_job_rank'),
    ]

    operations = [
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name='job',
            index=models.Index('queue', django.db.models.functions.comparison.Coalesce('clinic_id', models.Value(uuid.UUID(int=0))), 'rank_at', condition=models.Q(('sent_at__isnull', False), ('state', 'ready')), name='job_next'),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name='job',
            index=models.Index(fields=['finished_at', 'queue'], condition=models.Q(('state', 'done')), name='job_done_lately'),
        ),
    ]
