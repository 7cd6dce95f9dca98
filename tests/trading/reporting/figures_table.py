"""The table of figures in docs/backtest.md, as the rules themselves would write it.

`python -m tests.trading.reporting.figures_table` writes it into the page.
"""

from collections.abc import Iterable
from pathlib import Path

from trading.shell.reporting.costs import COSTS
from trading.shell.reporting.words import title
from trading.shell.statistics import Rule
from trading.shell.statistics.returns import USUAL
from trading.shell.statistics.truth import TRUTHS

PAGE = Path(__file__).parents[3] / "docs" / "backtest.md"
BEGIN, END = "<!-- begin figures -->", "<!-- end figures -->"


def figures_table() -> str:
    """| figure | is |, those of a session first, then those of its costs."""
    rows = [*_rows(TRUTHS), *_rows(USUAL), *_rows(COSTS[3:])]
    return "\n".join(["| figure | in `--json` | is |", "|---|---|---|", *rows])


def renewed(text: str) -> str:
    """The page with the table made anew."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{figures_table()}\n{END}{rest.partition(END)[2]}"


def _rows(rules: Iterable[Rule]) -> Iterable[str]:
    for rule in rules:
        yield f"| {title(rule.name)} | `{rule.name}` | {rule.formula} |"


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
