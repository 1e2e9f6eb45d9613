"""What PyMySQL and asyncmy have to say about values Roost wrote, and values for Roost to read.

    witness.py CLIENT read TABLE               prints every row of a table in one canonical form, a JSON list of texts a line
    witness.py CLIENT write TABLE SEED COUNT   fills a table with random values first

The connection comes from WITNESS_PORT, WITNESS_USER, WITNESS_PASSWORD, WITNESS_DATABASE and WITNESS_CA. Canonical forms: numbers in
full, doubles as their bits, texts and bytes in hexadecimal, times as microseconds, dates as days since 1970-01-01.
"""

import asyncio
import datetime as dt
import decimal
import json
import os
import random
import ssl
import struct
import sys
import uuid

EPOCH = dt.datetime(1970, 1, 1)
MICROSECOND = dt.timedelta(microseconds=1)
decimal.getcontext().prec = 100

# How a column is read and bound where its name alone will not do: FLOAT as text has six digits, shapes have no text of their own.
READING = {"f4": "f4 + 0e0", "p": "st_aswkb(p)", "ve": "lower(hex(ve))"}
BINDING = {"p": "st_geomfromwkb(%s)", "ve": "string_to_vector(%s)"}


def settings():
    context = ssl.create_default_context(cafile=os.environ["WITNESS_CA"])
    return dict(
        host="localhost",
        port=int(os.environ["WITNESS_PORT"]),
        user=os.environ["WITNESS_USER"],
        password=os.environ["WITNESS_PASSWORD"],
        charset="utf8mb4",
        ssl=context,
        init_command="set time_zone = '+00:00'",
    )


class PyMySQL:
    def __init__(self):
        import pymysql

        self.connection = pymysql.connect(database=os.environ["WITNESS_DATABASE"], autocommit=True, **settings())

    async def rows(self, statement):
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    async def many(self, statement, rows):
        with self.connection.cursor() as cursor:
            for row in rows:
                cursor.execute(statement, row)


class Asyncmy:
    connection = None

    async def cursor(self):
        import asyncmy

        if self.connection is None:
            self.connection = await asyncmy.connect(db=os.environ["WITNESS_DATABASE"], autocommit=True, **settings())
        return self.connection.cursor()

    async def rows(self, statement):
        async with await self.cursor() as cursor:
            await cursor.execute(statement)
            return await cursor.fetchall()

    async def many(self, statement, rows):
        async with await self.cursor() as cursor:
            for row in rows:
                await cursor.execute(statement, row)


