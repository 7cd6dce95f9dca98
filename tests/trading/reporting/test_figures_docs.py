"""The page on backtests defines each figure as the code computes it."""

from tests.trading.reporting.figures_table import PAGE, renewed


def test_every_figure_in_the_docs_is_defined_as_it_is_computed() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == renewed(text), "python -m tests.trading.reporting.figures_table"
