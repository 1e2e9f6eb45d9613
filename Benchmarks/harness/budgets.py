"""Allocations per operation, which do not depend on the machine, against the committed budgets."""
import json

from . import tools
from .measuring import mallocs

# More than this above the budget is a failure.
TOLERANCE = 1.1


def check_budgets(engines):
    """Prints what each work allocates; gives back how many are over their budgets."""
    budgets = json.loads((tools.BENCHMARKS / "budgets.json").read_text())
    failures = 0
    print(f"{'engine':12} {'work':22} {'mallocs':>9} {'budget':>9}")
    for kind in engines:
        if kind.name not in budgets:
            continue
        try:
            engine = kind(start_server=False).__enter__()
        except tools.Failure as failure:
            print(f"{kind.name:12} not checked: {failure}")
            continue
        roost = engine.roost()
        for work, budget in budgets[engine.name].items():
            found = mallocs(engine, roost, work)
            print(f"{engine.name:12} {work:22} {found!s:>9} {budget:>9}", flush=True)
            if found is not None and found > budget * TOLERANCE:
                failures += 1
                tools.say(f"{engine.name} {work}: {found} allocations per operation are over the budget of {budget}")
    return failures
