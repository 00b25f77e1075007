#!/bin/sh
# Once, when the database is made: the bot's own role, which row security binds. Nobody else can log in over the network.
psql --no-psqlrc --no-password -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname cadence <<'SQL'
\getenv word POSTGRES_PASSWORD
CREATE ROLE cadence LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'word';
ALTER DATABASE cadence OWNER TO cadence;
ALTER ROLE CURRENT_USER PASSWORD NULL;
SQL
