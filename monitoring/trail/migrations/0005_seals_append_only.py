"""Seals can only be added, as entries can."""

from django.db import migrations

ROWS = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON audit_seal
FOR EACH ROW EXECUTE FUNCTION public.audit_append_only()
"""
STATEMENTS = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
FOR EACH STATEMENT EXECUTE FUNCTION public.audit_append_only()
"""


class Migration(migrations.Migration):
    safe = "the table is new: nobody writes to it yet"
    dependencies = [("trail", "0004_seals"), ("monitoring", "0005_seals_append_only")]
    operations = [
        migrations.RunSQL(ROWS, "DROP TRIGGER append_only_rows ON audit_seal"),
        migrations.RunSQL(STATEMENTS, "DROP TRIGGER append_only ON audit_seal"),
    ]
