-- Which roles and databases does the product need? Run once by a superuser with psql; a second run sets the passwords anew.
--   psql -X -d postgres -v owner_password=… -v app_password=… -v keys_password=… -f roles.sql
-- or with the passwords in HEALTHCARE_OWNER_PASSWORD, HEALTHCARE_APP_PASSWORD and HEALTHCARE_KEYS_PASSWORD.
\set ON_ERROR_STOP on
\if :{?owner_password} \else
  \getenv owner_password HEALTHCARE_OWNER_PASSWORD
\endif
\if :{?app_password} \else
  \getenv app_password HEALTHCARE_APP_PASSWORD
\endif
\if :{?keys_password} \else
  \getenv keys_password HEALTHCARE_KEYS_PASSWORD
\endif

-- A failing statement may be logged with its text, and these carry passwords.
SET log_min_error_statement = panic;

-- owner changes schemas and makes the clinics' roles; app serves requests, owns nothing and has only what it SETs;
-- keys owns the wrapped keys, in a database of their own, so that they stay out of the data's backups.
SELECT 'CREATE ROLE healthcare_owner' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'healthcare_owner') \gexec
SELECT 'CREATE ROLE healthcare_app' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'healthcare_app') \gexec
SELECT 'CREATE ROLE healthcare_keys' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'healthcare_keys') \gexec
ALTER ROLE healthcare_owner LOGIN CREATEROLE PASSWORD :'owner_password';
ALTER ROLE healthcare_app LOGIN NOINHERIT PASSWORD :'app_password';
ALTER ROLE healthcare_keys LOGIN PASSWORD :'keys_password';

SELECT 'CREATE DATABASE healthcare OWNER healthcare_owner TEMPLATE template0 ENCODING ''UTF8'''
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'healthcare') \gexec
SELECT 'CREATE DATABASE healthcare_keys OWNER healthcare_keys TEMPLATE template0 ENCODING ''UTF8'''
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'healthcare_keys') \gexec
ALTER DATABASE healthcare SET timezone = 'UTC';
ALTER DATABASE healthcare_keys SET timezone = 'UTC';
REVOKE ALL ON DATABASE healthcare, healthcare_keys FROM PUBLIC;
GRANT CONNECT ON DATABASE healthcare TO healthcare_app;

\connect healthcare
ALTER SCHEMA public OWNER TO healthcare_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

\connect healthcare_keys
ALTER SCHEMA public OWNER TO healthcare_keys;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
