"""Moves the table `bench_move` with one of the peers, and then looks at what came out.

    mover.py peer program work ends count

`ends` is JSON: URLs of source and target (or a file's path), URLs of the servers that hold the same rows, and a folder for files. The clock runs
from the start of the peer's first process to the end of its last; CPU is theirs, without the servers'. Roost and the engines' clients have to
bring the table over as it is; what the others change is reported.
"""
import json, os, subprocess, sys, time
from pathlib import Path
from urllib.parse import unquote, urlsplit

from fidelity import differences
from servers import Server

LIMIT = 900


def clients(ends, work):
    """The engines' own clients, piped: their best bulk formats, and the key once the rows are there."""
    source, target = Server(ends["source"]), Server(ends["target"])
    if work == "pg_to_mariadb":
        rows = source.command("-c", "copy (select id, name, price, quantity, to_char(at, 'YYYY-MM-DD HH24:MI:SS.US'), note from bench_move) to stdout")
        table = ("create table bench_move (id bigint primary key, name longtext not null, price double not null, quantity int not null,"
                 " at timestamp(6) not null, note longtext) default charset utf8mb4;")
        return pipe(rows, target.command("--local-infile=1", "-e", f"{table} load data local infile '/dev/stdin' into table bench_move character set utf8mb4"))
    at = "timestamp" if work == "sqlite_to_pg" else "timestamptz(6)" if work == "mariadb_to_pg" else "timestamptz"
    quantity = "bigint" if work == "sqlite_to_pg" else "integer"
    table = (f"create table bench_move (id bigint not null, name text not null, price double precision not null, quantity {quantity} not null,"
             f" at {at} not null, note text)")
    form = {"pg_to_pg": "(format binary)", "mariadb_to_pg": "(null 'NULL')", "sqlite_to_pg": "(format csv)", "csv_to_pg": "(format csv, header)"}[work]
    begin = ["-c", "drop table if exists bench_move", "-c", table]
    end = ["-c", "alter table bench_move add primary key (id)"]
    if work == "csv_to_pg":
        return target.command(*begin, "-c", f"\\copy bench_move from '{ends['source']}' with {form}", *end)
    fill = target.command(*begin, "-c", f"copy bench_move from stdin with {form}", *end)
    if work == "pg_to_pg":
        return pipe(source.command("-c", "copy bench_move to stdout with (format binary)"), fill)
    select = "select id, name, price, quantity, at, note from bench_move"
    if work == "mariadb_to_pg":
        return pipe(source.command("--batch", "--quick", "--skip-column-names", "-e", select), fill)
    return pipe(["sqlite3", "-readonly", "-csv", ends["source"], select], fill)


def pipe(left, right):
    # Either side's failure is the pipe's.
    return ["bash", "-c", 'set -o pipefail; "${@:2:$1}" | "${@:2+$1}"', "-", str(len(left)), *left, *right]


def roost(program, ends, work, verified):
    if work == "csv_to_pg":
        return [program, "copy", ends["source"], url(ends["target"]), "--into", "bench_move"]
    source = f"sqlite:{ends['source']}" if work == "sqlite_to_pg" else url(ends["source"])
    return [program, "copy", source, url(ends["target"]), "--table", "bench_move", *(["--verify"] if verified else [])]


def url(text):
    return text + "?sslmode=disable"


def table_name(text):
    """The table as tools want it that name the schema."""
    parts = urlsplit(text)
    return "public.bench_move" if parts.scheme == "postgresql" else f"{parts.path[1:]}.bench_move"


def ingestr(program, ends, work):
    source, table = url(ends["source"]), table_name(ends["source"])
    if work == "csv_to_pg":
        source, table = f"csv://{ends['source']}", "bench_move"
    elif work == "sqlite_to_pg":
        source, table = f"sqlite:///{ends['source']}", "bench_move"
    elif work == "mariadb_to_pg":
        source = ends["source"].replace("mariadb://", "mysql://", 1)
    return [program, "ingest", "--source-uri", source, "--source-table", table, "--dest-uri", url(ends["target"]),
            "--dest-table", table_name(ends["target"]), "--yes", "--progress", "log", "--pipelines-dir", ends["folder"]]


