"""Python's sqlite3 and SQLAlchemy Core over SQLite. Usage: python_peers.py PEER WORK PATH COUNT"""
import concurrent.futures, datetime, sqlite3, sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from shared import Clock, check, ids, item, microseconds  # noqa: E402

PEER, WORK, PATH, COUNT = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
SELECT = "select id, name, price, quantity, at, note from item"
POINT = SELECT + " where id = ?"
DDL = ("create table item (id integer primary key, name text not null, price real not null, quantity integer not null,"
       " at timestamp not null, note text)")


def milliseconds(at):
    return microseconds(datetime.datetime.fromisoformat(at) if isinstance(at, str) else at) // 1000


def total(rows):
    return sum(check(row, milliseconds) for row in rows)


def run_sqlite3():
    db = sqlite3.connect(PATH)
    if WORK == "insert_1m":
        db.execute("pragma journal_mode = wal")
        db.execute(DDL)
        rows = [(*row[:4], row[4].isoformat(" ", "microseconds"), row[5]) for row in map(item, range(1, COUNT + 1))]
        with Clock() as clock:
            db.executemany("insert into item values (?, ?, ?, ?, ?, ?)", rows)
            db.commit()
        return clock, 0
    if WORK.startswith("fetch"):
        with Clock() as clock:
            for _ in db.execute(SELECT + " where id <= ?", (COUNT,)):
                pass
        return clock, total(db.execute(SELECT + " where id <= ?", (COUNT,)))
    wanted = ids(COUNT)
    if WORK == "point_select_hop":
        with concurrent.futures.ThreadPoolExecutor(1) as thread:
            db = thread.submit(sqlite3.connect, PATH).result()
            select = lambda i: db.execute(POINT, (i,)).fetchone()
            with Clock() as clock:
                found = [thread.submit(select, i).result() for i in wanted]
            thread.submit(db.close).result()
    else:
        with Clock() as clock:
            found = [db.execute(POINT, (i,)).fetchone() for i in wanted]
    return clock, total(found)


def run_sqlalchemy():
    import sqlalchemy as sa
    table = sa.Table("item", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text), sa.Column("price", sa.Float),
                     sa.Column("quantity", sa.Integer), sa.Column("at", sa.DateTime), sa.Column("note", sa.Text))
    with sa.create_engine("sqlite:///" + PATH).connect() as connection:
        if WORK.startswith("fetch"):
            with Clock() as clock:
                for _ in connection.execute(sa.select(table).where(table.c.id <= COUNT)):
                    pass
            return clock, total(connection.execute(sa.select(table).where(table.c.id <= COUNT)))
        wanted = ids(COUNT)
        with Clock() as clock:
            found = [connection.execute(sa.select(table).where(table.c.id == i)).first() for i in wanted]
        return clock, total(found)


clock, checksum = run_sqlite3() if PEER == "python-sqlite3" else run_sqlalchemy()
clock.report("sqlite", PEER, WORK, COUNT, checksum)
