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

# PostgreSQL 18 comes from Debian's unstable branch, unpacked into a folder of its own and run with its own libraries.
pg18_root=$cache/sid-postgresql-18
install_postgresql18() {
    installed_postgresql18 && return
    if pg_bin 18 >/dev/null; then return; fi
    command -v debootstrap >/dev/null ||
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends debootstrap >&2 || return 1
    local mirror
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' 2>/dev/null |
        grep -v security | head -1)
    mkdir -p "$cache"
    as_root rm -rf "$pg18_root"
    as_root debootstrap --variant=minbase sid "$pg18_root" "$mirror" >&2 || return 1
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$pg18_root/usr/sbin/policy-rc.d" >/dev/null
    as_root chmod +x "$pg18_root/usr/sbin/policy-rc.d"
    as_root mount -t proc proc "$pg18_root/proc" || true
    as_root chroot "$pg18_root" apt-get -qq -o Acquire::Check-Valid-Until=false update >&2 || true
    as_root chroot "$pg18_root" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        postgresql-18 >&2
    as_root umount "$pg18_root/proc" || true
    as_root chroot "$pg18_root" apt-get clean
    installed_postgresql18
}
installed_postgresql18() { [ -x "$pg18_root/usr/lib/postgresql/18/bin/postgres" ]; }

# Runs a program of PostgreSQL 18 with the libraries of its root, without chroot: paths stay those of this machine.
pg18() {
    local root=$pg18_root program=$1
    shift
    as_server env "LD_LIBRARY_PATH=" "$root/lib64/ld-linux-x86-64.so.2" \
        --library-path "$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu" \
        "$root/usr/lib/postgresql/18/bin/$program" "$@"
}

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
max_connections = 100
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

start_postgresql15() {
    local dir=$state/postgresql15 bin port
    is_running "$dir/data/postmaster.pid" && return
    bin=$(pg_bin 15)
    port=$(free_port)
    rm -rf "$dir" && mkdir -p "$dir" && own "$dir"
    as_server "$bin/initdb" -D "$dir/data" -U roost -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir.log" 2>&1
    pg_configure "$dir" "$port"
    own "$dir"
    sed -i 's/^local .*/local all all trust/' "$dir/data/pg_hba.conf"
    as_server "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -t 60 start >>"$dir.log" 2>&1
    pg_users | as_server "$bin/psql" -X -q -h "$dir" -p "$port" -U roost -d postgres >>"$dir.log" 2>&1
    sed -i 's/^local .*/local all all scram-sha-256/' "$dir/data/pg_hba.conf"
    as_server "$bin/pg_ctl" -D "$dir/data" reload >>"$dir.log" 2>&1
}
stop_postgresql15() { stop_pid "$state/postgresql15/data/postmaster.pid" INT; }
status_postgresql15() { pg_status postgresql15; }
env_postgresql15() { pg_env postgresql15 POSTGRESQL_15; }

start_postgresql18() {
    local dir=$state/postgresql18 port root=$pg18_root
    is_running "$dir/data/postmaster.pid" && return
    port=$(free_port)
    rm -rf "$dir" && mkdir -p "$dir/lib" && own "$dir"
    # initdb and pg_ctl look for their siblings by running them, which ld.so stands in the way of: chroot does it.
    as_root mkdir -p "$root$dir"
    as_root mount --bind "$dir" "$root$dir" 2>/dev/null || return 1
    as_root mount -t proc proc "$root/proc" 2>/dev/null || true
    local in="chroot --userspec=65534:65534 $root env HOME=$dir"
    as_root $in /usr/lib/postgresql/18/bin/initdb -D "$dir/data" -U roost -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
        >"$dir.log" 2>&1
    pg_configure "$dir" "$port"
    own "$dir"
    sed -i 's/^local .*/local all all trust/' "$dir/data/pg_hba.conf"
    as_root $in /usr/lib/postgresql/18/bin/pg_ctl -D "$dir/data" -l "$dir/server.log" -w -t 60 start >>"$dir.log" 2>&1
    pg_users | as_root $in /usr/lib/postgresql/18/bin/psql -X -q -h "$dir" -p "$port" -U roost -d postgres \
        >>"$dir.log" 2>&1
    sed -i 's/^local .*/local all all scram-sha-256/' "$dir/data/pg_hba.conf"
    as_root $in /usr/lib/postgresql/18/bin/pg_ctl -D "$dir/data" reload >>"$dir.log" 2>&1
}
stop_postgresql18() {
    stop_pid "$state/postgresql18/data/postmaster.pid" INT
    as_root umount "$pg18_root$state/postgresql18" 2>/dev/null || true
    as_root umount "$pg18_root/proc" 2>/dev/null || true
}
status_postgresql18() { pg_status postgresql18; }
env_postgresql18() { pg_env postgresql18 POSTGRESQL_18; }

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
