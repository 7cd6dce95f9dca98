"""Conditions on candles that traders have names for: crosses, colours, engulfing bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lark import Token

from core.llm.offline.rules.number_words import whole
from core.llm.offline.rules.predicate_words import lasting
from core.llm.offline.rules.tree import (
    Compare,
    Comparison,
    Cross,
    Name,
    Number,
    Truth,
    all_of,
)
from trading.shell.vocabulary.derived_words import DerivedWords


class CandleWords(DerivedWords):
    """Reads what one or a few candles look like."""

    def golden_cross(self, _: Any) -> Truth:
        self.taken["a golden cross is taken as SMA 50 crossing above SMA 200"] = None
        return Cross(Name("sma_50"), True, Name("sma_200"))

    def death_cross(self, _: Any) -> Truth:
        self.taken["a death cross is taken as SMA 50 crossing below SMA 200"] = None
        return Cross(Name("sma_50"), False, Name("sma_200"))

    def green_bar(self, _: Any) -> Truth:
        return Compare(Name("close"), ">", Name("open"))

    def red_bar(self, _: Any) -> Truth:
        return Compare(Name("close"), "<", Name("open"))

    def green_bars(self, parts: Sequence[Token]) -> Truth:
        return lasting(self.green_bar(()), whole(parts[0]))

    def red_bars(self, parts: Sequence[Token]) -> Truth:
        return lasting(self.red_bar(()), whole(parts[0]))

    def last_green_bars(self, parts: Sequence[Token]) -> Truth:
        self._in_a_row(parts)
        return self.green_bars(parts)

    def last_red_bars(self, parts: Sequence[Token]) -> Truth:
        self._in_a_row(parts)
        return self.red_bars(parts)

    def _in_a_row(self, parts: Sequence[Token]) -> None:
        said = f"{whole(parts[0])} candles are taken as the last ones, in a row"
        self.taken[said] = None

    def bullish_engulfing(self, _: Any) -> Truth:
        return self._engulfing("bullish", "<", ">")

    def bearish_engulfing(self, _: Any) -> Truth:
        return self._engulfing("bearish", ">", "<")

    def _engulfing(self, kind: str, before: Comparison, after: Comparison) -> Truth:
        """A body against the one before it, opening at or beyond that one's close."""
        way = "above" if after == ">" else "below"
        other = "below" if after == ">" else "above"
        self.taken[
            f"a {kind} engulfing bar is taken as one that opens at or {other} the close "
            f"of an opposite bar before it and closes {way} that bar's open"
        ] = None
        opened, closed = Name("prior_open"), Name("prior_close")
        reaches: Comparison = "<=" if before == "<" else ">="
        return all_of(
            (
                Compare(closed, before, opened),
                Compare(Name("open"), reaches, closed),
                Compare(Name("close"), after, opened),
            )
        )

    def macd_up(self, parts: Sequence[str]) -> Truth:
        return self._macd_cross(parts, up=True)

    def macd_down(self, parts: Sequence[str]) -> Truth:
        return self._macd_cross(parts, up=False)

    def _macd_cross(self, parts: Sequence[str], *, up: bool) -> Truth:
        kind, way = ("bullish", "above") if up else ("bearish", "below")
        said = (
            f"a {kind} MACD crossover is taken as MACD crossing {way} its signal line"
        )
        self.taken[said] = None
        return Cross(self.macd(parts), up, self.macd_signal(parts))

    def new_extreme(self, parts: Sequence[Any]) -> Truth:
        count, which = sorted(parts, key=lambda part: isinstance(part, str))
        side = which.split("_")[1]
        op: Comparison = ">" if side == "high" else "<"
        return Compare(Name(side), op, Name(self.check_name(f"prior_{which}_{count}")))

    def bullish_cross(self, parts: Sequence[Number]) -> Truth:
        return Cross(parts[0], True, parts[1])

    def bearish_cross(self, parts: Sequence[Number]) -> Truth:
        return Cross(parts[0], False, parts[1])
