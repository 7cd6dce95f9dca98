"""The benchmark's defects: four a function, chosen by seed, each one shown by a case.

`python -m bench.repair.defects [NAME]` prints them.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from bench.repair.calls import alike, outcomes
from bench.repair.cases import SEED, cases, held_back, pool, truth, with_failing
from bench.repair.corpus import Function, functions
from bench.repair.seeding import seeds
from bench.repair.seeding.places import (
    MISSING,
    SINGLE,
    TWO_EDITS,
    Seed,
    is_docstring,
    seeded,
)
from wick.subject import Case, Subject, function_named

_LEAST_WRONG = 3
_PAIRS = 300


@dataclass(frozen=True, slots=True)
class Defect:
    """A wrong function, its visible cases, and the held-back ones that judge a repair."""

    name: str
    function: Function
    kind: str
    parts: tuple[str, ...]
    source: str
    visible: tuple[Case, ...]
    held_back: tuple[Case, ...]

    @property
    def size(self) -> str:
        """`one edit`, `two edits`, or `missing statement` (a guard is one)."""
        if self.kind == TWO_EDITS:
            return TWO_EDITS
        return "missing statement" if self.kind in MISSING else "one edit"

    @property
    def subject(self) -> Subject:
        """As Wick is given it."""
        module = self.function.topic == "modules"
        return Subject(
            self.function.name,
            _bare(self.source, self.function.name),
            self.function.parameters,
            module=module,
            results=_results(self.function) if module else (),
        )


def _bare(source: str, name: str) -> str:
    """Without docstring and annotations, as `asza repair` reads a function."""
    function = function_named(source, name)
    function.returns = None
    for argument in function.args.args:
        argument.annotation = None
    function.body = [node for node in function.body if not is_docstring(node)]
    return ast.unparse(function)


def _results(function: Function) -> tuple[str, ...]:
    return tuple(next(given.value for given in truth(function) if given.value))


@cache
def defects() -> tuple[Defect, ...]:
    """All of them, in a fixed order; kinds that are rare so far come first."""
    used: Counter[str] = Counter()
    found: list[Defect] = []
    for number, function in enumerate(functions()):
        for place, group in enumerate(_groups(number)):
            defect = _seeded(
                function,
                group,
                f"{function.name}-{place + 1}",
                used,
                {other.source for other in found},
            )
            if defect is not None:
                used[defect.kind] += 1
                found.append(defect)
    return tuple(found)


def _groups(number: int) -> tuple[Sequence[str], ...]:
    """Which kinds a function's four defects may be of: three or four in eight are hard."""
    hard = (MISSING, (TWO_EDITS,))
    fourth = hard[(number // 2 + 1) % 2] if number % 2 else SINGLE
    return SINGLE, SINGLE, hard[(number // 2) % 2], fourth


def _seeded(
    function: Function,
    group: Sequence[str],
    name: str,
    used: Counter[str],
    known: set[str],
) -> Defect | None:
    """The first draw that is new and shows, each half of a pair by itself as well."""
    tree, found = _seeds(function)
    random = Random(f"{SEED} {name}")
    known = known | {function.source}
    for kind, parts in _drawn(found, group, used, random):
        texts = [seeded(tree, *some) for some in _halves(parts)]
        if known.intersection(texts) or len(set(texts)) < len(texts):
            continue
        wrongs = [_wrong(function, text) for text in texts]
        if min(map(sum, wrongs)) >= _LEAST_WRONG:
            return _defect(name, function, kind, parts, texts[0], wrongs)
    return None


def _drawn(
    found: Sequence[Seed], group: Sequence[str], used: Counter[str], random: Random
) -> Iterator[tuple[str, tuple[Seed, ...]]]:
    """Seeds of the group's kinds in random order, those of rare kinds first."""
    if TWO_EDITS in group:
        slips = [seed for seed in found if seed.kind in SINGLE]
        for _ in range(_PAIRS):
            one, other = sorted(random.sample(slips, 2), key=lambda seed: seed.line)
            if one.line != other.line:
                yield TWO_EDITS, (one, other)
        return
    fitting = [seed for seed in found if seed.kind in group]
    random.shuffle(fitting)
    for seed in sorted(fitting, key=lambda seed: used[seed.kind]):
        yield seed.kind, (seed,)


def _halves(parts: tuple[Seed, ...]) -> list[tuple[Seed, ...]]:
    """The whole first, then each edit of a pair alone."""
    return [parts] if len(parts) == 1 else [parts, parts[:1], parts[1:]]


def _wrong(function: Function, source: str) -> list[bool]:
    """Where in the pool a wrong function differs from the correct one."""
    given = outcomes(source, function.name, pool(function))
    return [not alike(*pair) for pair in zip(given, truth(function), strict=True)]


def _defect(
    name: str,
    function: Function,
    kind: str,
    parts: tuple[Seed, ...],
    source: str,
    wrongs: Sequence[Sequence[bool]],
) -> Defect:
    visible = with_failing(function, wrongs)
    return Defect(
        name,
        function,
        kind,
        tuple(part.kind for part in parts),
        source,
        cases(function, visible),
        held_back(function, visible),
    )


@cache
def _seeds(function: Function) -> tuple[ast.FunctionDef, list[Seed]]:
    tree = function_named(function.source, function.name)
    return tree, seeds(tree)


def digest(found: Sequence[Defect]) -> str:
    """Of every defect's text and cases: says whether the set is the one measured."""
    text = "\n".join(
        f"{d.name} {d.kind} {d.source} {d.visible} {d.held_back}" for d in found
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def main(names: Sequence[str]) -> None:
    """Show the defects whose names begin so, else how many of each kind there are."""
    for defect in defects():
        if any(defect.name.startswith(name) for name in names):
            sys.stdout.write(
                f"# {defect.name}: {defect.kind} {defect.parts}\n{defect.source}\n"
            )
    if not names:
        counts = Counter((d.function.split, d.kind) for d in defects())
        for (split, kind), count in sorted(counts.items()):
            sys.stdout.write(f"{split:5} {kind:18} {count}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
