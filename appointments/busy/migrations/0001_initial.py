"""Busy times across clinics, and the functions that the clinics' claims call. Functions live in public: copies find them there."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
from django.db import migrations, models

# Before a claim goes in, a hold that has run out makes room: row by row, so in the order in which claims are taken.
PURGE = """
CREATE FUNCTION public.claim_outlives_holds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'DELETE FROM %I.%I WHERE resource_id = $1 AND lane = $2 AND during && $3 AND expires_at <= clock_timestamp()',
        TG_TABLE_SCHEMA, TG_TABLE_NAME) USING NEW.resource_id, NEW.lane, NEW.during;
    RETURN NEW;
END
$$
"""
STAYS = """
CREATE FUNCTION public.claim_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_is_taken_anew',
        MESSAGE = 'a claim keeps its resource, lane and time: give it back and take another';
END
$$
"""
TAKEN = """
CREATE FUNCTION public.busy_when_claimed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    wanted integer;
    taken integer;
BEGIN
    IF TG_TABLE_SCHEMA !~ '^clinic_[0-9a-f]{32}$' THEN
        RETURN NULL;
    END IF;
    EXECUTE format('
        WITH wanted AS (
            SELECT f.id, p.user_id, f.during FROM fresh f JOIN %I.appointments_practitioner p ON p.id = f.resource_id
            WHERE f.resource = ''practitioner'' AND p.user_id IS NOT NULL ORDER BY p.user_id, lower(f.during)
        ), taken AS (
            INSERT INTO public.busy (id, clinic_id, person_id, during) SELECT id, $1, user_id, during FROM wanted
            ON CONFLICT DO NOTHING RETURNING 1
        ) SELECT (SELECT count(*) FROM wanted), (SELECT count(*) FROM taken)', TG_TABLE_SCHEMA)
    INTO wanted, taken USING substr(TG_TABLE_SCHEMA, 8)::uuid;
    IF taken < wanted THEN
        RAISE EXCEPTION USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'busy_nobody_in_two_clinics',
            MESSAGE = 'the practitioner is busy in another clinic';
    END IF;
    RETURN NULL;
END
$$
"""
FREED = """
CREATE FUNCTION public.busy_when_freed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    DELETE FROM public.busy b USING gone g WHERE b.id = g.id AND g.resource = 'practitioner';
    RETURN NULL;
END
$$
"""
REBUILD = """
CREATE FUNCTION public.busy_rebuild(schema text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF schema !~ '^clinic_[0-9a-f]{32}$' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_schema_name', MESSAGE = 'that is no clinic';
    END IF;
    DELETE FROM public.busy WHERE clinic_id = substr(schema, 8)::uuid;
    EXECUTE format('
        INSERT INTO public.busy (id, clinic_id, person_id, during)
        SELECT c.id, $1, p.user_id, c.during FROM %I.appointments_claim c
        JOIN %I.appointments_practitioner p ON p.id = c.resource_id
        WHERE c.resource = ''practitioner'' AND p.user_id IS NOT NULL AND upper(c.during) > now()
        ORDER BY p.user_id, lower(c.during) ON CONFLICT DO NOTHING', schema, schema) USING substr(schema, 8)::uuid;
END
$$
"""
PERSON = """
CREATE FUNCTION public.busy_when_linked() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF NEW.user_id IS DISTINCT FROM OLD.user_id AND TG_TABLE_SCHEMA ~ '^clinic_[0-9a-f]{32}$' THEN
        PERFORM public.busy_rebuild(TG_TABLE_SCHEMA);
    END IF;
    RETURN NULL;
END
$$
"""
# Of the people asked about, when they are busy in other clinics than `own`; where, nobody is told.
ELSEWHERE = """
CREATE FUNCTION public.busy_elsewhere(people uuid[], own uuid, reach tstzrange)
RETURNS TABLE (person_id uuid, during tstzrange) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT asked.person, b.during FROM unnest(people) asked(person)
    CROSS JOIN LATERAL (
        SELECT during FROM public.busy WHERE person_id = asked.person AND during && reach AND clinic_id <> own
    ) b
$$
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("clinics", "0001_extensions")]
    operations = [
        migrations.CreateModel(
            name="Busy",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("clinic_id", models.UUIDField(db_index=True)),
                ("person_id", models.UUIDField()),
                ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
            ],
            options={
                "db_table": "busy",
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("person_id", "="), ("clinic_id", "<>"), ("during", "&&")], name="busy_nobody_in_two_clinics"
                    )
                ],
            },
        ),
        migrations.RunSQL(PURGE, "DROP FUNCTION public.claim_outlives_holds()"),
        migrations.RunSQL(STAYS, "DROP FUNCTION public.claim_stays()"),
        migrations.RunSQL(TAKEN, "DROP FUNCTION public.busy_when_claimed()"),
        migrations.RunSQL(FREED, "DROP FUNCTION public.busy_when_freed()"),
        migrations.RunSQL(REBUILD, "DROP FUNCTION public.busy_rebuild(text)"),
        migrations.RunSQL(PERSON, "DROP FUNCTION public.busy_when_linked()"),
        migrations.RunSQL(ELSEWHERE, "DROP FUNCTION public.busy_elsewhere(uuid[], uuid, tstzrange)"),
    ]
    safe = "new functions that nothing calls before the next migration of appointments; what they delete is their own table's"
