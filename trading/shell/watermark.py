"""What a chart of a generated market says across itself."""

from typing import Any


def mark_synthetic(figure: Any, size: int) -> None:
    """SYNTHETIC over the whole figure, faint, in letters of `size` pixels."""
    figure.add_annotation(
        text="SYNTHETIC",
        xref="paper",
        yref="paper",
        x=0.5,
        y=0.5,
        showarrow=False,
        opacity=0.14,
        font={"size": size, "color": "#c2352b"},
    )
