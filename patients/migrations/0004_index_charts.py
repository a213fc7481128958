"""Charts that were there before get their name index by a job of each clinic: a migration has no keys, and would hold its locks."""

from django.db import migrations

OWE = """
INSERT INTO public.job (id, clinic_id, queue, name, args, key, state, attempts, due_at, error, request_id, created_at)
SELECT gen_random_uuid(), id, 'patient-preference', 'patients.index_charts', '{}', 'patients.index_charts:' || id, 'ready', 0,
       now(), '', '', now()
FROM public.clinics_clinic WHERE schema_name = current_schema() ON CONFLICT (key) DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("patients", "0003_patient_indexes"), ("core", "0001_initial"), ("clinics", "0002_initial")]
    operations = [migrations.RunSQL(OWE, migrations.RunSQL.noop)]
