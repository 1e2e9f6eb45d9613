"""PostgreSQL: a server of scripts/servers, or the one that ROOST_BENCH_POSTGRESQL_URL names."""
import contextlib, os, shlex, shutil, subprocess, tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from . import tools, works

# The comment that setup.sql leaves; another one there makes the tables again.
DATA = "roost benchmarks 3"
WRITES = ("insert_1m", "copy_in_1m", "pgbench_5", "pgbench_6")
SERVERS = tools.PACKAGE / "scripts/servers"
SERVER = "postgresql15"


class PostgreSQL:
    name = "postgresql"
    works = works.POSTGRESQL
    roost_product = "RoostPostgreSQLPeer"
    counts_mallocs = ("libpq", "roost")

    def __init__(self, start_server=True):
        self.start_server = start_server
        self.has_started = False
        self.url = None
        self.roost_program = None

    def __enter__(self):
        self.url = running_server()
        if not self.url and self.start_server:
            tools.run([SERVERS, "install", SERVER], timeout=900)
            tools.run([SERVERS, "start", SERVER], timeout=180)
            self.has_started = True
            self.url = running_server()
        if not self.url:
            raise tools.Failure("There is no PostgreSQL server: start one with scripts/servers, or set ROOST_BENCH_POSTGRESQL_URL.")
        return self

    def __exit__(self, *_):
        if self.has_started:
            tools.run([SERVERS, "stop", SERVER], timeout=120)

    def roost(self):
        if not self.roost_program:
            self.roost_program = tools.swift_build(self.roost_product)[0]
            if self.sql("select obj_description(to_regclass('bench_item'))") != DATA:
                tools.say("Making the tables")
                self.sql((tools.BENCHMARKS / "Peers/postgresql/setup.sql").read_text())
        return [self.roost_program]

    def peers(self):
        """What starts each peer, and its version."""
        roost = self.roost()
        folder = "Peers/postgresql/"
        include = shutil.which("pg_config") and tools.run(["pg_config", "--includedir", "--libdir"], capture_output=True).stdout.split()
        flags = ["-I", include[0], "-L", include[1]] if include else []
        sources = [f"postgresql/{path.name}" for path in sorted((tools.BENCHMARKS / folder).glob("*.c"))]
        libpq = tools.compile_c("libpq_peer", sources, *flags, "-lpq", "-lpthread", "-ldl")
        commands = {"libpq": [libpq], "roost": roost}
        versions = {"PostgreSQL": self.sql("select current_setting('server_version')"), "roost": tools.roost_version(),
                    "libpq": tools.run([libpq, "version", "-", "0"], capture_output=True).stdout.strip()}
        if python := tools.python_peers():
            for peer, package in (("asyncpg", "asyncpg"), ("psycopg3", "psycopg"), ("sqlalchemy-core", "sqlalchemy")):
                commands[peer] = [python, tools.BENCHMARKS / folder / "python_peers.py", peer]
                versions[peer] = tools.package_version(python, package)
        return commands, versions

    @contextlib.contextmanager
    def target(self, work):
        """What a run is pointed at. What it is to fill is empty."""
        if work in WRITES:
            self.sql("truncate bench_new, bench_rows")
        yield self.url
        if work in WRITES:
            self.sql("truncate bench_new, bench_rows")

    def verify(self, work, target, count):
        """What was written has to be the same rows, value by value, as the server makes itself."""
        if work in ("insert_1m", "copy_in_1m"):
            found = self.sql("select concat_ws(' ', (select count(*) from bench_new), (select count(*) from bench_new n"
                             " join bench_item i on i.id = n.id where n::text = i::text))")
            wanted = f"{count} {count}"
        elif work in WRITES:
            rows = 10_000 if work == "pgbench_5" else 1_000
            found = self.sql("select concat_ws(' ', count(*), sum(hashtextextended(r::text, 0))) from bench_rows r")
            wanted = self.sql(f"""
                select concat_ws(' ', {count} * count(*), {count} * sum(hashtextextended(row(i, i + 1, i % 7, 'ROW ' || 10000000 + i,
                    i + 0.25::float8, 12000000 + i, (120000000000 + i)::text)::text, 0)))
                from generate_series(1, {rows}) i""")
        else:
            return
        if found != wanted:
            raise tools.Failure(f"{work}: what was written is not right: {found}, not {wanted}.")

    def sql(self, statements):
        """Runs statements, and gives back the first value of the last one, which has to be text."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "statements.sql"
            file.write_text(statements)
            return tools.run([self.roost_program, "sql", self.url, file], capture_output=True).stdout.strip()


def running_server():
    if url := os.environ.get("ROOST_BENCH_POSTGRESQL_URL"):
        return url
    variable = "ROOST_TEST_POSTGRESQL_15_URL"
    url = os.environ.get(variable)
    if not url:
        said = subprocess.run([SERVERS, "env", SERVER], text=True, capture_output=True, timeout=60)
        url = dict(word.split("=", 1) for word in shlex.split(said.stdout) if "=" in word).get(variable)
    if not url:
        return None
    # All peers without TLS, and without looking up a name.
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.replace("@localhost", "@127.0.0.1"), query="sslmode=disable"))