def canonical(value, name):
    if value is None:
        return "null"
    if name == "bi":
        return str(int.from_bytes(value, "big"))
    if name == "j":
        return json.dumps(json.loads(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if name == "ve":
        return value.decode() if isinstance(value, bytes) else value
    if isinstance(value, float):
        return struct.pack(">d", value).hex()
    if isinstance(value, decimal.Decimal):
        return format(value.normalize(), "f") if value else "0"
    if isinstance(value, str):
        return value.encode().hex()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dt.timedelta):
        return str(value // MICROSECOND)
    if isinstance(value, dt.datetime):
        return str((value - EPOCH) // MICROSECOND)
    if isinstance(value, dt.date):
        return str((value - EPOCH.date()).days)
    return str(value)


async def show(client, table, names):
    columns = ", ".join(READING.get(name, f"`{name}`") for name in names)
    for row in await client.rows(f"select {columns} from {table} order by id"):
        print(json.dumps([canonical(value, name) for value, name in zip(row, names)]))


TEXTS = ["", "a", "ä€😀", "NULL", "\\", '"', "{,}", "tab\tline\n", "'", "%s $1 ?", "e\u0301", " ", "\0", "\x1a"]


def word(r):
    return r.choice(TEXTS) if r.random() < 0.5 else "".join(chr(r.randint(1, 0xD7FF)) for _ in range(r.randint(0, 20)))


def number(r):
    digits = r.randint(0, 10 ** r.randint(1, 60))
    return decimal.Decimal((r.randint(0, 1), tuple(map(int, str(digits))), -30))


def span(r):
    hours = r.randint(0, 838 if r.random() < 0.5 else 23)
    sign = "-" if r.random() < 0.3 else ""
    return f"{sign}{hours}:{r.randint(0, 59):02}:{r.randint(0, 59):02}.{r.choice([0, r.randint(0, 999_999)]):06}"


def document(r, depth=0):
    kind = r.randint(0, 5 if depth < 3 else 3)
    if kind == 4:
        return [document(r, depth + 1) for _ in range(r.randint(0, 4))]
    if kind == 5:
        return {f"k{index}": document(r, depth + 1) for index in range(r.randint(0, 4))}
    return [None, r.random() < 0.5, r.randint(-(2**53), 2**53), "".join(c for c in word(r) if c >= " ")][kind]


def moment(r, low, high):
    return EPOCH + dt.timedelta(microseconds=r.randint(low, high))


def single(r):
    return struct.unpack(">f", struct.pack(">f", r.uniform(-1, 1) * 10.0 ** r.randint(-30, 30)))[0]


MAKERS = {
    "b": lambda r: r.randint(0, 1),
    "i1": lambda r: r.randint(-128, 127),
    "u1": lambda r: r.randint(0, 255),
    "i2": lambda r: r.randint(-(2**15), 2**15 - 1),
    "u2": lambda r: r.randint(0, 2**16 - 1),
    "i3": lambda r: r.randint(-(2**23), 2**23 - 1),
    "u3": lambda r: r.randint(0, 2**24 - 1),
    "i4": lambda r: r.randint(-(2**31), 2**31 - 1),
    "u4": lambda r: r.randint(0, 2**32 - 1),
    "i8": lambda r: r.randint(-(2**63), 2**63 - 1),
    "u8": lambda r: r.randint(0, 2**64 - 1),
    "f4": single,
    "f8": lambda r: r.uniform(-1, 1) * 10.0 ** r.randint(-290, 290),
    "n": number,
    "t": word,
    "v": lambda r: word(r)[:20],
    "la": lambda r: r.choice(["", "a", "Müßig", "ÿþ€", "'\\\""]),
    "y": lambda r: r.randbytes(r.randint(0, 60)),
    "bb": lambda r: r.randbytes(r.randint(0, 400)),
    "bi": lambda r: r.randint(0, 2**64 - 1),
    "yr": lambda r: r.randint(1901, 2155),
    "d": lambda r: dt.date.fromordinal(r.randint(1, dt.date.max.toordinal())),
    "ti": span,
    "dt": lambda r: moment(r, -62_135_596_800_000_000, 253_402_300_799_999_999),
    "ts": lambda r: moment(r, 1_000_000, 2_147_483_647_999_999),
    "e": lambda r: r.choice(["a", "ö", "x,y"]),
    "s": lambda r: ",".join(letter for letter in "abc" if r.random() < 0.5),
    "j": lambda r: json.dumps(document(r)),
    "u": lambda r: str(uuid.UUID(bytes=r.randbytes(16), version=4)),
    "i6": lambda r: r.choice(["::1", "2001:db8::ff00:42:8329", "::ffff:192.0.2.128"]),
    "p": lambda r: struct.pack("<BIdd", 1, 1, r.uniform(-180, 180), r.uniform(-90, 90)),
    "ve": lambda r: str([single(r) for _ in range(3)]),
}


async def fill(client, table, names, seed, count):
    r = random.Random(seed)
    marks = ", ".join(BINDING.get(name, "%s") for name in names)
    rows = []
    for index in range(count):
        values = [MAKERS[name](r) for name in names[1:]]
        rows.append([index] + [None if r.random() < 0.08 else value for value in values])
    await client.many(f"insert into {table} values ({marks})", rows)


async def main(kind, action, table, *arguments):
    client = {"pymysql": PyMySQL, "asyncmy": Asyncmy}[kind]()
    names = [row[0] for row in await client.rows(f"show columns from {table}")]
    if action == "write":
        await fill(client, table, names, *map(int, arguments))
    await show(client, table, names)


asyncio.run(main(*sys.argv[1:]))
