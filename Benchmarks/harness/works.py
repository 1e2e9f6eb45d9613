"""What is measured, per engine: the work, how often it is done at full scale, and who does it. The first peer is the floor."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Work:
    count: int
    peers: tuple
    # Counts are multiples of this, and at least this.
    step: int = 1
    # Allocations are counted with this count and three times as much.
    mallocs_count: int = 2_000
    # These take minutes, and have one turn.
    slow: tuple = ()

    def scaled(self, scale):
        return max(int(self.count * scale) // self.step, 1) * self.step


ALL_SQLITE = ("c-api", "roost", "grdb", "python-sqlite3", "sqlalchemy-core")
SQLITE = {
    "fetch_1m": Work(1_000_000, ("c-api", "c-api-owned", "roost", "grdb", "sqlalchemy-core"), 1_000),
    "fetch_1m_on_loop": Work(1_000_000, ("c-api", "c-api-owned", "roost"), 1_000),
    "fetch_1m_values": Work(1_000_000, ("c-api", "roost", "python-sqlite3"), 1_000),
    "point_select": Work(100_000, ALL_SQLITE, 100),
    "point_select_on_loop": Work(200_000, ("c-api", "roost", "grdb"), 100),
    "point_select_hop": Work(50_000, ("c-api", "roost", "grdb", "python-sqlite3"), 100),
    "insert_1m": Work(1_000_000, ("c-api", "roost", "grdb", "python-sqlite3"), 1_000),
    # Models: GRDB's records come first.
    "orm_load_200k": Work(200_000, ("grdb", "roost", "roost-orm"), 1_000),
    "orm_find": Work(100_000, ("grdb", "roost", "roost-orm"), 100),
}

DRIVERS = ("libpq", "roost", "asyncpg", "psycopg3")
POSTGRESQL = {
    "point_select": Work(30_000, DRIVERS + ("sqlalchemy-core",), 100),
    "point_select_on_loop": Work(50_000, ("libpq", "roost"), 100),
    "pipelined_64": Work(200_000, ("libpq", "roost", "psycopg3"), 640, 6_400),
    "pool16_tasks64": Work(100_000, ("libpq", "roost", "asyncpg"), 640, 6_400),
    "fetch_1m": Work(1_000_000, DRIVERS + ("sqlalchemy-core",), 1_000, 20_000),
    "fetch_1m_values": Work(1_000_000, ("libpq", "roost"), 1_000, 20_000),
    "insert_1m": Work(1_000_000, DRIVERS + ("sqlalchemy-core",), 1_000, 20_000),
    "copy_in_1m": Work(1_000_000, DRIVERS, 1_000, 20_000),
    "stream_5m": Work(5_000_000, DRIVERS, 5_000, 20_000),
    # Tables whose structure is read, a thousand at a time. No C interface reads structures: SQLAlchemy's bare calls come first.
    "schema_read_1000": Work(10_000, ("sqlalchemy-multi", "roost", "sqlalchemy-reflect"), 1_000, 1_000),
    # The same, compared with what should be.
    "schema_compare_1000": Work(3_000, ("roost", "alembic"), 1_000, 1_000),
    # Models: the driver alone comes first, then models on a connection, and a session.
    "orm_load_200k": Work(200_000, ("roost", "roost-orm", "roost-session", "sqlalchemy-orm"), 1_000, 20_000),
    "orm_point_select": Work(30_000, ("roost", "roost-orm", "sqlalchemy-orm"), 100),
    "orm_insert_100k": Work(100_000, ("roost", "roost-orm", "roost-session", "sqlalchemy-orm"), 1_000, 20_000),
    "orm_update_20k": Work(20_000, ("roost", "roost-orm", "roost-session", "sqlalchemy-orm"), 1_000, 5_000),
    # Here `count` is a number of queries over ten connections, and an operation is a row.
    "pgbench_1": Work(2_000, DRIVERS, 10, 40),
    "pgbench_2": Work(3_000, DRIVERS, 10, 40),
    "pgbench_3": Work(5_000, DRIVERS, 10, 40),
    "pgbench_4": Work(2_000, DRIVERS, 10, 40),
    "pgbench_5": Work(100, DRIVERS, 10, 10),
    "pgbench_6": Work(200, DRIVERS, 10, 20),
    "pgbench_7": Work(60_000, DRIVERS, 10, 2_000),
}

MYSQL_DRIVERS = ("libmariadb", "roost", "asyncmy", "pymysql", "sqlalchemy-core")
MYSQL = {
    "point_select": Work(30_000, MYSQL_DRIVERS, 100),
    "point_select_on_loop": Work(50_000, ("libmariadb", "roost"), 100),
    "pool16_tasks64": Work(100_000, ("libmariadb", "roost", "asyncmy"), 640, 6_400),
    "fetch_1m": Work(1_000_000, MYSQL_DRIVERS, 1_000, 20_000),
    "fetch_1m_values": Work(1_000_000, ("libmariadb", "roost"), 1_000, 20_000),
    "insert_1m": Work(1_000_000, MYSQL_DRIVERS, 1_000, 20_000),
    "load_1m": Work(1_000_000, ("libmariadb", "roost"), 1_000, 20_000),
    "stream_5m": Work(5_000_000, ("libmariadb", "roost", "asyncmy", "pymysql"), 5_000, 20_000),
    "orm_update_20k": Work(20_000, ("roost", "roost-orm", "roost-session"), 1_000, 5_000),
}
MARIADB = MYSQL

# Tables from one engine to another; a row is an operation. The engines' own clients, piped together, come first.
def moves(*others, slow=()):
    return Work(5_000_000, ("clients", "roost", *others), 1_000, slow=slow)


PIPELINE = {
    "pg_to_pg_5m": moves("ingestr", "sling", "dlt", slow=("sling", "dlt")),
    "mariadb_to_pg_5m": moves("ingestr", "sling", "pgloader", slow=("sling", "pgloader")),
    "sqlite_to_pg_5m": moves("ingestr", "sling", "pgloader", slow=("sling", "pgloader")),
    "csv_to_pg_5m": moves("ingestr", "sling", slow=("ingestr", "sling")),
    "pg_to_mariadb_5m": moves("sling", slow=("sling",)),
}
# And once more compared with its source before it is published, which only Roost does.
PIPELINE |= {f"{work}_verified": plan for work, plan in [(work, moves()) for work in PIPELINE if not work.startswith("csv")]}


def ends(work):
    """Where a move begins and ends."""
    source, target = work.split("_")[0], work.split("_")[2]
    return {"pg": "postgresql"}.get(source, source), {"pg": "postgresql"}.get(target, target)
