# PostgreSQL 15 (or the distribution's own), PostgreSQL 18 in a root of its own, PgBouncer in transaction mode.

pg_bin() { # major version
    local bin
    for bin in "/usr/lib/postgresql/$1/bin" "/usr/pgsql-$1/bin"; do
        if [ -x "$bin/postgres" ]; then echo "$bin" && return; fi
    done
    return 1
}

install_postgresql15() {
    pg_bin 15 >/dev/null && return
    as_root apt-get update -q >&2 &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
            postgresql-15 postgresql-contrib-15 >&2
}
installed_postgresql15() { pg_bin 15 >/dev/null; }

install_pgbouncer() {
    command -v pgbouncer >/dev/null && return
    as_root apt-get update -q >&2 &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends pgbouncer >&2
}
installed_pgbouncer() { command -v pgbouncer >/dev/null && installed_postgresql15; }

# PostgreSQL 18 with TimescaleDB comes from Debian's unstable branch, see debian_unstable.
pg18_root=$cache/postgresql-18
install_postgresql18() {
    if [ -f "$(pg18_timescaledb)" ] || pg_bin 18 >/dev/null; then return; fi
    debian_unstable "$pg18_root" postgresql-18 postgresql-18-timescaledb
    wrap_programs "$pg18_root" usr/lib/postgresql/18/bin
    installed_postgresql18
}
pg18_timescaledb() { echo "$(dirname "$(pg18_bin || echo "$pg18_root/none/bin")")/lib/timescaledb.so"; }
pg18_bin() {
    if [ -x "$pg18_root/usr/lib/postgresql/18/bin/postgres" ]; then
        echo "$pg18_root/usr/lib/postgresql/18/bin"
    else
        pg_bin 18
    fi
}
installed_postgresql18() { pg18_bin >/dev/null; }

pg_configure() { # directory, port, major version
    local dir=$1 port=$2
    cp "$state/tls/server.crt" "$state/tls/server.key" "$state/tls/ca.crt" "$dir/data/"
    chmod 600 "$dir/data/server.key"
    cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$dir'
ssl = on
ssl_cert_file = 'server.crt'
ssl_key_file = 'server.key'
ssl_ca_file = 'ca.crt'
password_encryption = 'scram-sha-256'
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = logical
max_connections = 400
# Hundreds of tests log in at once, under the thread sanitizer ten times slower than usual; slowness is no failure.
authentication_timeout = 10min
max_prepared_transactions = 20
max_wal_size = 4GB
shared_buffers = 256MB
dynamic_shared_memory_type = mmap
logging_collector = off
log_min_messages = fatal
CONF
    cat >"$dir/data/pg_hba.conf" <<HBA
local   all all                        scram-sha-256
hostssl all roost_cert  127.0.0.1/32   cert
hostssl all roost_clear 127.0.0.1/32   password
hostnossl all roost_clear 127.0.0.1/32 password
host    all roost_md5   127.0.0.1/32   md5
host    all all         127.0.0.1/32   scram-sha-256
HBA
    echo "$port" >"$dir/port"
}

pg_users() {
    cat <<SQL
alter user roost password '$(secret roost)';
create user roost_cert;
create user roost_clear password '$(secret roost)';
create user roost_limited password '$(secret roost)' connection limit 2;
set password_encryption = 'md5';
create user roost_md5 password '$(secret roost)';
create database roost;
SQL
}

pg_start() { # name, folder of its programs, further settings
    local dir=$state/$1 bin=$2 settings=${3:-} port
    if is_running "$dir/data/postmaster.pid"; then return; fi
    port=$(free_port)
    rm -rf "$dir" && mkdir -p "$dir" && own "$dir"
    if ! {
        as_server "$bin/initdb" -D "$dir/data" -U roost -A trust -E UTF8 --locale=C.UTF-8 --no-sync &&
            pg_configure "$dir" "$port" &&
            printf '%s\n' "$settings" >>"$dir/data/postgresql.conf" &&
            own "$dir" &&
            sed -i 's/^local .*/local all all trust/' "$dir/data/pg_hba.conf" &&
            as_server "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -t 60 start &&
            pg_users | as_server "$bin/psql" -X -q -v ON_ERROR_STOP=1 -h "$dir" -p "$port" -U roost -d postgres &&
            sed -i 's/^local .*/local all all scram-sha-256/' "$dir/data/pg_hba.conf" &&
            as_server "$bin/pg_ctl" -D "$dir/data" reload
    } >"$dir.log" 2>&1; then
        say "$1 does not start:"
        tail -n 20 "$dir.log" "$dir/server.log" >&2 2>/dev/null
        return 1
    fi
}

