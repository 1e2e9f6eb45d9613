"""MySQL and MariaDB: servers of scripts/servers, or those that ROOST_BENCH_MYSQL_URL and ROOST_BENCH_MARIADB_URL name."""
import contextlib

from . import tools, works
from .server import ServerEngine


class MySQL(ServerEngine):
    name, title = "mysql", "MySQL"
    works = works.MYSQL
    server, test_variable = "mysql", "ROOST_TEST_MYSQL_URL"
    options = "sslmode=disable&allow_public_key_retrieval=true"
    counts_mallocs = ("libmariadb", "roost")
    writes = ("insert_1m", "load_1m", "orm_update_20k")
    new_tables = ("bench_new", "bench_orm")
    setup = "Peers/mysql/setup.sql"
    # The comment that setup.sql leaves; another one there makes the tables again.
    data = "roost benchmarks 2"
    comment = "select table_comment from information_schema.tables where table_schema = database() and table_name = 'bench_item'"
    # The table fits into memory, and a million rows into the log.
    settings = ("innodb_buffer_pool_size = 536870912", "innodb_redo_log_capacity = 536870912", "local_infile = 1")

    def prepare(self):
        if self.is_own:
            self.sql("".join(f"set global {setting};\n" for setting in self.settings))

    def peers(self):
        """What starts each peer, and its version."""
        roost = self.roost()
        flags = tools.run(["mariadb_config", "--cflags", "--libs"], capture_output=True).stdout.split()
        floor = tools.compile_c("libmariadb_peer", ["mysql/libmariadb_peer.c", "mysql/libmariadb_writing.c", "pool.c"],
                                *flags, "-lpthread", "-ldl")
        commands = {"libmariadb": [floor], "roost": roost, "roost-orm": [*roost, "orm"], "roost-session": [*roost, "session"]}
        versions = {self.title: self.sql("select version()"), "roost": tools.roost_version(),
                    "libmariadb": tools.run([floor, "version", "-", "0"], capture_output=True).stdout.strip()}
        self.add_python_peers(commands, versions, "Peers/mysql/python_peers.py",
                              {"asyncmy": "asyncmy", "pymysql": "pymysql", "sqlalchemy-core": "sqlalchemy"})
        return commands, versions

    @contextlib.contextmanager
    def target(self, work, count):
        with super().target(work, count) as target:
            if work == "orm_update_20k":
                self.sql(f"insert into bench_orm select * from bench_item where id <= {count};\nanalyze table bench_orm;\n")
            yield target

    def verify(self, work, target, count):
        """What was written has to be the same rows, value by value, as the server makes itself."""
        if work not in self.writes:
            return
        table, quantity = ("bench_orm", "i.quantity + 1") if work == "orm_update_20k" else ("bench_new", "i.quantity")
        found = self.sql(f"""
            select concat((select count(*) from {table}), ' ', (select count(*) from {table} n join bench_item i on i.id = n.id
                where cast(n.name as binary) = cast(i.name as binary) and n.price = i.price and n.quantity = {quantity} and n.at = i.at
                    and cast(n.note as binary) <=> cast(i.note as binary)))""")
        if found != f"{count} {count}":
            raise tools.Failure(f"{work}: what was written is not right: {found}, not {count} {count}.")


class MariaDB(MySQL):
    name, title = "mariadb", "MariaDB"
    works = works.MARIADB
    server, test_variable = "mariadb", "ROOST_TEST_MARIADB_URL"
    options = "sslmode=disable"
    settings = ("innodb_buffer_pool_size = 536870912", "innodb_log_file_size = 536870912", "local_infile = 1")
