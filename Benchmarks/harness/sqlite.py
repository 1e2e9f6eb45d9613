"""SQLite: a file with the table, a new file for each insert."""
import contextlib, json, sqlite3, sys, tempfile
from pathlib import Path

from . import tools, works

# Another number for another setup.sql.
DATABASE = "items-3.sqlite"


class SQLite:
    name = "sqlite"
    works = works.SQLITE
    roost_product = "RoostPeer"
    counts_mallocs = ("c-api", "c-api-owned", "roost", "roost-orm", "grdb")

    def __init__(self, start_server=True):
        self.database = tools.CACHE / DATABASE

    def __enter__(self):
        tools.CACHE.mkdir(parents=True, exist_ok=True)
        if not self.database.exists():
            partial = tools.CACHE / (DATABASE + ".partial")
            for suffix in ("", "-wal", "-shm"):
                Path(str(partial) + suffix).unlink(missing_ok=True)
            with contextlib.closing(sqlite3.connect(partial)) as connection:
                connection.execute("pragma journal_mode = wal")
                connection.executescript((tools.BENCHMARKS / "Peers/sqlite/setup.sql").read_text())
                connection.execute("pragma wal_checkpoint(truncate)")
            partial.rename(self.database)
        return self

    def __exit__(self, *_):
        pass

    def roost(self):
        return [tools.swift_build(self.roost_product)[0]]

    def peers(self):
        """What starts each peer, and its version."""
        roost, grdb = tools.swift_build(self.roost_product, "GRDBPeer")
        script = tools.BENCHMARKS / "Peers/sqlite/python_peers.py"
        floor = tools.compile_c("c_api", ["sqlite/c_api.c"], "-lsqlite3", "-lpthread", "-ldl")
        commands = {
            "c-api": [floor],
            "c-api-owned": [floor, "owned"],
            "roost": [roost],
            "roost-orm": [roost, "orm"],
            "grdb": [grdb],
            "python-sqlite3": [sys.executable, script, "python-sqlite3"],
        }
        versions = {"roost": tools.roost_version(), "grdb": resolved("grdb.swift"),
                    "python-sqlite3": f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}"}
        if python := tools.python_peers():
            commands["sqlalchemy-core"] = [python, script, "sqlalchemy-core"]
            versions["sqlalchemy-core"] = tools.package_version(python, "sqlalchemy")
        return commands, versions

    @contextlib.contextmanager
    def target(self, work, count):
        """What a run is pointed at."""
        if not work.startswith("insert"):
            yield str(self.database)
            return
        with tempfile.TemporaryDirectory() as folder:
            yield f"{folder}/new.sqlite"

    def verify(self, work, target, count):
        """What was written has to be the same rows, value by value, as SQLite made itself."""
        if not work.startswith("insert"):
            return
        with contextlib.closing(sqlite3.connect(target)) as connection:
            connection.execute("attach ? as reference", (str(self.database),))
            columns = ("id", "name", "price", "quantity", "at", "note")
            same = " and ".join(f"n.{c} is r.{c} and typeof(n.{c}) = typeof(r.{c})" for c in columns)
            found = connection.execute(f"select (select count(*) from main.item), (select count(*) from main.item n join reference.item r"
                                       f" on r.id = n.id where {same})").fetchone()
        if found != (count, count):
            raise tools.Failure(f"{work}: {count} rows were to be written; there are {found[0]}, of which {found[1]} are right.")


def resolved(package):
    """The version of a Swift package as resolved for this build."""
    try:
        pins = json.loads((tools.BENCHMARKS / "Package.resolved").read_text())["pins"]
        return next(pin["state"].get("version", "?") for pin in pins if pin["identity"] == package)
    except (OSError, StopIteration, KeyError, ValueError):
        return "unknown"
