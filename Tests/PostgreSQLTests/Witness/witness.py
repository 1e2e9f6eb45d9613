"""What psycopg 3 has to say about values Roost wrote, and values for Roost to read.

    witness.py read TABLE               prints every row of a table in one canonical form, a JSON list of texts a line
    witness.py write TABLE SEED COUNT   fills a table with random values first

The connection comes from PGHOST, PGPORT, … as libpq reads them. Canonical forms: numbers in full, doubles as their bits, texts and
bytes in hexadecimal, times as microseconds, dates as days since 1970-01-01, intervals as months/days/microseconds.
"""

import datetime as dt
import decimal
import json
import random
import struct
import sys
import uuid

import psycopg
from psycopg.adapt import Loader
from psycopg.pq import Format
from psycopg.types.json import Json, Jsonb
from psycopg.types.range import Range

EPOCH = dt.datetime(1970, 1, 1)
EPOCH_UTC = EPOCH.replace(tzinfo=dt.timezone.utc)
MICROSECOND = dt.timedelta(microseconds=1)
SECONDS_TO_2000 = 946_684_800


class Raw(str):
    """A value in its canonical form already: what Python's types cannot hold."""


def whole(number, infinities):
    least, most = infinities
    return {least: "-infinity", most: "infinity"}.get(number)


def fallback(native, read):
    """psycopg's own loader where Python has such a value, the bytes of the wire where not."""

    class WithFallback(native):
        format = Format.BINARY

        def load(self, data):
            try:
                return super().load(data)
            except psycopg.DataError:
                return Raw(read(bytes(data)))

    return WithFallback


def read_date(data):
    (days,) = struct.unpack(">i", data)
    return whole(days, (-(2**31), 2**31 - 1)) or str(days + 10_957)


def read_timestamp(data):
    (micros,) = struct.unpack(">q", data)
    return whole(micros, (-(2**63), 2**63 - 1)) or str(micros + SECONDS_TO_2000 * 1_000_000)


def read_time(data):
    return str(struct.unpack(">q", data)[0])


def read_timetz(data):
    micros, west = struct.unpack(">qi", data)
    return f"{micros}@{-west}"


class IntervalLoader(Loader):
    """timedelta knows no months."""

    format = Format.BINARY

    def load(self, data):
        micros, days, months = struct.unpack(">qii", bytes(data))
        return Raw(f"{months}/{days}/{micros}")


def connect():
    connection = psycopg.connect(autocommit=True)
    from psycopg.types import datetime as native

    for name, loader, read in [
        ("date", native.DateBinaryLoader, read_date),
        ("timestamp", native.TimestampBinaryLoader, read_timestamp),
        ("timestamptz", native.TimestamptzBinaryLoader, read_timestamp),
        ("time", native.TimeBinaryLoader, read_time),
        ("timetz", native.TimetzBinaryLoader, read_timetz),
    ]:
        connection.adapters.register_loader(name, fallback(loader, read))
    connection.adapters.register_loader("interval", IntervalLoader)
    connection.execute("set timezone to 'UTC'")
    return connection


def of_day(time):
    return ((time.hour * 60 + time.minute) * 60 + time.second) * 1_000_000 + time.microsecond


