"""The command line."""
import argparse, json, os, signal, sys

from . import tools
from .budgets import check_budgets
from .compile import measure_compilation
from .measuring import measure
from .mysql import MariaDB, MySQL
from .pipeline import Pipeline
from .postgresql import PostgreSQL
from .sqlite import SQLite

ENGINES = {engine.name: engine for engine in (SQLite, PostgreSQL, MariaDB, MySQL, Pipeline)}


def arguments():
    parser = argparse.ArgumentParser(prog="Benchmarks/run", description="Runs Roost and its peers over the same data in one run, prints a table, "
                                     "and appends to .build/bench.jsonl when it was a run at full scale of several turns.")
    parser.add_argument("engines", nargs="*", metavar="engine", help=f"any of: {', '.join(ENGINES)}; sqlite when none is named; "
                        "compile: how long a sample of models takes to compile")
    parser.add_argument("--runs", type=int, default=5, help="turns each peer gets; medians are shown (5)")
    parser.add_argument("--scale", type=float, default=1.0, help="a part of each work's count, such as 0.1 for a quick look")
    parser.add_argument("--works", help="only these, separated by commas")
    parser.add_argument("--peers", help="only these beside the floor, separated by commas")
    parser.add_argument("--no-mallocs", action="store_true", help="do not count allocations")
    parser.add_argument("--list", action="store_true", help="print the works and their peers")
    parser.add_argument("--build", action="store_true", help="build what --budgets runs, and no more")
    parser.add_argument("--budgets", action="store_true", help="compare Roost's allocations per operation with budgets.json")
    options = parser.parse_args()
    if options.runs < 1 or options.scale <= 0:
        parser.error("--runs and --scale have to be positive")
    for name in options.engines:
        if name not in ENGINES and name != "compile":
            parser.error(f"there are no benchmarks for {name}; there are: {', '.join(ENGINES)}, compile")
    options.engines = options.engines or (list(ENGINES) if options.budgets or options.list else ["sqlite"])
    return options


def words(text):
    return [word for word in (text or "").split(",") if word]


def show_load(when):
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    tools.say(f"Load average {when}: {load:.2f} on {cores} cores")
    return load


def run_engine(engine, options):
    chosen = words(options.works) or list(engine.works)
    if unknown := [work for work in chosen if work not in engine.works]:
        raise tools.Failure(f"{engine.name} has no work {', '.join(unknown)}; it has: {', '.join(engine.works)}")
    commands, versions = engine.peers()
    if options.peers:
        floors = {engine.works[work].peers[0] for work in chosen}
        commands = {peer: command for peer, command in commands.items() if peer in words(options.peers) or peer in floors}
    load = show_load("before")
    is_busy = load > 0.3 * (os.cpu_count() or 1)
    warning = "Warning: the machine is busy with something else; these figures are no more than a rough look."
    if is_busy:
        tools.say(warning)
    print("; ".join(f"{name} {version}" for name, version in versions.items()))
    print(f"{'work':22} {'peer':16} {'per second':>12} {'CPU µs':>9} {'× floor':>8} {'mallocs':>8} {'MiB':>7}", flush=True)
    rows = []
    for row in measure(engine, commands, chosen, options.runs, options.scale, not options.no_mallocs):
        shown = "" if row["mallocs"] is None else f"{row['mallocs']:.2f}"
        print(f"{row['work']:22} {row['peer']:16} {row['per_s']:>12,} {row['cpu_us']:>9.3f} {row['ratio_to_floor']:>8.2f} {shown:>8} "
              f"{row['max_rss_mib']:>7.1f}" + (f"  {row['statements']:,} statements" if "statements" in row else ""), flush=True)
        if row["differences"]:
            print(f"{'':22} changed: {'; '.join(row['differences'])}", flush=True)
        rows.append({**row, "version": versions.get(row["peer"]), "load": round(load, 2)})
    show_load("after, with the benchmarks' own")
    if is_busy:
        tools.say(warning)
    if options.scale < 1 or options.runs < 3:
        tools.say("A quick look: .build/bench.jsonl is left as it is.")
        return
    output = tools.PACKAGE / ".build/bench.jsonl"
    output.parent.mkdir(exist_ok=True)
    with output.open("a") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)


def main():
    options = arguments()
    # As an interrupt does: a server that was started for this run is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if options.build:
            tools.swift_build("RoostPeer", "RoostServerPeer")
            return
        if options.budgets:
            sys.exit(1 if check_budgets([ENGINES[name] for name in options.engines if name in ENGINES]) else 0)
        for name in options.engines:
            if name == "compile":
                measure_compilation()
                continue
            if options.list:
                for work, plan in ENGINES[name].works.items():
                    print(f"{name:12} {work:22} {plan.count:>10,}  {', '.join(plan.peers)}")
                continue
            with ENGINES[name]() as engine:
                run_engine(engine, options)
    except tools.Failure as failure:
        sys.exit(f"roost: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