# Processes of the killed server may have to notice first that it is gone.
pg_restart() { # name, folder of its programs
    local dir=$state/$1
    for _ in $(seq 100); do
        if as_server "$2/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -t 60 start >>"$dir.log" 2>&1; then return; fi
        read -r -t 0.2 <> <(:) || true
    done
    say "$1 does not start again:"
    tail -n 20 "$dir.log" "$dir/server.log" >&2 2>/dev/null
    return 1
}

restart_postgresql15() { pg_restart postgresql15 "$(pg_bin 15)"; }
restart_postgresql18() { pg_restart postgresql18 "$(pg18_bin)"; }
start_postgresql15() { pg_start postgresql15 "$(pg_bin 15)"; }
stop_postgresql15() { stop_pid "$state/postgresql15/data/postmaster.pid" INT; }
status_postgresql15() { pg_status postgresql15; }
env_postgresql15() { pg_env postgresql15 POSTGRESQL_15; }

start_postgresql18() {
    local settings=
    if [ -f "$(pg18_timescaledb)" ]; then
        settings="shared_preload_libraries = 'timescaledb'
timescaledb.telemetry_level = off"
    fi
    pg_start postgresql18 "$(pg18_bin)" "$settings"
}
stop_postgresql18() { stop_pid "$state/postgresql18/data/postmaster.pid" INT; }
status_postgresql18() { pg_status postgresql18; }
env_postgresql18() {
    pg_env postgresql18 POSTGRESQL_18
    if grep -qs "'timescaledb'" "$state/postgresql18/data/postgresql.conf"; then echo "export ROOST_TEST_TIMESCALEDB=1"; fi
}

pg_status() {
    if is_running "$state/$1/data/postmaster.pid"; then
        echo "$1: running on port $(cat "$state/$1/port")"
    else
        echo "$1: stopped"
    fi
}

pg_env() { # name, variable
    is_running "$state/$1/data/postmaster.pid" || return 0
    local port
    port=$(cat "$state/$1/port")
    echo "export ROOST_TEST_$2_URL='postgresql://roost:$(secret roost)@localhost:$port/roost?sslmode=verify-full&sslrootcert=$state/tls/ca.crt'"
    echo "export ROOST_TEST_$2_SOCKET='$state/$1'"
    echo "export ROOST_TEST_$2_PORT='$port'"
    echo "export ROOST_TEST_PASSWORD='$(secret roost)'"
}

start_pgbouncer() {
    local dir=$state/pgbouncer port upstream
    is_running "$dir/pid" && return
    installed_postgresql15 && [ -f "$state/postgresql15/port" ] || return 1
    upstream=$(cat "$state/postgresql15/port")
    port=$(free_port)
    rm -rf "$dir" && mkdir -p "$dir"
    cp "$state/tls/server.crt" "$state/tls/server.key" "$state/tls/ca.crt" "$dir/"
    printf '"roost" "%s"\n' "$(secret roost)" >"$dir/users"
    # Without sbuf_loopcnt=0 it stalls now and then in the middle of a large message over TLS (pgbouncer issues 98 and 1530).
    cat >"$dir/pgbouncer.ini" <<CONF
[databases]
* = host=127.0.0.1 port=$upstream
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $port
unix_socket_dir =
auth_type = scram-sha-256
auth_file = $dir/users
pool_mode = transaction
sbuf_loopcnt = 0
client_login_timeout = 600
query_wait_timeout = 600
default_pool_size = 10
max_client_conn = 500
client_tls_sslmode = allow
client_tls_key_file = $dir/server.key
client_tls_cert_file = $dir/server.crt
server_tls_sslmode = require
ignore_startup_parameters = extra_float_digits
pidfile = $dir/pid
logfile = $dir/log
CONF
    chmod 600 "$dir/users" "$dir/server.key"
    own "$dir"
    echo "$port" >"$dir/port"
    as_server pgbouncer -d -q "$dir/pgbouncer.ini" >>"$dir.log" 2>&1
    for _ in $(seq 100); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return; fi
        read -r -t 0.1 <> <(:) || true
    done
    return 1
}
stop_pgbouncer() { stop_pid "$state/pgbouncer/pid" INT; }
status_pgbouncer() { if is_running "$state/pgbouncer/pid"; then echo "pgbouncer: running on port $(cat "$state/pgbouncer/port")"; else echo "pgbouncer: stopped"; fi; }
env_pgbouncer() {
    is_running "$state/pgbouncer/pid" || return 0
    echo "export ROOST_TEST_PGBOUNCER_URL='postgresql://roost:$(secret roost)@localhost:$(cat "$state/pgbouncer/port")/roost?sslmode=verify-full&sslrootcert=$state/tls/ca.crt'"
}
