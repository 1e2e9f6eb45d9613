"""asyncpg, psycopg 3 and SQLAlchemy Core over PostgreSQL. Usage: python_peers.py PEER WORK URL COUNT"""
import asyncio, datetime, sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from shared import Clock, check, ids, item, microseconds  # noqa: E402

PEER, WORK, URL, COUNT = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
COLUMNS = ["id", "name", "price", "quantity", "at", "note"]
SELECT = "select id, name, price, quantity, at, note from bench_item"
POINT = SELECT + " where id = "
ALL = SELECT + f" where id <= {COUNT}"
STREAM = f"select id, name, price, quantity, at, note from generate_series(1, 5), bench_item where id <= {COUNT // 5}"
UTC = datetime.timezone.utc


def items():
    return [item(i, UTC) for i in range(1, COUNT + 1)]


def utc(at):
    return microseconds(at.astimezone(UTC))


def total(rows):
    return sum(check(row, utc) for row in rows)


async def run_asyncpg():
    import asyncpg
    if WORK.startswith("pgbench_"):
        from seven_queries import AsyncpgQueries
        return await AsyncpgQueries(URL, COUNT).run(int(WORK[8:]))
    if WORK == "pool16_tasks64":
        return await asyncpg_pool(asyncpg)
    connection = await asyncpg.connect(URL)
    point = await connection.prepare(POINT + "$1")
    if WORK == "point_select":
        wanted = ids(COUNT)
        with Clock() as clock:
            found = [await point.fetchrow(i) for i in wanted]
        return clock, COUNT, total(found)
    if WORK == "fetch_1m":
        with Clock() as clock:
            rows = await connection.fetch(ALL)
        return clock, COUNT, total(rows)
    if WORK == "stream_5m":
        async with connection.transaction():
            with Clock() as clock:
                async for _ in connection.cursor(STREAM, prefetch=1000):
                    pass
            return clock, COUNT, sum([check(row, utc) async for row in connection.cursor(STREAM, prefetch=1000)])
    rows = items()
    with Clock() as clock:
        if WORK == "insert_1m":
            await connection.executemany("insert into bench_new values ($1, $2, $3, $4, $5, $6)", rows)
        else:
            await connection.copy_records_to_table("bench_new", columns=COLUMNS, records=rows)
    return clock, COUNT, 0


async def asyncpg_pool(asyncpg):
    pool = await asyncpg.create_pool(URL, min_size=16, max_size=16)

    async def worker(wanted):
        found = []
        for i in wanted:
            async with pool.acquire() as connection:
                found.append(await connection.fetchrow(POINT + "$1", i))
        return found

    wanted = ids(COUNT)
    await asyncio.gather(*(worker(range(1, 101)) for _ in range(64)))
    with Clock() as clock:
        parts = await asyncio.gather(*(worker(wanted[k::64]) for k in range(64)))
    await pool.close()
    return clock, COUNT, sum(map(total, parts))


def run_psycopg():
    import psycopg
    if WORK.startswith("pgbench_"):
        from seven_queries import PsycopgQueries
        return asyncio.run(PsycopgQueries(URL, COUNT).run(int(WORK[8:])))
    with psycopg.connect(URL, autocommit=True) as connection:
        cursor = connection.cursor(binary=True)
        cursor.execute(POINT + "%s", (1,), prepare=True).fetchone()
        if WORK == "point_select":
            wanted = ids(COUNT)
            with Clock() as clock:
                found = [cursor.execute(POINT + "%s", (i,), prepare=True).fetchone() for i in wanted]
            return clock, COUNT, total(found)
        if WORK == "pipelined_64":
            wanted, found = ids(COUNT), []
            cursors = [connection.cursor(binary=True) for _ in range(64)]
            with Clock() as clock, connection.pipeline():
                for start in range(0, COUNT, 64):
                    asked = list(zip(cursors, wanted[start:start + 64]))
                    for one, i in asked:
                        one.execute(POINT + "%s", (i,), prepare=True)
                    found += [one.fetchone() for one, _ in asked]
            return clock, COUNT, total(found)
        if WORK == "fetch_1m":
            with Clock() as clock:
                rows = cursor.execute(ALL).fetchall()
            return clock, COUNT, total(rows)
        if WORK == "stream_5m":
            with connection.transaction(), connection.cursor("stream", binary=True) as stream:
                stream.itersize = 10_000
                with Clock() as clock:
                    for _ in stream.execute(STREAM):
                        pass
                return clock, COUNT, total(stream.execute(STREAM))
        rows = items()
        with Clock() as clock:
            if WORK == "insert_1m":
                with connection.transaction():
                    cursor.executemany("insert into bench_new values (%s, %s, %s, %s, %s, %s)", rows)
            else:
                with cursor.copy(f"copy bench_new ({', '.join(COLUMNS)}) from stdin (format binary)") as copy:
                    copy.set_types(["int8", "text", "float8", "int4", "timestamptz", "text"])
                    for row in rows:
                        copy.write_row(row)
        return clock, COUNT, 0


