"""Tables moved between engines by whole programs: Roost's binary, the engines' own clients piped together, and tools that people use."""
import contextlib, json, os, re, shutil, sqlite3, sys, tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from . import tools, works
from .mysql import MariaDB
from .postgresql import PostgreSQL

# Sling's own package fetches its binary at first use; this one holds it.
PACKAGES = ("ingestr==0.15.9", "sling-linux-amd64==1.4.11", "dlt[postgres]==1.31.0", "pyarrow==26.0.1", "sqlalchemy==2.0.58")
CLIENTS = ("psql", "mariadb", "sqlite3")
TARGET = "bench_target"
FOLDER = tools.BENCHMARKS / "Peers/pipeline"
IS_THERE = {
    "postgresql": "select (to_regclass('bench_move') is not null)::text",
    "mariadb": "select if(count(*) > 0, 'true', 'false') from information_schema.tables where table_schema = database() and table_name = 'bench_move'",
}


class Pipeline:
    name = "pipeline"
    works = works.PIPELINE
    # Several processes do the work: the allocations of one of them would say nothing.
    counts_mallocs = ()

    def __init__(self, start_server=True):
        self.start_server = start_server
        self.engines = {}

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            for engine in (PostgreSQL, MariaDB):
                self.engines[engine.name] = stack.enter_context(engine(self.start_server))
            self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()

    def peers(self):
        """What starts each peer, and its version. A tool that is not there is left out, with a word about it."""
        for engine in self.engines.values():
            engine.roost()
        if self.engines["postgresql"].sql(f"select count(*)::text from pg_database where datname = '{TARGET}'") == "0":
            self.engines["postgresql"].sql(f"create database {TARGET};")
        self.engines["mariadb"].sql(f"create database if not exists {TARGET};")
        programs, versions = {"clients": "-", "roost": tools.swift_build("roost")[0]}, {"roost": tools.roost_version()}
        for client in CLIENTS:
            if not shutil.which(client):
                raise tools.Failure(f"The engines' own clients are the floor, and there is no {client}.")
            versions[client] = version([client])
        versions["clients"] = ", ".join(f"{client} {versions.pop(client)}" for client in CLIENTS)
        if python := tools.python_peers(PACKAGES):
            programs |= {"ingestr": python.parent / "ingestr", "dlt": python}
            programs["sling"] = next(python.parent.parent.glob("lib/*/site-packages/sling_*/bin/sling-*"), None)
            versions |= {peer: next(package.split("==")[1] for package in PACKAGES if package.startswith(peer))
                         for peer in ("ingestr", "sling", "dlt")}
        programs["pgloader"] = shutil.which("pgloader")
        if programs["pgloader"]:
            versions["pgloader"] = version(["pgloader"])
        for peer in (peer for peer, program in programs.items() if not program):
            tools.say(f"{peer} is left out: it is not installed.")
        mover = FOLDER / "mover.py"
        return {peer: [sys.executable, mover, peer, program] for peer, program in programs.items() if program}, versions

    @contextlib.contextmanager
    def target(self, work, count):
        """Where the rows are and where they go, as JSON."""
        source, target = works.ends(work)
        for engine in self.engines:
            self.fill(engine, count)
        yield json.dumps({
            "source": self.url(source) if source in self.engines else str(self.file(source, count)), "target": self.url(target, TARGET),
            "postgresql": self.url("postgresql"), "mariadb": self.url("mariadb"), "folder": str(self.folder),
        })

    def verify(self, work, target, count):
        """The mover has looked at what came out."""

    def url(self, engine, database=None):
        # Each program says in its own way that there is no TLS.
        url = urlsplit(self.engines[engine].url)
        return urlunsplit(url._replace(path=f"/{database}" if database else url.path, query=""))

    def fill(self, engine, count):
        """A table of `count` rows on the server; it stays for the next turn."""
        server = self.engines[engine]
        if server.sql(IS_THERE[engine]) == "true" and server.sql("select concat(count(*), ' ', max(id)) from bench_move") == f"{count} {count}":
            return
        tools.say(f"Making {count:,} rows in {server.title}")
        setup = (FOLDER / f"{engine}.sql").read_text()
        server.sql("drop table if exists bench_move;\n" + "".join(
            setup.replace(":first", str(first)).replace(":last", str(min(first + 999_999, count))) for first in range(1, count + 1, 1_000_000)))
        server.sql("analyze table bench_move;\n" if engine == "mariadb" else "vacuum analyze bench_move;\n")

    def file(self, kind, count):
        """A SQLite database or a CSV file with the same rows, beside what else is kept between runs."""
        file = tools.CACHE / f"move-1-{count}.{kind}"
        if file.exists():
            return file
        tools.say(f"Making {file.name}")
        tools.CACHE.mkdir(parents=True, exist_ok=True)
        partial = Path(f"{file}.partial")
        partial.unlink(missing_ok=True)
        if kind == "csv":
            with partial.open("wb") as output:
                tools.run(["psql", "-Xqc", "copy bench_move to stdout with (format csv, header)", self.url("postgresql")],
                          stdout=output, env={**os.environ, "PGTZ": "UTC", "PGSSLMODE": "disable"})
        else:
            with contextlib.closing(sqlite3.connect(partial)) as connection:
                connection.executescript((FOLDER / "sqlite.sql").read_text().replace(":first", "1").replace(":last", str(count)))
        partial.rename(file)
        return file


def version(command):
    """What a program says of its version; the client of MariaDB has one of its own, and names the server's it comes with."""
    said = tools.run([*command, "--version"], capture_output=True).stdout
    found = re.search(r"Distrib ([\w.-]+)", said) or re.search(r"(\d+\.\d[\w.~-]*)", said)
    return found[1] if found else "unknown"
