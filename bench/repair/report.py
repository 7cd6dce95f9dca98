"""The figures as Markdown: for the terminal, and for the page in docs/."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bench.repair.attempts import Attempt, Figures, figures, grouped

_COLUMNS = (
    "", "defects", "plausible", "correct", "accepted", "false fixes of accepted",
    "median s to first survivor",
)  # fmt: skip
_EXAMPLES = 8


def tables(attempts: Sequence[Attempt]) -> str:
    """Every table: by part, then for the test part by size, by kind and by topic."""
    parts = [table("part", attempts, lambda one: one.split)]
    test = [one for one in attempts if one.split == "test"] or list(attempts)
    parts.append(table("size", test, lambda one: one.size))
    parts.append(table("kind of defect", test, lambda one: one.kind))
    parts.append(table("topic", test, lambda one: one.topic))
    return "\n\n".join([*parts, _more(test), _failures(test)])


def table(
    title: str, attempts: Sequence[Attempt], key: Callable[[Attempt], str]
) -> str:
    """One row a group, and one for all."""
    head = [title, *_COLUMNS[1:]]
    rows = [
        [name, *_cells(figures(some))] for name, some in grouped(attempts, key).items()
    ]
    rows.append(["all", *_cells(figures(attempts))])
    return "\n".join(map(_row, [head, ["---"] * len(head), *rows]))


def _cells(found: Figures) -> list[str]:
    return [
        str(found.defects),
        percent(found.plausible),
        percent(found.correct),
        percent(found.accepted),
        f"{percent(found.false_fixes)} ({found.wrong})",
        "–" if found.first_seconds is None else f"{found.first_seconds:.2f}",
    ]


def percent(share: float | None) -> str:
    """A share as a percentage with one decimal, – where there is none."""
    return "–" if share is None else f"{100 * share:.1f} %"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _more(attempts: Sequence[Attempt]) -> str:
    found = figures(attempts)
    ambiguous = [one for one in attempts if one.plausible and not one.accepted]
    lost = sum(one.chosen_right for one in ambiguous)
    rate = found.candidates_a_second or 0
    return (
        f"- A survivor that gives every held-back case was among the survivors for "
        f"{percent(found.among)}; the first survivor found was it for "
        f"{percent(found.first_correct)}.\n"
        f"- Ambiguous (plausible, not accepted): {len(ambiguous)}, of which the leading "
        f"one was right in {lost}.\n"
        f"- Candidates a second, median over the searches: {rate:,.0f} a process."
    )


def _failures(attempts: Sequence[Attempt]) -> str:
    never = [one for one in attempts if not one.plausible]
    false = [one for one in attempts if one.false_fix]
    broken = sum(one.verdict == "broken" for one in attempts)
    lines = [f"No survivor at all: {len(never)} (in {broken} of them Wick broke)."]
    lines += [_told(one) for one in never[:_EXAMPLES]]
    lines += ["", f"Accepted although wrong: {len(false)}."]
    lines += [f"{_told(one)}: {'; '.join(one.edits)}" for one in false[:_EXAMPLES]]
    return "\n".join(lines)


def _told(attempt: Attempt) -> str:
    return f"- `{attempt.name}` ({attempt.kind}), {attempt.tried:,} candidates"


def write_page(page: Path, part: str, measured: str) -> None:
    """Put figures between a page's marks of that part; ValueError without marks."""
    begin, end = f"<!-- measured: {part} -->", f"<!-- end: {part} -->"
    text = page.read_text(encoding="utf-8")
    if begin not in text or end not in text:
        raise ValueError(f"{page} has no {begin} or no {end}")
    before, rest = text.split(begin, 1)
    after = rest.split(end, 1)[1]
    page.write_text(f"{before}{begin}\n{measured}\n{end}{after}", encoding="utf-8")
