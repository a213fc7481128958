# Tries whose worker was lost are counted apart from those that failed

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_job_next'),
    ]

    operations = [
        migrations.AddField(
            model_name='job',
            name='lost',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
    ]
