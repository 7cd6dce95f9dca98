"""`make bench`: every figure beside its aim. Exit code 1 when an aim is missed."""

import json
import sys
from math import inf

from rich.console import Console
from rich.table import Table

from bench import (
    engine,
    fused,
    gate,
    healing,
    ledger,
    pipeline,
    sandbox,
    search,
    sweep,
    trader,
    venue,
    wrapper,
)
from bench.measure import Figure

PARTS = {
    "wrapper": wrapper,
    "fused": fused,
    "engine": engine,
    "sandbox": sandbox,
    "gate": gate,
    "pipeline": pipeline,
    "search": search,
    "healing": healing,
    "venue": venue,
    "ledger": ledger,
    "trader": trader,
    "sweep": sweep,
}


def main(arguments: list[str]) -> int:
    """Run the named parts, or all."""
    as_json = "--json" in arguments
    names = [name for name in arguments if not name.startswith("-")] or list(PARTS)
    found = [figure for name in names for figure in PARTS[name].figures()]
    if as_json:
        rows = [
            {"name": f.name, "value": f.value, "unit": f.unit, "aim": f.limit,
             "met": f.met, "reference": f.reference}
            for f in found
        ]  # fmt: skip
        print(json.dumps(rows, indent=2))
    else:
        Console().print(_table(found))
    return 0 if all(figure.met for figure in found) else 1


def _table(found: list[Figure]) -> Table:
    table = Table(title="medians; ratios are taken side by side in this run")
    for column in ("figure", "measured", "aim", "met", "reference"):
        table.add_column(column)
    for f in found:
        sign = "≥" if f.more_is_better else "≤"
        table.add_row(
            f.name,
            f"{f.value:.3g} {f.unit}",
            "–" if f.limit == inf else f"{sign} {f.limit:g} {f.unit}",
            "–" if f.limit == inf else "yes" if f.met else "NO",
            f.reference,
        )
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
