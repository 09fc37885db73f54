#!/bin/sh
# Starts a program that reads its secrets from the environment alone, as Saleor does: every NAME_FILE that names a file of
# /run/secrets becomes NAME with that file's content. `with-secrets.sh program arguments…`
set -eu
for name in $(env | sed -n "s#^\([A-Z][A-Z0-9_]*\)_FILE=${SECRETS:-/run/secrets}/.*#\1#p"); do
	eval "path=\$${name}_FILE"
	value=$(cat "$path")
	export "$name=$value"
	unset "${name}_FILE"
done
exec "$@"