def run_sqlalchemy():
    import sqlalchemy as sa
    table = sa.Table("bench_item", sa.MetaData(), sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("name", sa.Text),
                     sa.Column("price", sa.Double), sa.Column("quantity", sa.Integer), sa.Column("at", sa.DateTime(timezone=True)),
                     sa.Column("note", sa.Text))
    engine = sa.create_engine(URL.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if WORK == "fetch_1m":
            with Clock() as clock:
                rows = connection.execute(sa.select(table).where(table.c.id <= COUNT)).all()
            return clock, COUNT, total(rows)
        if WORK == "point_select":
            wanted = ids(COUNT)
            with Clock() as clock:
                found = [connection.execute(sa.select(table).where(table.c.id == i)).first() for i in wanted]
            return clock, COUNT, total(found)
    new = table.to_metadata(sa.MetaData(), name="bench_new")
    rows = [dict(zip(COLUMNS, row)) for row in items()]
    engine = sa.create_engine(URL.replace("postgresql://", "postgresql+psycopg://"))
    with Clock() as clock, engine.begin() as connection:
        connection.execute(sa.insert(new), rows)
    return clock, COUNT, 0


def run_schema():
    """SQLAlchemy's reflection, and the bare calls below it."""
    import sqlalchemy as sa
    kinds = ("columns", "pk_constraint", "foreign_keys", "indexes", "unique_constraints", "check_constraints", "table_comment")
    engine = sa.create_engine(URL.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        with Clock() as clock:
            for _ in range(COUNT // 1_000):
                if PEER == "sqlalchemy-reflect":
                    metadata = sa.MetaData()
                    metadata.reflect(connection)
                else:
                    inspector = sa.inspect(connection)
                    found = {kind: getattr(inspector, f"get_multi_{kind}")() for kind in kinds}
    total = 0
    if PEER == "sqlalchemy-reflect":
        for table in metadata.tables.values():
            if not table.name.startswith("bench_wide_"):
                continue
            total += len(table.name) + len(table.primary_key.columns) + sum(len(index.name) for index in table.indexes)
            for column in table.columns:
                total += len(column.name) + column.nullable + (column.server_default is not None) + (getattr(column.type, "length", 0) or 0)
            for key in table.foreign_key_constraints:
                total += len(key.referred_table.name) + len(key.columns)
            total += sum(isinstance(one, (sa.UniqueConstraint, sa.CheckConstraint)) for one in table.constraints)
    else:
        for (_, name), columns in found["columns"].items():
            if not name.startswith("bench_wide_"):
                continue
            key = None, name
            total += len(name) + len(found["pk_constraint"][key]["constrained_columns"])
            total += sum(len(index["name"]) for index in found["indexes"][key] if "duplicates_constraint" not in index)
            for column in columns:
                total += len(column["name"]) + column["nullable"] + (column["default"] is not None) + (getattr(column["type"], "length", 0) or 0)
            for one in found["foreign_keys"][key]:
                total += len(one["referred_table"]) + len(one["constrained_columns"])
            total += len(found["unique_constraints"][key]) + len(found["check_constraints"][key])
    return clock, COUNT, total * (COUNT // 1_000)


if WORK == "schema_read_1000":
    outcome = run_schema()
elif PEER == "asyncpg":
    outcome = asyncio.run(run_asyncpg())
elif PEER == "psycopg3":
    outcome = run_psycopg()
else:
    outcome = run_sqlalchemy()
clock, operations, checksum = outcome
clock.report("postgresql", PEER, WORK, operations, checksum)
