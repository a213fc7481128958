"""Seals can only be added, as entries can."""

from django.db import migrations

ROWS = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON platform_audit_seal
FOR EACH ROW EXECUTE FUNCTION public.audit_append_only()
"""
STATEMENTS = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON platform_audit_seal
FOR EACH STATEMENT EXECUTE FUNCTION public.audit_append_only()
"""


class Migration(migrations.Migration):
    safe = "the table is new: nobody writes to it yet"
    dependencies = [("monitoring", "0004_seals")]
    operations = [
        migrations.RunSQL(ROWS, "DROP TRIGGER append_only_rows ON platform_audit_seal"),
        migrations.RunSQL(STATEMENTS, "DROP TRIGGER append_only ON platform_audit_seal"),
    ]
