#!/bin/sh
# First start of an empty PostgreSQL: one database for the market and one for Saleor, each owned by a role of its own that
# sees nothing of the other. The image runs it (docker-entrypoint-initdb.d) as the superuser of PGUSER/POSTGRES_USER.
# Saleor's migrations create extensions (hstore, pg_trgm, pgcrypto, btree_gin): all are trusted, so the owner of the
# database may, and no role needs to be a superuser.
# In brackets: the image reads a script that is not executable into its own shell, which is not to inherit our options.
(
	set -eu
	secrets=${SECRETS:-/run/secrets}

	for name in market saleor; do
		# The password goes by the environment: it is neither in a command line nor in the log.
		PASSWORD=$(cat "$secrets/${name}_database_password")
		export PASSWORD
		psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set name="$name" --username "${POSTGRES_USER:-postgres}" \
			--dbname "${POSTGRES_DB:-postgres}" <<'SQL'
\set password `printenv PASSWORD`
CREATE ROLE :"name" LOGIN PASSWORD :'password' NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE DATABASE :"name" OWNER :"name" ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
	done
)
