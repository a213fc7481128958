# A job's rank among those of its clinic; what waits now is ranked by when it is due

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='job',
            name='priority',
            field=models.PositiveSmallIntegerField(choices=[(1, 'Urgent'), (2, 'Normal'), (3, 'Low')], db_default=2, default=2),
        ),
        migrations.AddField(
            model_name='job',
            name='rank_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
    ]
