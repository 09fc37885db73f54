#!/bin/sh
# Puts one backup back, in place of what is there: `restore.sh 2026-11-22T030000Z`. Stop the market and Saleor before.
set -eu
backups=${BACKUPS:-/backups}
secrets=${SECRETS:-/run/secrets}
folder=$backups/${1:?which backup: the name of its folder}
PGPASSWORD=$(cat "$secrets/postgres_password")
export PGPASSWORD PGHOST="${PGHOST:-postgres}" PGUSER="${PGUSER:-postgres}"

# All or nothing of a backup: everything is looked at before anything is touched.
for name in market saleor; do
	pg_restore --list "$folder/$name.dump" >/dev/null
	tar --list --gzip --file "$folder/$name-files.tar.gz" >/dev/null
done
for name in market saleor; do
	# Refused while anybody is connected: two markets must not work on one database.
	psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set name="$name" --dbname postgres <<'SQL'
DROP DATABASE IF EXISTS :"name";
CREATE DATABASE :"name" OWNER :"name" ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
	pg_restore --exit-on-error --single-transaction --dbname "$name" "$folder/$name.dump"
	files=${FILES:-/files}/$name
	find "$files" -mindepth 1 -delete
	tar --extract --gzip --same-permissions --file "$folder/$name-files.tar.gz" --directory "$files"
done
echo "$folder"
