# MariaDB of the distribution, and MySQL in a root of its own: alike enough to be set up by the same steps.

maria_program() { command -v "$1" || { [ -x "/usr/sbin/$1" ] && echo "/usr/sbin/$1"; }; }

install_mariadb() {
    installed_mariadb && return
    as_root apt-get update -q >&2 &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends mariadb-server >&2
}
installed_mariadb() { maria_program mariadbd >/dev/null && maria_program mariadb-install-db >/dev/null; }

# MySQL comes from Debian's unstable branch, see debian_unstable.
mysql_root=$cache/mysql
install_mysql() {
    installed_mysql && return
    debian_unstable "$mysql_root" mysql-server-core || debian_unstable "$mysql_root" mysql-server || return 1
    wrap_programs "$mysql_root" usr/sbin
    installed_mysql
}
installed_mysql() { [ -x "$mysql_root/usr/sbin/mysqld" ]; }

# What both understand. Hundreds of tests log in at once; nothing has to outlive a crash.
my_configure() { # name, port
    local dir=$state/$1
    for file in server.crt server.key ca.crt; do cp "$state/tls/$file" "$dir/"; done
    chmod 600 "$dir/server.key"
    cat >"$dir/my.cnf" <<CONF
[mysqld]
datadir = $dir/data
tmpdir = $dir/tmp
socket = $dir/socket
pid-file = $dir/pid
log_error = $dir/server.log
bind-address = 127.0.0.1
port = $2
ssl_cert = $dir/server.crt
ssl_key = $dir/server.key
ssl_ca = $dir/ca.crt
performance_schema = ON
max_connections = 400
connect_timeout = 600
local_infile = ON
event_scheduler = OFF
skip-log-bin
skip-name-resolve
sync_binlog = 0
innodb_flush_log_at_trx_commit = 0
innodb_doublewrite = OFF
innodb_buffer_pool_size = 128M
CONF
}

# Everybody may log in from this machine, by name or by socket.
my_users() { # name of the server
    cat <<SQL
create database roost character set utf8mb4;
create user roost@'%' identified by '$(secret roost)';
grant all privileges on *.* to roost@'%' with grant option;
create user tls_only@'%' identified by '$(secret roost)' require ssl;
grant select on roost.* to tls_only@'%';
create user cert_only@'%' identified by '$(secret roost)' require x509;
grant select on roost.* to cert_only@'%';
create user limited@'%' identified by '$(secret roost)' with max_user_connections 2;
grant select on roost.* to limited@'%';
SQL
    if [ "$1" = mariadb ]; then
        cat <<SQL
install soname 'auth_ed25519';
create user ed25519@'%' identified via ed25519 using password('$(secret roost)');
grant select on roost.* to ed25519@'%';
SQL
    else
        cat <<SQL
create user sha256@'%' identified with sha256_password by '$(secret roost)';
grant select on roost.* to sha256@'%';
SQL
    fi
}

# Starts the server once more with the users' statements, and waits until it answers.
my_start() { # name, program and its arguments …
    local name=$1 dir=$state/$1 port
    shift
    port=$(cat "$dir/port")
    (as_server "$@" >>"$dir.log" 2>&1 &)
    for _ in $(seq 600); do
        if [ -s "$dir/pid" ] && (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return; fi
        read -r -t 0.1 <> <(:) || true
    done
    say "$name does not start:"
    tail -n 20 "$dir.log" "$dir/server.log" >&2 2>/dev/null
    return 1
}

my_prepare() { # name
    local dir=$state/$1 port
    port=$(free_port)
    rm -rf "$dir" && mkdir -p "$dir/tmp"
    my_configure "$1" "$port"
    (umask 077 && my_users "$1" >"$dir/init.sql")
    echo "$port" >"$dir/port"
    own "$dir"
}

start_mariadb() {
    local dir=$state/mariadb
    is_running "$dir/pid" && return
    my_prepare mariadb
    echo 'innodb_log_file_size = 64M' >>"$dir/my.cnf"
    if ! as_server "$(maria_program mariadb-install-db)" --defaults-file="$dir/my.cnf" \
        --auth-root-authentication-method=normal --skip-test-db >"$dir.log" 2>&1; then
        say "mariadb cannot be set up:"
        tail -n 20 "$dir.log" >&2
        return 1
    fi
    my_start mariadb "$(maria_program mariadbd)" --defaults-file="$dir/my.cnf" --init-file="$dir/init.sql"
}

restart_mariadb() {
    rm -f "$state/mariadb/pid"
    my_start mariadb "$(maria_program mariadbd)" --defaults-file="$state/mariadb/my.cnf"
}

start_mysql() {
    local dir=$state/mysql own=$mysql_root/usr
    is_running "$dir/pid" && return
    my_prepare mysql
    cat >>"$dir/my.cnf" <<CONF
mysqlx = OFF
innodb_redo_log_capacity = 64M
basedir = $own
plugin-dir = $own/lib/mysql/plugin
lc-messages-dir = $own/share/mysql
character-sets-dir = $own/share/mysql/charsets
secure-file-priv =
CONF
    if ! as_server "$own/sbin/mysqld" --defaults-file="$dir/my.cnf" --initialize-insecure >"$dir.log" 2>&1; then
        say "mysql cannot be set up:"
        tail -n 20 "$dir.log" "$dir/server.log" >&2 2>/dev/null
        return 1
    fi
    my_start mysql "$own/sbin/mysqld" --defaults-file="$dir/my.cnf" --init-file="$dir/init.sql"
}

restart_mysql() {
    rm -f "$state/mysql/pid"
    my_start mysql "$mysql_root/usr/sbin/mysqld" --defaults-file="$state/mysql/my.cnf"
}

my_status() { if is_running "$state/$1/pid"; then echo "$1: running on port $(cat "$state/$1/port")"; else echo "$1: stopped"; fi; }
my_env() { # name, variable
    is_running "$state/$1/pid" || return 0
    local port
    port=$(cat "$state/$1/port")
    echo "export ROOST_TEST_$2_URL='$1://roost:$(secret roost)@localhost:$port/roost?sslmode=verify-full&sslrootcert=$state/tls/ca.crt'"
    echo "export ROOST_TEST_$2_SOCKET='$state/$1/socket'"
    echo "export ROOST_TEST_$2_PORT='$port'"
}

stop_mariadb() { stop_pid "$state/mariadb/pid"; }
stop_mysql() { stop_pid "$state/mysql/pid"; }
status_mariadb() { my_status mariadb; }
status_mysql() { my_status mysql; }
env_mariadb() { my_env mariadb MARIADB; }
env_mysql() { my_env mysql MYSQL; }
