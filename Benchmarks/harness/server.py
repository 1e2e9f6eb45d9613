"""What the engines with a server share: finding or starting it, its tables, and statements run by Roost's own program."""
import contextlib, os, shlex, subprocess, tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from . import tools

SERVERS = tools.PACKAGE / "scripts/servers"


class ServerEngine:
    """The subclass says what is its own: names, works, peers, and what has to stand in the tables."""
    roost_product = "RoostServerPeer"
    # Empty tables that writes fill.
    new_tables = ("bench_new",)
    # Options of the URL all peers get: without TLS.
    options = "sslmode=disable"

    def __init__(self, start_server=True):
        self.start_server = start_server
        self.has_started = False
        self.url = None
        self.is_own = False
        self.roost_program = None

    def __enter__(self):
        self.find()
        if not self.url and self.start_server:
            tools.run([SERVERS, "install", self.server], timeout=900)
            tools.run([SERVERS, "start", self.server], timeout=180)
            self.has_started = True
            self.find()
        if not self.url:
            raise tools.Failure(f"There is no {self.title} server: start one with scripts/servers, or set {self.url_variable}.")
        return self

    def __exit__(self, *_):
        if self.has_started:
            tools.run([SERVERS, "stop", self.server], timeout=120)

    @property
    def url_variable(self):
        return f"ROOST_BENCH_{self.name.upper()}_URL"

    def find(self):
        """The server that the environment names, or one that scripts/servers has running."""
        if url := os.environ.get(self.url_variable):
            self.url = url
            return
        url = os.environ.get(self.test_variable)
        if not url:
            said = subprocess.run([SERVERS, "env", self.server], text=True, capture_output=True, timeout=60)
            url = dict(word.split("=", 1) for word in shlex.split(said.stdout) if "=" in word).get(self.test_variable)
        if url:
            # Without looking up a name.
            parts = urlsplit(url)
            self.url = urlunsplit(parts._replace(netloc=parts.netloc.replace("@localhost", "@127.0.0.1"), query=self.options))
            self.is_own = True

    def roost(self):
        if not self.roost_program:
            self.roost_program = tools.swift_build(self.roost_product)[0]
            self.prepare()
            if self.sql(self.comment) != self.data:
                tools.say("Making the tables")
                self.sql((tools.BENCHMARKS / self.setup).read_text())
        return [self.roost_program]

    def prepare(self):
        """What a server that nobody else uses is set to."""

    @contextlib.contextmanager
    def target(self, work, count):
        """What a run is pointed at. What it is to fill is empty."""
        if work in self.writes:
            self.empty()
        yield self.url
        if work in self.writes:
            self.empty()

    def empty(self):
        self.sql("".join(f"truncate table {table};\n" for table in self.new_tables))

    def add_python_peers(self, commands, versions, script, packages):
        if python := tools.python_peers():
            for peer, package in packages.items():
                commands[peer] = [python, tools.BENCHMARKS / script, peer]
                versions[peer] = tools.package_version(python, package)

    def sql(self, statements):
        """Runs statements, and gives back the first value of the last one, which has to be text."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "statements.sql"
            file.write_text(statements)
            return tools.run([self.roost_program, "sql", self.url, file], capture_output=True).stdout.strip()
