"""Queries of the seven shapes of asyncpg's public benchmark, over ten connections with one task each. An operation is a row."""
import asyncio

from shared import Clock, text_check

CONNECTIONS = 10
PG_TYPE = ("select oid, typname, typnamespace, typlen, typbyval, typtype, typcategory, typispreferred, typdelim, typelem, typarray, typnotnull"
           " from pg_type where typnamespace = 11 and typtypmod = {} and typisdefined = {}")
NEW_ROW = "a b c d e f g".split()


def new_rows(count):
    return [(i, i + 1, i % 7, f"ROW {10_000_000 + i}", i + 0.25, 12_000_000 + i, str(120_000_000_000 + i)) for i in range(1, count + 1)]


def value_check(value):
    if isinstance(value, list):
        return sum(value)
    return value if isinstance(value, int) else text_check(value)


class SevenQueries:
    """`connect` and the seven queries differ between drivers."""

    def __init__(self, url, count):
        self.url, self.count = url, count

    async def run(self, number):
        connections = [await self.connect(number) for _ in range(CONNECTIONS)]
        new = new_rows(10_000 if number == 5 else 1_000)

        async def task(ask, count):
            rows, last = 0, None
            for _ in range(count):
                last = await ask()
                rows += len(last)
            return rows, last

        shares = [len(range(k, self.count, CONNECTIONS)) for k in range(CONNECTIONS)]
        asks = [self.ask(connection, number, new) for connection in connections]
        # Every peer has prepared its statement before the clock runs; what is written is not.
        if number not in (5, 6):
            await asyncio.gather(*(task(ask, 1) for ask in asks))
        with Clock() as clock:
            parts = await asyncio.gather(*map(task, asks, shares))
        for connection in connections:
            await connection.close()
        # Each query reads the same rows, so each connection's last answer stands for its others.
        checksum = 0 if number in (5, 6) else sum(share * sum(value_check(value) for row in last for value in row)
                                                  for share, (_, last) in zip(shares, parts) if share)
        return clock, sum(rows for rows, _ in parts), checksum


class AsyncpgQueries(SevenQueries):
    async def connect(self, number):
        import asyncpg
        return await asyncpg.connect(self.url)

    def ask(self, connection, number, new):
        async def copy():
            await connection.copy_records_to_table("bench_rows", columns=NEW_ROW, records=new)
            return new

        async def insert():
            await connection.executemany("insert into bench_rows (a, b, c, d, e, f, g) values ($1, $2, $3, $4, $5, $6, $7)", new)
            return new

        if number >= 5 and number < 7:
            return copy if number == 5 else insert
        query, *arguments = {
            1: (PG_TYPE.format("$1", "$2"), -1, True), 2: ("select n from generate_series(1, $1::integer) n", 1000),
            3: ("select data from bench_bytes",), 4: ("select numbers from bench_array",), 7: ("select 40 + 2",)}[number]
        prepared = None

        async def fetch():
            nonlocal prepared
            prepared = prepared or await connection.prepare(query)
            return await prepared.fetch(*arguments)

        return fetch


class PsycopgQueries(SevenQueries):
    async def connect(self, number):
        import psycopg
        return await psycopg.AsyncConnection.connect(self.url, autocommit=True)

    def ask(self, connection, number, new):
        cursor = connection.cursor(binary=True)

        async def copy():
            async with cursor.copy(f"copy bench_rows ({', '.join(NEW_ROW)}) from stdin (format binary)") as copying:
                copying.set_types(["int4", "int4", "int4", "text", "float8", "int4", "text"])
                for row in new:
                    await copying.write_row(row)
            return new

        async def insert():
            async with connection.transaction():
                await cursor.executemany("insert into bench_rows (a, b, c, d, e, f, g) values (%s, %s, %s, %s, %s, %s, %s)", new)
            return new

        if number >= 5 and number < 7:
            return copy if number == 5 else insert
        query, *arguments = {
            1: (PG_TYPE.format("%s", "%s"), -1, True), 2: ("select n from generate_series(1, %s::integer) n", 1000),
            3: ("select data from bench_bytes",), 4: ("select numbers from bench_array",), 7: ("select 40 + 2",)}[number]

        async def fetch():
            await cursor.execute(query, arguments, prepare=True)
            return await cursor.fetchall()

        return fetch
