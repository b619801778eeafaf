#!/bin/sh
# A PostgreSQL of its own for tests, on loopback: scripts/postgres.sh start|stop FOLDER
# `start` makes it where it is not there yet and prints its address, for TEST_DATABASE_URL; `stop` keeps what it holds.
# Exit status 3: PostgreSQL is not on this machine.
set -eu

command=${1:-}
folder=${2:-}
data=$folder/data

fail() {
    echo "$2" >&2
    exit "$1"
}

find_binaries() {
    for binaries in "$(dirname "$(command -v pg_ctl || true)")" "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin; do
        [ ! -x "$binaries/initdb" ] || [ ! -x "$binaries/postgres" ] || return 0
    done
    fail 3 "PostgreSQL is not on this machine: pg_ctl, initdb and postgres are not found."
}

# PostgreSQL refuses to run as root.
find_owner() {
    owner=
    [ "$(id -u)" = 0 ] || return 0
    for owner in postgres nobody; do
        ! id "$owner" >/dev/null 2>&1 || return 0
    done
    fail 3 "PostgreSQL does not run as root, and there is no user postgres or nobody."
}

# Its owner may not be allowed to see the current folder.
as_owner() { (cd "$folder" && if [ -n "$owner" ]; then runuser -u "$owner" -- "$@"; else "$@"; fi); }

free_port() { python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# The superuser "tests" comes in freely, everybody else with a password, as at a host.
make() {
    mkdir -p "$folder"
    [ -z "$owner" ] || chown "$owner" "$folder"
    as_owner "$binaries/initdb" -D "$data" -U tests -A trust -E UTF8 --no-sync >"$folder/setup.log" 2>&1
    {
        echo "host all tests 127.0.0.1/32 trust"
        echo "host all all 127.0.0.1/32 scram-sha-256"
    } >"$data/pg_hba.conf"
    echo "CREATE DATABASE tests" | as_owner "$binaries/postgres" --single -D "$data" postgres >>"$folder/setup.log" 2>&1
    cat >>"$data/postgresql.conf" <<SETTINGS
port = $(free_port)
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
SETTINGS
    encrypt
}

encrypt() {
    command -v openssl >/dev/null 2>&1 || return 0
    as_owner openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
        -keyout "$data/server.key" -out "$data/server.crt" >>"$folder/setup.log" 2>&1
    echo "ssl = on" >>"$data/postgresql.conf"
}

start() {
    [ -e "$data/PG_VERSION" ] || make
    as_owner "$binaries/pg_ctl" -D "$data" status >/dev/null ||
        as_owner "$binaries/pg_ctl" -D "$data" -l "$folder/log" -w -s start || fail 1 "PostgreSQL does not start: see $folder/log."
    echo "postgres://tests@127.0.0.1:$(sed -n 's/^port = //p' "$data/postgresql.conf")/tests"
}

stop() { as_owner "$binaries/pg_ctl" -D "$data" -m immediate -s stop; }

case $command in
    start | stop) [ -n "$folder" ] || fail 2 "Name a folder: scripts/postgres.sh $command FOLDER" ;;
    *) fail 2 "Say start or stop: scripts/postgres.sh start FOLDER" ;;
esac
find_binaries
find_owner
"$command"
