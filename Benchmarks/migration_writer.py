#!/usr/bin/env python3
"""How long a writer at 500 statements/s waits beside `roost migrate apply` of what `generate` wrote, and beside the same by hand.

Usage: migration_writer.py ROOST URL [ROWS], with psycopg; ROOST is the program, URL leads to a PostgreSQL server on which a database may be made."""
import subprocess, sys, tempfile, threading, time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOST, URL, ROWS = sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
NAME = "roost_bench_writer"
BASE = f"""
create table shop (id bigint primary key);
create table item (id bigint primary key, n bigint not null default 0, shop_id bigint not null default 1, city text not null default 'x');
insert into shop values (1);
insert into item (id) select n from generate_series(1, {ROWS}) n;
"""
CHANGES = """
alter table item add column note text;
alter table item add constraint item_n check (n >= 0);
alter table item add constraint item_shop foreign key (shop_id) references shop (id);
create index item_shop_id on item (shop_id);
create index item_city on item (city, n);
"""


def writer(url, stop, waits):
    """Each statement has its time; the wait is counted from then on, so that none is hidden by the one before it."""
    with psycopg.connect(url, autocommit=True) as connection:
        begin, turn = time.perf_counter(), 0
        while not stop.is_set():
            due = begin + turn / 500
            if (ahead := due - time.perf_counter()) > 0:
                time.sleep(ahead)
            at = time.perf_counter()
            connection.execute("update item set n = n + 1 where id = %s", (turn % ROWS + 1,))
            waits.append(time.perf_counter() - at)
            turn += 1


def measure(title, url, work):
    stop, waits = threading.Event(), []
    thread = threading.Thread(target=writer, args=(url, stop, waits))
    thread.start()
    begin = time.perf_counter()
    try:
        work()
    finally:
        took = time.perf_counter() - begin
        stop.set()
        thread.join()
    waits.sort()
    print(f"{title}: {took:.1f} s, {len(waits)} statements, 99 % within {waits[len(waits) * 99 // 100] * 1e3:.1f} ms, "
          f"longest {waits[-1] * 1e3:.0f} ms", flush=True)


def roost(folder, *arguments):
    done = subprocess.run([ROOST, "migrate", *arguments, "--dir", f"{folder}/migrations"], capture_output=True, text=True, cwd=folder)
    if done.returncode:
        sys.exit(done.stderr)


def main():
    parts = urlsplit(URL)
    url = urlunsplit(parts._replace(path=f"/{NAME}"))
    with psycopg.connect(URL, autocommit=True) as administration:
        for title in ("by hand", "generated"):
            administration.execute(f"drop database if exists {NAME} with (force)")
            administration.execute(f"create database {NAME}")
            try:
                with psycopg.connect(url, autocommit=True) as connection, tempfile.TemporaryDirectory() as folder:
                    connection.execute(BASE)
                    measure("nothing else", url, lambda: time.sleep(3))
                    if title == "by hand":
                        measure(title, url, lambda: connection.execute(CHANGES))
                        continue
                    tables = "".join(line for line in BASE.splitlines(True) if line.startswith("create"))
                    (Path(folder) / "schema.sql").write_text(tables + CHANGES)
                    roost(folder, "generate", "change", url, "--to", "schema.sql")
                    measure(title, url, lambda: roost(folder, "apply", url, "--yes", "--lock-timeout", "500ms"))
            finally:
                administration.execute(f"drop database if exists {NAME} with (force)")


main()
