#!/bin/sh
# One backup: both databases and the kept files, in a folder of its own under /backups; prints the folder.
# Databases first: a picture whose row is not in the dump is only a few bytes too many, the other way round it is missing.
set -eu
backups=${BACKUPS:-/backups}
secrets=${SECRETS:-/run/secrets}
PGPASSWORD=$(cat "$secrets/postgres_password")
export PGPASSWORD PGHOST="${PGHOST:-postgres}" PGUSER="${PGUSER:-postgres}"

umask 077
folder=$backups/$(date -u +%Y-%m-%dT%H%M%SZ)
while [ -e "$folder" ]; do
	sleep 0.2
	folder=$backups/$(date -u +%Y-%m-%dT%H%M%SZ)
done
mkdir "$folder.part"
for name in market saleor; do
	pg_dump --format custom --file "$folder.part/$name.dump" --dbname "$name"
	# A dump that cannot be read is none.
	pg_restore --list "$folder.part/$name.dump" >/dev/null
done
for name in market saleor; do
	tar --create --gzip --file "$folder.part/$name-files.tar.gz" --directory "${FILES:-/files}/$name" .
done
mv "$folder.part" "$folder"
echo "$folder"
