"""Python's sqlite3 and SQLAlchemy, over the same data: sqlite_peers.py PEER WORK PATH COUNT."""
import json, resource, sqlite3, sys, time

MASK = (1 << 64) - 1
SELECT = "select id, name, price, quantity, at, note from item"
DDL = ("create table item (id integer primary key, name text not null, price real not null, quantity integer not null,"
       " at timestamp not null, note text)")


def mix(z):
    z = (z + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def size(text):
    return len(text.encode()) + ord(text[0])


def check(row):
    note = row[5]
    return row[0] + size(row[1]) + int(row[2]) + row[3] + (0 if note is None else size(note))


def rows(count):
    for i in range(1, count + 1):
        m = mix(i)
        name = f"item {m % 100000}" + (" über 12345678" if i % 5 == 0 else "")
        at = "2024-%02d-%02d %02d:%02d:%02d.%06d" % (m % 12 + 1, (m >> 8) % 28 + 1, (m >> 16) % 24, (m >> 24) % 60, (m >> 32) % 60, (m >> 36) % 1000000)
        yield i, name, m % 1000000 / 100, (m >> 20) % 1000, at, None if i % 3 == 0 else "note %d" % ((m >> 40) % 1000)


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return (usage.ru_utime + usage.ru_stime) * 1e6


peer, work, path, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
total = 0
if peer == "python-sqlite3":
    db = sqlite3.connect(path)
    if work.startswith("insert"):
        db.execute("pragma journal_mode = wal")
        db.execute(DDL)
        data = list(rows(count))
    wall, start = time.perf_counter(), cpu()
    if work.startswith("insert"):
        db.executemany("insert into item values (?, ?, ?, ?, ?, ?)", data)
        db.commit()
        total = count
        elapsed = (cpu() - start, time.perf_counter() - wall)
    elif work.startswith("fetch"):
        sink = 0
        for row in db.execute(SELECT + " limit ?", (count,)):
            sink += 1
        elapsed = (cpu() - start, time.perf_counter() - wall)
        for row in db.execute(SELECT + " limit ?", (count,)):
            total += check(row)
    else:
        ids = [mix(i) % 1000000 + 1 for i in range(count)]
        start, wall = cpu(), time.perf_counter()
        found = [db.execute(SELECT + " where id = ?", (i,)).fetchone() for i in ids]
        elapsed = (cpu() - start, time.perf_counter() - wall)
        total = sum(check(row) for row in found)
else:
    import sqlalchemy as sa
    engine = sa.create_engine("sqlite:///" + path)
    item = sa.Table("item", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text), sa.Column("price", sa.Float),
                    sa.Column("quantity", sa.Integer), sa.Column("at", sa.DateTime), sa.Column("note", sa.Text))
    with engine.connect() as connection:
        if work.startswith("fetch"):
            start, wall = cpu(), time.perf_counter()
            for row in connection.execute(sa.select(item).limit(count)):
                pass
            elapsed = (cpu() - start, time.perf_counter() - wall)
            for row in connection.execute(sa.select(item).limit(count)):
                total += check(row)
        else:
            ids = [mix(i) % 1000000 + 1 for i in range(count)]
            start, wall = cpu(), time.perf_counter()
            found = [connection.execute(sa.select(item).where(item.c.id == i)).first() for i in ids]
            elapsed = (cpu() - start, time.perf_counter() - wall)
            total = sum(check(row) for row in found)
print(json.dumps({"engine": "sqlite", "work": work, "peer": peer, "per_s": round(count / elapsed[1]), "cpu_us": round(elapsed[0] / count, 4),
                  "checksum": str(total & MASK), "max_rss_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)}))