def canonical(value, kind):
    if value is None:
        return "null"
    if isinstance(value, Raw):
        return str(value)
    if kind in ("json", "jsonb"):
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ",".join(canonical(element, kind) for element in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "nan" if value != value else struct.pack(">d", value).hex()
    if isinstance(value, decimal.Decimal):
        return format(value, "f") if value.is_finite() else str(value)
    if isinstance(value, str):
        return value.encode().hex()
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    if isinstance(value, dt.datetime):
        return str((value - (EPOCH_UTC if value.tzinfo else EPOCH)) // MICROSECOND)
    if isinstance(value, dt.date):
        return str((value - EPOCH.date()).days)
    if isinstance(value, dt.time):
        if value.tzinfo is None:
            return str(of_day(value))
        return f"{of_day(value)}@{value.utcoffset() // dt.timedelta(seconds=1)}"
    if isinstance(value, Range):
        if value.isempty:
            return "empty"
        low = "" if value.lower is None else value.lower
        high = "" if value.upper is None else value.upper
        return f"{'[' if value.lower_inc else '('}{low},{high}{']' if value.upper_inc else ')'}"
    return str(value)


def show(connection, table):
    cursor = connection.cursor(binary=True)
    cursor.execute(f"select * from {table} order by id")
    kinds = [connection.adapters.types[column.type_code].name for column in cursor.description]
    for row in cursor:
        print(json.dumps([canonical(value, kind) for value, kind in zip(row, kinds)]))


TEXTS = ["", "a", "ä€😀", "NULL", "\\", '"', "{,}", "tab\tline\n", "'", "%s $1 ?", "e\u0301", " "]


def word(r):
    return r.choice(TEXTS) if r.random() < 0.5 else "".join(chr(r.randint(1, 0xD7FF)) for _ in range(r.randint(0, 20)))


def number(r):
    special = r.random()
    if special < 0.15:
        return decimal.Decimal(r.choice(["NaN", "Infinity", "-Infinity", "0", "0.000", "1e100", "-1e-50", "10000", "0.0001"]))
    digits = r.randint(0, 10 ** r.randint(1, 60))
    return decimal.Decimal((r.randint(0, 1), tuple(map(int, str(digits))), -r.randint(0, 50)))


def double(r):
    if r.random() < 0.2:
        return r.choice([0.0, -0.0, float("nan"), float("inf"), float("-inf"), 5e-324, 1.7976931348623157e308])
    return struct.unpack(">d", r.randbytes(8))[0]


def single(r):
    if r.random() < 0.2:
        return r.choice([0.0, -0.0, float("nan"), float("inf"), float("-inf")])
    return struct.unpack(">f", struct.pack(">f", r.uniform(-1e30, 1e30)))[0]


def date(r):
    if r.random() < 0.3:
        return r.choice(["infinity", "-infinity", "0044-03-15 BC", "4713-01-01 BC", "5874897-12-31", "0001-01-01", "0005-02-29 BC"])
    return dt.date.fromordinal(r.randint(1, dt.date.max.toordinal()))


def timestamp(r, zone=None):
    if r.random() < 0.3:
        suffix = "" if zone is None else "+00"
        return r.choice(
            ["infinity", "-infinity", f"0044-03-15 12:34:56.789{suffix} BC", f"294246-12-31 23:59:59.999999{suffix}",
             f"4713-01-01 00:00:00{suffix} BC", f"0005-02-29 01:02:03{suffix} BC"]
        )
    return dt.datetime(1970, 1, 1, tzinfo=zone) + dt.timedelta(microseconds=r.randint(-(10**16), 10**17))


def interval(r):
    if r.random() < 0.5:
        return dt.timedelta(days=r.randint(-10**6, 10**6), microseconds=r.randint(0, 86_399_999_999))
    return f"{r.randint(-999, 999)} years {r.randint(-99, 99)} mons {r.randint(-10**6, 10**6)} days {r.choice('+-')}{r.randint(0, 10**5)}:{r.randint(0, 59):02}:{r.randint(0, 59):02}.{r.randint(0, 999_999):06}"


def document(r, depth=0):
    kind = r.randint(0, 5 if depth < 3 else 3)
    if kind == 4:
        return [document(r, depth + 1) for _ in range(r.randint(0, 4))]
    if kind == 5:
        return {f"k{index}": document(r, depth + 1) for index in range(r.randint(0, 4))}
    return [None, r.random() < 0.5, r.randint(-(2**53), 2**53), "".join(c for c in word(r) if c >= " ")][kind]


def span(r, make):
    if r.random() < 0.1:
        return Range(empty=True)
    low, high = sorted([make(), make()])
    bounds = r.choice(["[]", "[)", "(]", "()"])
    return Range(None if r.random() < 0.2 else low, None if r.random() < 0.2 else high, bounds)


def several(r, make):
    return [None if r.random() < 0.2 else make() for _ in range(r.randint(0, 6))]


def day_time(r):
    return dt.time(r.randint(0, 23), r.randint(0, 59), r.randint(0, 59), r.choice([0, r.randint(0, 999_999)]))


def zone(r):
    return dt.timezone(dt.timedelta(seconds=r.randint(-57_599, 57_599)))


def row(r, index):
    i4 = lambda: r.randint(-(2**31), 2**31 - 1)
    small = lambda: r.randint(-10**6, 10**6)
    values = [
        r.random() < 0.5, r.randint(-(2**15), 2**15 - 1), i4(), r.randint(-(2**63), 2**63 - 1), single(r), double(r),
        number(r), word(r), word(r)[:20], r.randbytes(r.randint(0, 40)), date(r),
        "24:00:00" if r.random() < 0.1 else day_time(r), day_time(r).replace(tzinfo=zone(r)), timestamp(r),
        timestamp(r, dt.timezone.utc), interval(r), uuid.UUID(bytes=r.randbytes(16)), Json(document(r)), Jsonb(document(r)),
        span(r, small), span(r, lambda: decimal.Decimal(small()) / 1000), span(r, lambda: dt.date(2000, 1, 1) + dt.timedelta(days=small() // 10)),
        several(r, i4), several(r, lambda: word(r)), several(r, lambda: number(r)), several(r, lambda: double(r)),
        several(r, lambda: r.randbytes(r.randint(0, 9))), several(r, lambda: dt.date.fromordinal(r.randint(1, 10**6))),
        [[i4() if r.random() < 0.8 else None for _ in range(3)] for _ in range(r.randint(1, 3))],
        several(r, lambda: uuid.UUID(bytes=r.randbytes(16))), several(r, lambda: r.random() < 0.5),
    ]  # fmt: skip
    return [index] + [None if r.random() < 0.08 else value for value in values]


def fill(connection, table, seed, count):
    r = random.Random(seed)
    columns = connection.execute(f"select * from {table} limit 0").description
    marks = ",".join("%s::" + connection.adapters.types[column.type_code].regtype + ("[]" if column.type_code == connection.adapters.types[column.type_code].array_oid else "") for column in columns)
    with connection.cursor() as cursor:
        cursor.executemany(f"insert into {table} values ({marks})", [row(r, index) for index in range(count)])


def main(arguments):
    connection = connect()
    if arguments[0] == "write":
        fill(connection, arguments[1], int(arguments[2]), int(arguments[3]))
    show(connection, arguments[1])


main(sys.argv[1:])
