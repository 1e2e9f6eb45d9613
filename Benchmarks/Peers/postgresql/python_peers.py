"""asyncpg, psycopg 3 and SQLAlchemy Core doing the same work. Usage: python_peers.py PEER WORK URL COUNT"""
import asyncio, datetime, json, resource, sys, time

PEER, WORK, URL, COUNT = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
POINT = "select id, name, price, quantity, at, note from bench_item where id = "
ALL = f"select id, name, price, quantity, at, note from bench_item limit {COUNT}"
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MASK = (1 << 64) - 1


def mix(x):
    x = (x + 0x9E3779B97F4A7C15) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def ident(i):
    return mix(i) % 1_000_000 + 1


def check(row):
    id, name, price, quantity, at, note = row
    return id + len(name.encode()) + int(price) + quantity + int((at - EPOCH).total_seconds()) % 1000 + (len(note.encode()) if note else 0)


def report(cpu, wall, total):
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"peer": PEER, "work": WORK, "per_s": COUNT / wall, "cpu_us": cpu * 1e6 / COUNT, "checksum": total & MASK, "max_rss_mib": round(rss, 1)}))


def cpu_now():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def run_asyncpg():
    import asyncpg
    total = 0
    if WORK == "pool16_tasks64":
        pool = await asyncpg.create_pool(URL, min_size=16, max_size=16)

        async def worker(start):
            total = 0
            for i in range(start, COUNT, 64):
                async with pool.acquire() as connection:
                    total += check(await connection.fetchrow(POINT + "$1", ident(i)))
            return total

        cpu, wall = cpu_now(), time.perf_counter()
        total = sum(await asyncio.gather(*(worker(k) for k in range(64))))
        report(cpu_now() - cpu, time.perf_counter() - wall, total)
        await pool.close()
        return
    connection = await asyncpg.connect(URL)
    statement = await connection.prepare(POINT + "$1")
    cpu, wall = cpu_now(), time.perf_counter()
    if WORK == "point_select":
        for i in range(COUNT):
            total += check(await statement.fetchrow(ident(i)))
    elif WORK == "fetch_1m":
        async with connection.transaction():
            async for row in connection.cursor(ALL, prefetch=1000):
                total += check(row)
    else:
        sys.exit(3)
    report(cpu_now() - cpu, time.perf_counter() - wall, total)
    await connection.close()


def run_psycopg():
    import psycopg
    total = 0
    with psycopg.connect(URL, autocommit=True) as connection:
        cursor = connection.cursor(binary=True)
        cursor.execute(POINT + "%s", (1,), prepare=True).fetchone()
        cpu, wall = cpu_now(), time.perf_counter()
        if WORK == "point_select":
            for i in range(COUNT):
                total += check(cursor.execute(POINT + "%s", (ident(i),), prepare=True).fetchone())
        elif WORK == "fetch_1m":
            for row in cursor.stream(ALL):
                total += check(row)
        else:
            sys.exit(3)
        report(cpu_now() - cpu, time.perf_counter() - wall, total)


def run_sqlalchemy():
    import sqlalchemy
    engine = sqlalchemy.create_engine(URL.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    total = 0
    with engine.connect() as connection:
        point = sqlalchemy.text(POINT + ":id")
        connection.execute(point, {"id": 1}).fetchone()
        cpu, wall = cpu_now(), time.perf_counter()
        if WORK == "point_select":
            for i in range(COUNT):
                total += check(connection.execute(point, {"id": ident(i)}).fetchone())
        elif WORK == "fetch_1m":
            for row in connection.execution_options(stream_results=True).execute(sqlalchemy.text(ALL)):
                total += check(row)
        else:
            sys.exit(3)
        report(cpu_now() - cpu, time.perf_counter() - wall, total)


if PEER == "asyncpg":
    asyncio.run(run_asyncpg())
elif PEER == "psycopg3":
    run_psycopg()
else:
    run_sqlalchemy()
