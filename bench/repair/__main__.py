"""`python -m bench.repair`: repair the seeded defects without a model, and say how well.

python -m bench.repair --split dev              while tuning
python -m bench.repair --split test             what is reported
python -m bench.repair --only merge_sorted      some defects, each told in a line
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.repair.attempts import Attempt, figures, grouped
from bench.repair.defects import Defect, defects, digest
from bench.repair.many import attempts_of
from bench.repair.report import tables, write_page


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for; 2 where no defect fits."""
    asked = _parser().parse_args(arguments)
    chosen = _chosen(asked.split, asked.only)
    if not chosen:
        sys.stderr.write(f"no defect begins with {asked.only!r} in {asked.split}\n")
        return 2
    began, load = perf_counter(), os.getloadavg()[0]
    found: list[Attempt] = []
    for attempt in attempts_of(chosen, asked.seconds, asked.jobs):
        found.append(attempt)
        sys.stderr.write(f"{len(found):3}/{len(chosen)} {_line(attempt)}\n")
    found.sort(key=lambda attempt: attempt.name)
    about = _about(asked, perf_counter() - began, load)
    _write(found, about, asked)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.repair", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--split", choices=("test", "dev", "all"), default="dev")
    parser.add_argument("--seconds", type=float, default=20.0, help="for each defect")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--only", default="", help="defects whose name begins so")
    parser.add_argument("--json", type=Path, help="write every attempt here")
    parser.add_argument("--page", type=Path, help="put the figures into this page")
    return parser


def _chosen(split: str, only: str) -> list[Defect]:
    return [
        defect
        for defect in defects()
        if split in ("all", defect.function.split) and defect.name.startswith(only)
    ]


def _line(attempt: Attempt) -> str:
    right = "right" if attempt.chosen_right else "wrong" if attempt.survivors else "-"
    first = attempt.first_seconds
    when = "   -  " if first is None else f"{first:5.2f}s"
    return (
        f"{attempt.name:22} {attempt.kind:17} {attempt.verdict:9} {right:5} "
        f"{attempt.right}/{attempt.survivors} first {when} of {attempt.seconds:5.2f}s "
        f"{attempt.tried:7,} tried"
    )


def _about(asked: argparse.Namespace, seconds: float, load: float) -> dict[str, Any]:
    command = (
        f"python -m bench.repair --split {asked.split} --seconds {asked.seconds:g}"
    )
    return {
        "command": f"{command} --jobs {asked.jobs}",
        "set": digest(defects()),
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cores": os.cpu_count(),
        "load_before": round(load, 2),
        "seconds": round(seconds, 1),
    }


def _write(
    found: Sequence[Attempt], about: dict[str, Any], asked: argparse.Namespace
) -> None:
    measured = f"{_headline(about)}\n\n{tables(found)}"
    sys.stdout.write(f"{measured}\n")
    if asked.page:
        write_page(asked.page, "search", measured)
    if asked.json:
        parts = grouped(found, lambda one: one.split)
        shares = {part: figures(some)._asdict() for part, some in parts.items()}
        rows = [attempt.as_dict() for attempt in found]
        text = json.dumps({**about, "figures": shares, "attempts": rows}, indent=1)
        asked.json.write_text(text, encoding="utf-8")


def _headline(about: dict[str, Any]) -> str:
    return (
        f"`{about['command']}`, {about['date']}, {about['cores']} cores, load before "
        f"the start {about['load_before']}, {about['seconds'] / 60:.1f} minutes, set "
        f"`{about['set']}`."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
