"""asyncmy, PyMySQL and SQLAlchemy Core over MySQL and MariaDB. Usage: python_peers.py PEER WORK URL COUNT"""
import asyncio, sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from shared import Clock, check, ids, item, microseconds  # noqa: E402

PEER, WORK, URL, COUNT = sys.argv[1], sys.argv[2], urlsplit(sys.argv[3]), int(sys.argv[4])
COLUMNS = ["id", "name", "price", "quantity", "at", "note"]
SELECT = "select id, name, price, quantity, at, note from "
POINT = SELECT + "bench_item where id = %s"
ALL = SELECT + f"bench_item where id <= {COUNT}"
STREAM = (SELECT + "(select 1 union all select 2 union all select 3 union all select 4 union all select 5) five, "
          f"bench_item where id <= {COUNT // 5}")
INSERT = "insert into bench_new values (%s, %s, %s, %s, %s, %s)"
LOGIN = {"host": URL.hostname, "port": URL.port, "user": unquote(URL.username), "password": unquote(URL.password or ""),
         "charset": "utf8mb4", "init_command": "set time_zone = '+00:00'"}
DATABASE = URL.path[1:]


def items():
    return [item(i) for i in range(1, COUNT + 1)]


def total(rows):
    return sum(check(row, microseconds) for row in rows)


async def run_asyncmy():
    import asyncmy
    from asyncmy.cursors import SSCursor
    if WORK == "pool16_tasks64":
        return await asyncmy_pool(asyncmy)
    connection = await asyncmy.connect(**LOGIN, db=DATABASE)
    if WORK == "stream_5m":
        async def stream(use):
            async with connection.cursor(SSCursor) as cursor:
                await cursor.execute(STREAM)
                return sum([use(rows) async for rows in chunks(cursor)])
        with Clock() as clock:
            await stream(lambda _: 0)
        return clock, COUNT, await stream(total)
    async with connection.cursor() as cursor:
        if WORK == "point_select":
            wanted, found = ids(COUNT), []
            with Clock() as clock:
                for i in wanted:
                    await cursor.execute(POINT, (i,))
                    found.append(await cursor.fetchone())
            return clock, COUNT, total(found)
        if WORK == "fetch_1m":
            with Clock() as clock:
                await cursor.execute(ALL)
                rows = await cursor.fetchall()
            return clock, COUNT, total(rows)
        rows = items()
        with Clock() as clock:
            await cursor.executemany(INSERT, rows)
            await connection.commit()
        return clock, COUNT, 0


async def chunks(cursor):
    while rows := await cursor.fetchmany(10_000):
        yield rows


async def asyncmy_pool(asyncmy):
    pool = await asyncmy.create_pool(**LOGIN, db=DATABASE, minsize=16, maxsize=16, autocommit=True)

    async def worker(wanted):
        found = []
        for i in wanted:
            async with pool.acquire() as connection, connection.cursor() as cursor:
                await cursor.execute(POINT, (i,))
                found.append(await cursor.fetchone())
        return found

    wanted = ids(COUNT)
    await asyncio.gather(*(worker(range(1, 101)) for _ in range(64)))
    with Clock() as clock:
        parts = await asyncio.gather(*(worker(wanted[k::64]) for k in range(64)))
    pool.close()
    await pool.wait_closed()
    return clock, COUNT, sum(map(total, parts))


def run_pymysql():
    import pymysql
    from pymysql.cursors import SSCursor
    with pymysql.connect(**LOGIN, database=DATABASE) as connection:
        if WORK == "stream_5m":
            def stream(use):
                with connection.cursor(SSCursor) as cursor:
                    cursor.execute(STREAM)
                    return sum(use(rows) for rows in iter(lambda: cursor.fetchmany(10_000), ()))
            with Clock() as clock:
                stream(len)
            return clock, COUNT, stream(total)
        with connection.cursor() as cursor:
            if WORK == "point_select":
                wanted, found = ids(COUNT), []
                with Clock() as clock:
                    for i in wanted:
                        cursor.execute(POINT, (i,))
                        found.append(cursor.fetchone())
                return clock, COUNT, total(found)
            if WORK == "fetch_1m":
                with Clock() as clock:
                    cursor.execute(ALL)
                    rows = cursor.fetchall()
                return clock, COUNT, total(rows)
            rows = items()
            with Clock() as clock:
                cursor.executemany(INSERT, rows)
                connection.commit()
            return clock, COUNT, 0


def run_sqlalchemy():
    import sqlalchemy as sa
    from sqlalchemy.dialects.mysql import TIMESTAMP
    table = sa.Table("bench_item", sa.MetaData(), sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("name", sa.Text),
                     sa.Column("price", sa.Double), sa.Column("quantity", sa.Integer), sa.Column("at", TIMESTAMP(fsp=6)),
                     sa.Column("note", sa.Text))
    engine = sa.create_engine(f"mysql+pymysql:///{DATABASE}", connect_args=LOGIN)
    if WORK in ("fetch_1m", "point_select"):
        with engine.connect() as connection:
            if WORK == "fetch_1m":
                with Clock() as clock:
                    rows = connection.execute(sa.select(table).where(table.c.id <= COUNT)).all()
                return clock, COUNT, total(rows)
            wanted = ids(COUNT)
            with Clock() as clock:
                found = [connection.execute(sa.select(table).where(table.c.id == i)).first() for i in wanted]
            return clock, COUNT, total(found)
    new = table.to_metadata(sa.MetaData(), name="bench_new")
    rows = [dict(zip(COLUMNS, row)) for row in items()]
    with Clock() as clock, engine.begin() as connection:
        connection.execute(sa.insert(new), rows)
    return clock, COUNT, 0


RUNS = {"asyncmy": lambda: asyncio.run(run_asyncmy()), "pymysql": run_pymysql, "sqlalchemy-core": run_sqlalchemy}
clock, operations, checksum = RUNS[PEER]()
clock.report(URL.scheme, PEER, WORK, operations, checksum)
