"""How does a change come onto the trail, whoever makes it? Triggers of the audited table write one entry for each row changed.

One function in public serves all tables of all clinics: the table's schema says which trail it is, `policy.py` what may be
shown, the setting `healthcare.acting` who acts (the database wrapper sets it with the place). Without that setting somebody
works at the database itself: the entry says so, and as which role.
"""

from typing import Any

from psycopg import sql

from clinics.fittings import fitting
from monitoring.trail import policy

PUBLIC = "public"
TRIGGER, TRUNCATION = "audited", "audited_truncation"

# PostgreSQL 18 has uuidv7(); before, the same by hand: milliseconds, then microseconds, then chance
NEW_ID = """
CREATE FUNCTION public.audit_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
SELECT encode(set_byte(overlay(overlay(uuid_send(gen_random_uuid()) placing substring(int8send(us / 1000) from 3) from 1 for 6)
       placing substring(int8send((us % 1000) * 4 + 28672) from 7) from 7 for 2), 8, 128 + (us % 61)::int), 'hex')::uuid
FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS us) AS clock
$$
"""
NEW_ID_18 = "CREATE FUNCTION public.audit_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$SELECT uuidv7()$$"

POLICY = """
CREATE FUNCTION public.audit_policy(tab text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$SELECT {policies}::jsonb -> tab$$
"""

WRITE = """
CREATE FUNCTION public.audit_write(place text, tab text, op text, was jsonb, becomes jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    policy jsonb := public.audit_policy(tab);
    acting jsonb := nullif(current_setting('healthcare.acting', true), '')::jsonb;
    what jsonb := coalesce(becomes, was);
    diff jsonb;
BEGIN
    IF policy IS NULL OR was = becomes THEN
        RETURN;
    END IF;
    SELECT jsonb_object_agg(
        coalesce(policy->'names'->>c.k, c.k),
        jsonb_build_array(public.audit_shown(c.o, policy->'shown' ? c.k), public.audit_shown(c.n, policy->'shown' ? c.k)))
    INTO diff
    FROM (SELECT k, nullif(was->k, 'null') AS o, nullif(becomes->k, 'null') AS n FROM jsonb_object_keys(what) AS k) AS c
    WHERE c.o IS DISTINCT FROM c.n AND NOT policy->'out' ? c.k;
    IF op = 'update' AND diff IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format(
        'INSERT INTO %I.%I (id, at, action, object_type, object_id, actor, actor_kind, session, request_id, address,'
        ' purpose, clinic_id, changes, subjects)'
        ' VALUES (public.audit_id(), clock_timestamp(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)',
        place, CASE place WHEN 'public' THEN 'platform_audit_entry' ELSE 'audit_entry' END)
    USING op, policy->>'label', coalesce(what->>(policy->>'key'), '*'), (acting->>'actor')::uuid,
        CASE WHEN acting IS NULL THEN 'database' WHEN acting ? 'actor' THEN 'person'
             WHEN acting ? 'address' THEN 'visitor' ELSE 'system' END,
        (acting->>'session')::uuid, coalesce(acting->>'request', ''), (acting->>'address')::inet,
        left(coalesce(acting->>'purpose', CASE WHEN acting IS NULL THEN 'role:' || session_user ELSE '' END), 120),
        CASE place WHEN 'public' THEN (public.audit_named(policy->'clinics', was, becomes))[1]
             ELSE substring(place FROM '^clinic_([0-9a-f]{32})')::uuid END,
        coalesce(diff, '{}'), public.audit_named(policy->'patients', was, becomes);
END
$$
"""
SHOWN = """
CREATE FUNCTION public.audit_shown(value jsonb, shown boolean) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
SELECT CASE WHEN value IS NULL THEN 'null'::jsonb WHEN shown OR value IN ('""', '[]', '{}') THEN value ELSE '"•"'::jsonb END
$$
"""
NAMED = """
CREATE FUNCTION public.audit_named(columns jsonb, was jsonb, becomes jsonb) RETURNS uuid[] LANGUAGE sql IMMUTABLE AS $$
SELECT CASE WHEN columns = '[]' THEN NULL ELSE
(SELECT array_agg(DISTINCT id::uuid) FROM jsonb_array_elements_text(columns) AS c, unnest(ARRAY[becomes->>c, was->>c]) AS id
 WHERE id IS NOT NULL) END
$$
"""
CHANGE = """
CREATE FUNCTION public.audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.audit_write(TG_TABLE_SCHEMA, TG_TABLE_NAME,
        CASE TG_OP WHEN 'INSERT' THEN 'create' WHEN 'UPDATE' THEN 'update' ELSE 'delete' END, to_jsonb(OLD), to_jsonb(NEW));
    RETURN NULL;
END
$$
"""
EMPTIED = """
CREATE FUNCTION public.audit_truncation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.audit_write(TG_TABLE_SCHEMA, TG_TABLE_NAME, 'delete', '{}', NULL);
    RETURN NULL;
END
$$
"""
LACKING = """
SELECT c.relname FROM pg_class c WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p') AND c.relname = ANY(%s)
AND NOT EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = %s) ORDER BY c.relname
"""


@fitting
def fit(cursor: Any, schema: str) -> None:
    """The functions (with public) and the triggers of every audited table that has none yet."""
    if schema == PUBLIC:
        _make_functions(cursor)
    for table in lacking(cursor, schema):
        on = sql.Identifier(schema, table)
        change = "CREATE TRIGGER {} AFTER INSERT OR UPDATE OR DELETE ON {} FOR EACH ROW EXECUTE FUNCTION public.audit_change()"
        empty = "CREATE TRIGGER {} AFTER TRUNCATE ON {} FOR EACH STATEMENT EXECUTE FUNCTION public.audit_truncation()"
        cursor.execute(sql.SQL(change).format(sql.Identifier(TRIGGER), on))
        cursor.execute(sql.SQL(empty).format(sql.Identifier(TRUNCATION), on))


def lacking(cursor: Any, schema: str) -> list[str]:
    """Audited tables of the schema without their trigger."""
    cursor.execute(LACKING, [f'"{schema}"', list(policy.policies()), TRIGGER])
    return [name for (name,) in cursor.fetchall()]


def _make_functions(cursor: Any) -> None:
    """Replace what differs, and nothing else: an open statement keeps the text it began with."""
    cursor.execute("SELECT to_regprocedure('pg_catalog.uuidv7()') IS NOT NULL")
    new_id = NEW_ID_18 if cursor.fetchone()[0] else NEW_ID
    policies = sql.SQL(POLICY.replace("{policies}", "{}")).format(sql.Literal(policy.as_json())).as_string(cursor.connection)
    for text in (new_id, policies, SHOWN, NAMED, WRITE, CHANGE, EMPTIED):
        if not _is_there(cursor, text):
            cursor.execute(text.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))


def _is_there(cursor: Any, text: str) -> bool:
    name = text.split("public.", 1)[1].partition("(")[0]
    cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = %s AND pronamespace = 'public'::regnamespace", [name])
    found = cursor.fetchone()
    return found is not None and found[0] == text.split("$$")[1]
