"""Runs the works, peers by turns, and stops when two peers did not do the same."""
import json, os, statistics, subprocess, sys

from . import tools


def measure(engine, commands, chosen, runs, scale, count_mallocs=True):
    """Yields a row for each work and peer, once the work is done."""
    for work in chosen:
        plan = engine.works[work]
        count = plan.scaled(scale)
        peers = [peer for peer in plan.peers if peer in commands]
        results = {peer: [] for peer in peers}
        for turn in range(runs):
            # Each turn begins with another peer, so that none always follows the same one.
            for peer in peers[turn % len(peers):] + peers[:turn % len(peers)]:
                if turn and peer in plan.slow:
                    continue
                results[peer].append(once(engine, commands[peer], work, count))
        answers = {peer: {(run["checksum"], run["operations"]) for run in results[peer]} for peer in peers}
        if len(set.union(*answers.values())) != 1:
            raise tools.Failure(f"{work}: the peers did not do the same; (checksum, operations): {answers}")
        floor = median(results[peers[0]], "cpu_us")
        for peer in peers:
            cpu = median(results[peer], "cpu_us")
            counted = count_mallocs and peer in engine.counts_mallocs
            yield {
                "engine": engine.name, "work": work, "peer": peer, "per_s": round(median(results[peer], "per_s")), "cpu_us": round(cpu, 4),
                "ratio_to_floor": round(cpu / floor, 3), "mallocs": mallocs(engine, commands[peer], work) if counted else None,
                "max_rss_mib": max(run["max_rss_mib"] for run in results[peer]), "runs": len(results[peer]),
                "differences": results[peer][0].get("differences"),
                **({"statements": statements} if (statements := results[peer][0].get("statements")) else {}),
            }


def once(engine, command, work, count):
    with engine.target(work, count) as target:
        result = json.loads(tools.run([*command, work, target, count], capture_output=True).stdout)
        engine.verify(work, target, count)
    return result


def median(runs, key):
    return statistics.median(run[key] for run in runs)


def mallocs(engine, command, work):
    """Allocations per operation inside the clock: the difference of two runs of different length, counted by a library of our own."""
    if sys.platform != "linux":
        return None
    library = tools.CACHE / "count_mallocs.so"
    tools.CACHE.mkdir(parents=True, exist_ok=True)
    tools.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, tools.BENCHMARKS / "Peers/count_mallocs.c"], stderr=subprocess.PIPE)
    counted = []
    for length in (engine.works[work].mallocs_count, 3 * engine.works[work].mallocs_count):
        with engine.target(work, length) as target:
            result = tools.run([*command, work, target, length], capture_output=True, env={**os.environ, "LD_PRELOAD": str(library)})
        counts = json.loads(result.stdout)
        if counts["mallocs"] < 0:
            raise tools.Failure(f"{work}: allocations were not counted; {library.name} was not loaded.")
        counted.append((counts["operations"], counts["mallocs"]))
    (fewer, few), (more, many) = counted
    return round((many - few) / (more - fewer), 3)
