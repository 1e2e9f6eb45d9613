"""PostgreSQL: a server of scripts/servers, or the one that ROOST_BENCH_POSTGRESQL_URL names."""
import contextlib, shutil

from . import tools, works
from .server import ServerEngine


class PostgreSQL(ServerEngine):
    name, title = "postgresql", "PostgreSQL"
    works = works.POSTGRESQL
    server, test_variable = "postgresql15", "ROOST_TEST_POSTGRESQL_15_URL"
    counts_mallocs = ("libpq", "roost", "roost-orm", "roost-session")
    writes = ("insert_1m", "copy_in_1m", "pgbench_5", "pgbench_6", "orm_insert_100k", "orm_update_20k")
    new_tables = ("bench_new", "bench_rows", "bench_orm")
    setup = "Peers/postgresql/setup.sql"
    # The comment that setup.sql leaves; another one there makes the tables again.
    data = "roost benchmarks 4"
    comment = "select obj_description(to_regclass('bench_item'))"

    def peers(self):
        """What starts each peer, and its version."""
        roost = self.roost()
        folder = "Peers/postgresql/"
        include = shutil.which("pg_config") and tools.run(["pg_config", "--includedir", "--libdir"], capture_output=True).stdout.split()
        flags = ["-I", include[0], "-L", include[1]] if include else []
        sources = [f"postgresql/{path.name}" for path in sorted((tools.BENCHMARKS / folder).glob("*.c"))]
        libpq = tools.compile_c("libpq_peer", [*sources, "pool.c"], *flags, "-lpq", "-lpthread", "-ldl")
        commands = {"libpq": [libpq], "roost": roost, "roost-orm": [*roost, "orm"], "roost-session": [*roost, "session"]}
        versions = {"PostgreSQL": self.sql("select current_setting('server_version')"), "roost": tools.roost_version(),
                    "libpq": tools.run([libpq, "version", "-", "0"], capture_output=True).stdout.strip()}
        self.add_python_peers(commands, versions, folder + "python_peers.py",
                              {"asyncpg": "asyncpg", "psycopg3": "psycopg", "sqlalchemy-core": "sqlalchemy",
                               "sqlalchemy-multi": "sqlalchemy", "sqlalchemy-reflect": "sqlalchemy"})
        self.add_python_peers(commands, versions, folder + "sqlalchemy_orm.py", {"sqlalchemy-orm": "sqlalchemy"})
        self.add_python_peers(commands, versions, folder + "alembic_compare.py", {"alembic": "alembic"})
        return commands, versions

    def empty(self):
        # Keys begin at one again.
        self.sql("".join(f"truncate table {table} restart identity;\n" for table in self.new_tables))

    @contextlib.contextmanager
    def target(self, work, count):
        """The thousand tables are there while their structure is read, for a large catalogue would weigh on the other works."""
        if work == "orm_update_20k":
            with super().target(work, count) as target:
                self.sql(f"insert into bench_orm select * from bench_item where id <= {count};\nanalyze bench_orm;\n")
                yield target
            return
        if not work.startswith("schema_"):
            with super().target(work, count) as target:
                yield target
            return
        try:
            self.sql("".join(map(wide_table, range(1, 1_001))))
            yield self.url
        finally:
            # A hundred at a time: each takes several locks.
            names = [f"bench_wide_{number}" for number in range(1_000, 0, -1)]
            self.sql("".join(f"drop table if exists {', '.join(names[start:start + 100])} cascade;\n" for start in range(0, 1_000, 100)))

    def verify(self, work, target, count):
        """What was written has to be the same rows, value by value, as the server makes itself."""
        if work in ("insert_1m", "copy_in_1m"):
            found = self.sql("select concat_ws(' ', (select count(*) from bench_new), (select count(*) from bench_new n"
                             " join bench_item i on i.id = n.id where n::text = i::text))")
            wanted = f"{count} {count}"
        elif work.startswith("orm_") and work in self.writes:
            quantity = "quantity + 1" if work == "orm_update_20k" else "quantity"
            found = self.sql(f"""
                select concat_ws(' ', (select count(*) from bench_orm), (select count(*) from bench_orm n
                    join (select id, name, price, {quantity} as quantity, at, note from bench_item) i on i.id = n.id where n::text = i::text))""")
            wanted = f"{count} {count}"
        elif work in self.writes:
            rows = 10_000 if work == "pgbench_5" else 1_000
            found = self.sql("select concat_ws(' ', count(*), sum(hashtextextended(r::text, 0))) from bench_rows r")
            wanted = self.sql(f"""
                select concat_ws(' ', {count} * count(*), {count} * sum(hashtextextended(row(i, i + 1, i % 7, 'ROW ' || 10000000 + i,
                    i + 0.25::float8, 12000000 + i, (120000000000 + i)::text)::text, 0)))
                from generate_series(1, {rows}) i""")
        else:
            return
        if found != wanted:
            raise tools.Failure(f"{work}: what was written is not right: {found}, not {wanted}.")


def wide_table(number):
    """A table of twelve columns with a primary key, a unique constraint, a foreign key, a check and two indexes."""
    name = f"bench_wide_{number}"
    return f"""
        create table {name} (
            id bigint primary key, code varchar(20) not null unique, name text not null,
            parent bigint references bench_wide_{max(number // 2, 1)} (id) on delete cascade, amount numeric(12, 2) not null default 0,
            quantity integer, price double precision, flag boolean default false, created timestamptz not null default now(),
            changed timestamp(3), data jsonb, note text constraint {name}_note check (note <> ''));
        create index {name}_parent on {name} (parent);
        create index {name}_created on {name} (created desc, amount);
        """.replace("        ", "").strip() + "\n"
