"""A clinic's trail can only grow. New clinics get these triggers as copies of the template schema's."""

from django.db import migrations

ROWS = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON audit_entry
FOR EACH ROW EXECUTE FUNCTION public.audit_append_only()
"""
STATEMENTS = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION public.audit_append_only()
"""


class Migration(migrations.Migration):
    dependencies = [("trail", "0001_initial"), ("monitoring", "0002_append_only")]
    operations = [
        migrations.RunSQL(ROWS, "DROP TRIGGER append_only_rows ON audit_entry"),
        migrations.RunSQL(STATEMENTS, "DROP TRIGGER append_only ON audit_entry"),
    ]
