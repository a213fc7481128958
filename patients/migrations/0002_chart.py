import django.contrib.postgres.indexes
import django.db.models.deletion
import django.utils.timezone
import healthcare.core.fields
import healthcare.core.ids
import healthcare.core.prefix_index
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Allergy',
            fields=[
                ('id', models.UUIDField(default=healthcare.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('recorded_by', models.UUIDField(null=True)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('substance', healthcare.core.fields.SealedText(editable=True, label='allergy.substance')),
                ('code', healthcare.core.fields.SealedText(blank=True, editable=True, label='allergy.code')),
                ('system', models.CharField(blank=True, max_length=200)),
                ('reaction', healthcare.core.fields.SealedText(blank=True, editable=True, label='allergy.reaction')),
                ('category', models.CharField(choices=[('medication', 'Medication'), ('food', 'Food'), ('environment', 'Environment'), ('biologic', 'Biologic'), ('other', 'Other')], default='other', max_length=12)),
                ('criticality', models.CharField(choices=[('low', 'Low'), ('high', 'High'), ('unknown', 'Unknown')], default='unknown', max_length=8)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Amendment',
            fields=[
                ('id', models.UUIDField(default=healthcare.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('recorded_by', models.UUIDField(null=True)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('section', models.CharField(blank=True, max_length=30)),
                ('row_id', models.UUIDField(blank=True, null=True)),
                ('text', healthcare.core.fields.SealedText(editable=True, label='amendment.text')),
                ('state', models.CharField(choices=[('asked', 'Asked'), ('accepted', 'Accepted'), ('denied', 'Denied')], default='asked', max_length=10)),
                ('answer', healthcare.core.fields.SealedText(blank=True, editable=True, label='amendment.answer')),
                ('decided_by', models.UUIDField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Condition',
            fields=[
                ('id', models.UUIDField(default=healthcare.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('recorded_by', models.UUIDField(null=True)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('name', healthcare.core.fields.SealedText(editable=True, label='condition.name')),
                ('code', healthcare.core.fields.SealedText(blank=True, editable=True, label='condition.code')),
                ('system', models.CharField(blank=True, max_length=200)),
                ('status', models.CharField(choices=[('active', 'Active'), ('recurrence', 'Recurrence'), ('remission', 'Remission'), ('resolved', 'Resolved')], default='active', max_length=10)),
                ('onset_on', healthcare.core.fields.SealedDate(blank=True, editable=True, label='condition.onset_on', null=True)),
                ('ended_on', healthcare.core.fields.SealedDate(blank=True, editable=True, label='condition.ended_on', null=True)),
                ('note', healthcare.core.fields.SealedText(blank=True, editable=True, label='condition.note')),
                ('is_sensitive', models.BooleanField(default=False)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.UUIDField(default=healthcare.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('purpose', models.CharField(choices=[('treatment', 'treatment'), ('payment', 'payment'), ('sensitive', 'sensitive'), ('family', 'family')], max_length=20)),
                ('decision', models.CharField(choices=[('given', 'Given'), ('withdrawn', 'Withdrawn')], max_length=10)),
                ('wording', models.CharField(max_length=40)),
                ('channel', models.CharField(choices=[('electronic', 'Electronic'), ('written', 'Written'), ('spoken', 'Spoken')], max_length=10)),
                ('remark', healthcare.core.fields.SealedText(blank=True, editable=True, label='consent.remark')),
                ('decided_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('recorded_by', models.UUIDField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Constitution',
            fields=[
                ('id', models.UUIDField(default=healthcare.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('recorded_by', models.UUIDField(null=True)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('prakriti', healthcare.core.fields.SealedJSON(editable=True, label='constitution.prakriti')),
                ('vikriti', healthcare.core.fields.SealedJSON(blank=True, editable=True, label='constitution.vikriti', null=True)),
                ('agni', healthcare.core.fields.SealedText(blank=True, editable=True, label='constitution.agni')),
                ('remarks', healthcare.core.fields.SealedText(blank=True, editable=True, label='constitution.remarks')),
            ],
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.UUIDField(default=healthcare.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('recorded_by', models.UUIDField(null=True)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('relation', models.CharField(choices=[('self', 'Self'), ('spouse', 'Spouse'), ('parent', 'Parent'), ('child', 'Child'), ('sibling', 'Sibling'), ('friend', 'Friend'), ('carer', 'Carer'), ('other', 'Other')], max_length=10)),
                ('is_emergency', models.BooleanField(default=False)),
                ('name', healthcare.core.fields.SealedText(blank=True, editable=True, label='contact.name')),
                ('phone', healthcare.core.fields.SealedText(blank=True, editable=True, label='contact.phone', null=True)),
                ('email', healthcare.core.fields.SealedText(blank=True, editable=True, label='contact.email', null=True)),
                ('address', healthcare.core.fields.SealedText(blank=True, editable=True, label='contact.address')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.UUIDField(default=healthcare.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('recorded_by', models.UUIDField(null=True)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('kind', models.CharField(choices=[('report', 'Report'), ('image', 'Image'), ('referral', 'Referral'), ('consent', 'Consent'), ('identity', 'Identity'), ('other', 'Other')], default='other', max_length=10)),
                ('title', healthcare.core.fields.SealedText(editable=True, label='document.title')),
                ('file_name', healthcare.core.fields.SealedText(editable=True, label='document.file_name')),
                ('media_type', models.CharField(max_length=60)),
                ('size', models.PositiveIntegerField()),
                ('sha256', healthcare.core.fields.SealedText(editable=True, label='document.sha256')),
                ('sha256_index', healthcare.core.fields.BlindIndex(label='document.sha256', normalise='', source='sha256')),
                ('is_sensitive', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.UUIDField(default=healthcare.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('basis', models.CharField(choices=[('patient_asked', 'Patient Asked'), ('court_order', 'Court'), ('no_purpose_left', 'No Purpose')], max_length=20)),
                ('asked_by', models.UUIDField()),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('confirmed_by', models.UUIDField(null=True)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('key_destroyed_at', models.DateTimeField(null=True)),
                ('cancelled_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='FormerVersion',
            fields=[
                ('id', models.UUIDField(default=healthcare.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('section', models.CharField(max_length=30)),
                ('row_id', models.UUIDField()),
                ('number', models.PositiveIntegerField()),
                ('said', healthcare.core.fields.SealedJSON(editable=True, label='former_version.said')),
                ('reason', healthcare.core.fields.SealedText(blank=True, editable=True, label='former_version.reason')),
                ('replaced_by', models.UUIDField(null=True)),
                ('replaced_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='Guardianship',
            fields=[
                ('id', models.UUIDField(default=healthcare.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('recorded_by', models.UUIDField(null=True)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('basis', models.CharField(choices=[('parent', 'Parent'), ('court', 'Court'), ('power_of_attorney', 'Attorney'), ('consent', 'Consent')], max_length=20)),
                ('ends_on', healthcare.core.fields.SealedDate(blank=True, editable=True, label='guardianship.ends_on', null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.UUIDField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Identifier',
            fields=[
                ('id', models.UUIDField(default=healthcare.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('recorded_by', models.UUIDField(null=True)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('kind', models.CharField(choices=[('abha', 'Abha'), ('aadhaar', 'Aadhaar'), ('nhs', 'Nhs'), ('passport', 'Passport'), ('national', 'National'), ('other', 'Other')], max_length=10)),
                ('country', models.CharField(blank=True, max_length=2)),
                ('value', healthcare.core.fields.SealedText(editable=True, label='identifier.value')),
                ('value_index', healthcare.core.fields.BlindIndex(label='identifier.value', normalise='plain_number', source='value')),
            ],
        ),
        migrations.CreateModel(
            name='ImportedRow',
            fields=[
                ('id', models.UUIDField(default=healthcare.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('what', models.CharField(max_length=40)),
                ('outcome', models.CharField(max_length=12)),
                ('faults', models.JSONField(default=list)),
                ('made_id', models.UUIDField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ImportedThing',
            fields=[
                ('id', models.UUIDField(default=healthcare.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('key', models.BinaryField()),
                ('what', models.CharField(max_length=40)),
                ('made_id', models.UUIDField()),
            ],
        ),
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.UUIDField(default=healthcare.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('format', models.CharField(choices=[('csv', 'Csv'), ('fhir', 'Fhir')], max_length=4)),
                ('source', models.BinaryField()),
                ('is_dry', models.BooleanField(default=True)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')], default='waiting', max_length=8)),
                ('total', models.PositiveIntegerField(default=0)),
                ('cursor', models.PositiveIntegerField(default=0)),
                ('counts', models.JSONField(default=dict)),
                ('started_by', models.UUIDField(null=True)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Insurance',
            fields=[
                ('id', models.UUIDField(default=healthcare.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('recorded_by', models.UUIDField(null=True)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('insurer', healthcare.core.fields.SealedText(editable=True, label='insurance.insurer')),
                ('plan', healthcare.core.fields.SealedText(blank=True, editable=True, label='insurance.plan')),
                ('policy_number', healthcare.core.fields.SealedText(editable=True, label='insurance.policy_number')),
                ('holder', healthcare.core.fields.SealedText(blank=True, editable=True, label='insurance.holder')),
                ('valid_from', healthcare.core.fields.SealedDate(blank=True, editable=True, label='insurance.valid_from', null=True)),
                ('valid_until', healthcare.core.fields.SealedDate(blank=True, editable=True, label='insurance.valid_until', null=True)),
                ('is_primary', models.BooleanField(default=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='LegalHold',
            fields=[
                ('id', models.UUIDField(default=healthcare.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('reason', healthcare.core.fields.SealedText(editable=True, label='legal_hold.reason')),
                ('placed_by', models.UUIDField()),
                ('placed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('lifted_by', models.UUIDField(null=True)),
                ('lifted_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.UUIDField(default=healthcare.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('reason', healthcare.core.fields.SealedText(editable=True, label='merge.reason')),
                ('moved', models.JSONField(default=dict)),
                ('account_moved', models.BooleanField(default=False)),
                ('by', models.UUIDField(null=True)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('undone_by', models.UUIDField(null=True)),
                ('undone_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.UUIDField(default=healthcare.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('recorded_by', models.UUIDField(null=True)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('text', healthcare.core.fields.SealedText(editable=True, label='note.text')),
                ('is_sensitive', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='Prescription',
            fields=[
                ('id', models.UUIDField(default=healthcare.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('recorded_by', models.UUIDField(null=True)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('drug', healthcare.core.fields.SealedText(editable=True, label='prescription.drug')),
                ('dose', healthcare.core.fields.SealedText(blank=True, editable=True, label='prescription.dose')),
                ('route', healthcare.core.fields.SealedText(blank=True, editable=True, label='prescription.route')),
                ('timing', healthcare.core.fields.SealedText(blank=True, editable=True, label='prescription.timing')),
                ('instructions', healthcare.core.fields.SealedText(blank=True, editable=True, label='prescription.instructions')),
                ('starts_on', healthcare.core.fields.SealedDate(blank=True, editable=True, label='prescription.starts_on', null=True)),
                ('ends_on', healthcare.core.fields.SealedDate(blank=True, editable=True, label='prescription.ends_on', null=True)),
                ('status', models.CharField(choices=[('active', 'Active'), ('stopped', 'Stopped'), ('completed', 'Completed')], default='active', max_length=10)),
            ],
        ),
        migrations.CreateModel(
            name='Visit',
            fields=[
                ('id', models.UUIDField(default=healthcare.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('recorded_by', models.UUIDField(null=True)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('appointment_id', models.UUIDField(blank=True, null=True)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('complaint', healthcare.core.fields.SealedText(blank=True, editable=True, label='visit.complaint')),
                ('findings', healthcare.core.fields.SealedText(blank=True, editable=True, label='visit.findings')),
                ('assessment', healthcare.core.fields.SealedText(blank=True, editable=True, label='visit.assessment')),
                ('plan', healthcare.core.fields.SealedText(blank=True, editable=True, label='visit.plan')),
                ('is_sensitive', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='Vital',
            fields=[
                ('id', models.UUIDField(default=healthcare.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('recorded_by', models.UUIDField(null=True)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('sign', models.CharField(max_length=30)),
                ('value', healthcare.core.fields.SealedText(editable=True, label='vital.value')),
                ('taken_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.AddField(
            model_name='patient',
            name='birth_index',
            field=healthcare.core.fields.BlindIndex(label='patient.date_of_birth', normalise='', source='date_of_birth'),
        ),
        migrations.AddField(
            model_name='patient',
            name='erased_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='patient',
            name='merged_into',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='patient',
            name='name_index',
            field=healthcare.core.prefix_index.PrefixIndex(base_field=models.BigIntegerField(), label='patient.name', size=None, sources=('first_name', 'last_name'), words='name_words'),
        ),
        migrations.AddField(
            model_name='allergy',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='amendment',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='condition',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='consent',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='constitution',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='contact',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='document',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='erasure',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='formerversion',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='guardianship',
            name='guardian',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='guardianship',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='identifier',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
        ),
        migrations.AddConstraint(
            model_name='importedthing',
            constraint=models.UniqueConstraint(fields=('key',), name='imported_thing_once'),
        ),
        migrations.AddConstraint(
            model_name='importrun',
            constraint=models.UniqueConstraint(fields=('source', 'is_dry'), name='import_run_once'),
        ),
        migrations.AddField(
            model_name='importedrow',
            name='run',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='patients.importrun'),
        ),
        migrations.AddField(
            model_name='insurance',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='legalhold',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='merge',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='merge',
            name='target',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='note',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='prescription',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='visit',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='prescription',
            name='visit',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='prescriptions', to='patients.visit'),
        ),
        migrations.AddField(
            model_name='note',
            name='visit',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='patients.visit'),
        ),
        migrations.AddField(
            model_name='document',
            name='visit',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.visit'),
        ),
        migrations.AddField(
            model_name='vital',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='vital',
            name='visit',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='vitals', to='patients.visit'),
        ),
        migrations.AddIndex(
            model_name='amendment',
            index=models.Index(fields=['patient', '-id'], name='amendment_by_patient'),
        ),
        migrations.AddConstraint(
            model_name='amendment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('state', 'asked')), models.Q(models.Q(('state', 'asked'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='amendment_decided_or_asked'),
        ),
        migrations.AddIndex(
            model_name='consent',
            index=models.Index(fields=['patient', 'purpose', '-decided_at'], name='consent_latest'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(('decision__in', ['given', 'withdrawn'])), name='consent_decision_known'),
        ),
        migrations.AddIndex(
            model_name='constitution',
            index=models.Index(fields=['patient', '-id'], name='constitution_by_patient'),
        ),
        migrations.AddConstraint(
            model_name='erasure',
            constraint=models.UniqueConstraint(condition=models.Q(('cancelled_at', None)), fields=('patient',), name='erasure_once'),
        ),
        migrations.AddConstraint(
            model_name='erasure',
            constraint=models.CheckConstraint(condition=models.Q(('confirmed_by', None), models.Q(('confirmed_by', models.F('asked_by')), _negated=True), _connector='OR'), name='erasure_four_eyes'),
        ),
        migrations.AddConstraint(
            model_name='erasure',
            constraint=models.CheckConstraint(condition=models.Q(('key_destroyed_at', None), ('confirmed_at__isnull', False), _connector='OR'), name='erasure_confirmed_first'),
        ),
        migrations.AddIndex(
            model_name='formerversion',
            index=models.Index(fields=['patient', '-id'], name='former_version_by_patient'),
        ),
        migrations.AddConstraint(
            model_name='formerversion',
            constraint=models.UniqueConstraint(fields=('row_id', 'number'), name='former_version_once'),
        ),
        migrations.AddIndex(
            model_name='guardianship',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['guardian'], name='guardianship_by_guardian'),
        ),
        migrations.AddConstraint(
            model_name='guardianship',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None), ('withdrawn_at', None)), fields=('patient', 'guardian'), name='guardianship_once'),
        ),
        migrations.AddIndex(
            model_name='identifier',
            index=models.Index(fields=['value_index'], name='identifier_by_value'),
        ),
        migrations.AddConstraint(
            model_name='identifier',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('kind', 'country', 'value_index'), name='identifier_once'),
        ),
        migrations.AddConstraint(
            model_name='importedrow',
            constraint=models.UniqueConstraint(fields=('run', 'number'), name='imported_row_once'),
        ),
        migrations.AddIndex(
            model_name='legalhold',
            index=models.Index(condition=models.Q(('lifted_at', None)), fields=['patient'], name='legal_hold_standing'),
        ),
        migrations.AddConstraint(
            model_name='merge',
            constraint=models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('source',), name='merge_source_once'),
        ),
        migrations.AddConstraint(
            model_name='merge',
            constraint=models.CheckConstraint(condition=models.Q(('source', models.F('target')), _negated=True), name='merge_of_two'),
        ),
        migrations.AddIndex(
            model_name='visit',
            index=models.Index(fields=['patient', '-started_at'], name='visit_by_patient'),
        ),
        migrations.AddConstraint(
            model_name='visit',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('appointment_id',), name='visit_appointment_once'),
        ),
        migrations.AddConstraint(
            model_name='visit',
            constraint=models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_at__gte', models.F('started_at')), _connector='OR'), name='visit_ends_after_start'),
        ),
        migrations.AddIndex(
            model_name='prescription',
            index=models.Index(fields=['patient', '-id'], name='prescription_by_patient'),
        ),
        migrations.AddIndex(
            model_name='note',
            index=models.Index(fields=['patient', '-id'], name='note_by_patient'),
        ),
        migrations.AddIndex(
            model_name='document',
            index=models.Index(fields=['patient', '-id'], name='document_by_patient'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(('size__gt', 0)), name='document_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('patient', 'sha256_index'), name='document_once'),
        ),
        migrations.AddIndex(
            model_name='vital',
            index=models.Index(fields=['patient', 'sign', '-taken_at'], name='vital_by_patient'),
        ),
    ]