def sling(program, ends, work):
    source, table = url(ends["source"]), table_name(ends["source"])
    if work == "csv_to_pg":
        source, table = None, f"file://{ends['source']}"
    elif work == "sqlite_to_pg":
        source, table = f"sqlite://{ends['source']}", "main.bench_move"
    elif work == "mariadb_to_pg":
        source = ends["source"]
    target = url(ends["target"]) if work != "pg_to_mariadb" else ends["target"]
    return [program, "run", *(["--src-conn", source] if source else []), "--src-stream", table, "--tgt-conn", target,
            "--tgt-object", table_name(ends["target"]), "--mode", "full-refresh"]


def dlt(program, ends, work):
    return [program, Path(__file__).with_name("dlt_peer.py"), ends["source"], url(ends["target"]), ends["folder"]]


def pgloader(program, ends, work):
    source = ends["source"] if work == "sqlite_to_pg" else ends["source"].replace("mariadb://", "mysql://", 1)
    source = f"sqlite://{source}" if work == "sqlite_to_pg" else source
    tables = "including only table names like 'bench_move'" if work == "sqlite_to_pg" else "including only table names matching 'bench_move'"
    schema = "" if work == "sqlite_to_pg" else f"alter schema '{urlsplit(source).path[1:]}' rename to 'public'"
    # Between two servers pgloader takes the zone of its own session.
    commands = Path(ends["folder"]) / "pgloader.load"
    commands.write_text(f"""load database from {source} into {ends['target']}
        with include drop, create tables, create indexes, reset sequences
        set timezone to 'UTC'
        {tables} {schema};""")
    return [program, "--no-ssl-cert-verification", commands]


def environment(ends):
    """Passwords of the clients, time in UTC, and no word to anybody's telemetry."""
    passwords = {urlsplit(ends[end]).scheme: unquote(urlsplit(ends[end]).password or "") for end in ("postgresql", "mariadb")}
    return {**os.environ, "PGPASSWORD": passwords["postgresql"], "MYSQL_PWD": passwords["mariadb"], "PGTZ": "UTC", "TZ": "UTC",
            "PGSSLMODE": "disable", "HOME": ends["folder"], "SLING_DISABLE_TELEMETRY": "true", "DISABLE_TELEMETRY": "true",
            "INGESTR_DISABLE_TELEMETRY": "true", "RUNTIME__DLTHUB_TELEMETRY": "false"}


def run(command, ends):
    """Runs the peer, and gives back its seconds, its processes' CPU seconds, and the most memory one of them held, in MiB."""
    said = Path(ends["folder"]) / "said"
    with said.open("wb") as output:
        start = time.perf_counter()
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                   env=environment(ends), cwd=ends["folder"], start_new_session=True)
        timer = kill_later(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        wall = time.perf_counter() - start
    if code := os.waitstatus_to_exitcode(status):
        words = said.read_text(errors="replace")[-3000:]
        for end in ends.values():
            words = words.replace(end, "…").replace(urlsplit(end).password or end, "…")
        sys.exit(f"ended with {code} after {wall:.0f} s: {words}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / (1024 if sys.platform == "linux" else 2**20)


def kill_later(pid):
    import signal, threading

    timer = threading.Timer(LIMIT, lambda: os.killpg(pid, signal.SIGKILL))
    timer.daemon = True
    timer.start()
    return timer


def main():
    peer, program, name, ends, count = sys.argv[1:]
    ends, count = json.loads(ends), int(count)
    work = name.removesuffix("_verified").removesuffix("_5m")
    target = Server(ends["target"])
    target.query("drop table if exists bench_move")
    if work == "csv_to_pg":
        # Files say nothing of types: whoever uses the table that is there has them.
        target.query("create table bench_move (id bigint primary key, name text not null, price double precision not null,"
                     " quantity integer not null, at timestamptz not null, note text)")
    if peer == "clients":
        command = clients(ends, work)
    elif peer == "roost":
        command = roost(program, ends, work, name.endswith("_verified"))
    else:
        command = {"ingestr": ingestr, "sling": sling, "dlt": dlt, "pgloader": pgloader}[peer](program, ends, work)
    wall, cpu, rss = run(command, ends)
    rows, found = differences(work, target, Server(ends["mariadb" if work == "pg_to_mariadb" else "postgresql"]))
    if rows != count:
        sys.exit(f"{rows} rows came out of {count}.")
    if found and peer in ("clients", "roost"):
        sys.exit(f"the table that came out is not the one that went in: {'; '.join(found)}")
    print(json.dumps({"engine": "pipeline", "work": name, "peer": peer, "operations": rows, "per_s": round(rows / wall),
                      "cpu_us": round(cpu * 1e6 / rows, 4), "checksum": "0", "max_rss_mib": round(rss, 1), "differences": found}))


main()
