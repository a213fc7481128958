"""The trail can only grow. The function lives in public, where the clinics' copies of its trigger find it too."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION public.audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = format('%I is append-only', TG_TABLE_NAME);
END
$$
"""
# by row, so that a change through another table's cascade is met too; by statement, for what touches no row
ROWS = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON platform_audit_entry
FOR EACH ROW EXECUTE FUNCTION public.audit_append_only()
"""
STATEMENTS = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON platform_audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION public.audit_append_only()
"""


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0001_initial")]
    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION public.audit_append_only()"),
        migrations.RunSQL(ROWS, "DROP TRIGGER append_only_rows ON platform_audit_entry"),
        migrations.RunSQL(STATEMENTS, "DROP TRIGGER append_only ON platform_audit_entry"),
    ]
