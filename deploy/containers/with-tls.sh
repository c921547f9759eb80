#!/bin/sh
# Gives a server of somebody else's image what the init job made for it, owned by its own user, and starts it.
#   with-tls.sh USER COMMAND…
set -eu
user=$1
shift
install -d -o "$user" -m 0700 /run/lokon
for file in /made/*; do
    install -o "$user" -m 0600 "$file" /run/lokon/
done
[ ! -f /run/lokon/lokon.conf ] || install -o "$user" -m 0600 /run/lokon/lokon.conf /etc/rabbitmq/conf.d/90-lokon.conf
[ ! -f /run/lokon/roles.sql ] || install -o "$user" -m 0600 /run/lokon/roles.sql /docker-entrypoint-initdb.d/10-roles.sql
exec docker-entrypoint.sh "$@"
