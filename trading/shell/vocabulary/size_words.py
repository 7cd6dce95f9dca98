"""Words for how much to buy, and with what leverage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from lark import Token

from core.llm.offline.rules.number_words import tidy
from core.llm.offline.rules.rule import NotUnderstood
from core.llm.offline.rules.tree import Call, Choose, Math, Name, Num, Number
from trading.shell.vocabulary.extremes import settled
from trading.shell.vocabulary.guard_words import GuardWords
from trading.shell.vocabulary.meanings import Leverage, Money, Setting, Size


class SizeWords(GuardWords):
    """Reads sizes and leverages."""

    # size -------------------------------------------------------------------------
    def amount(self, parts: Sequence[Token]) -> float:
        return tidy(float(parts[0]))

    def cap(self, parts: Sequence[Money]) -> Size:
        (most,) = parts
        return Size("money", 0, most.amount, currency=most.currency)

    def coins(self, parts: Sequence[Any]) -> Size:
        pair = next((part for part in parts[1:] if isinstance(part, str)), "")
        return Size("coins", parts[0], coin=pair)

    def stake(self, parts: Sequence[Any]) -> Any:
        return parts[0]

    def portion(self, parts: Sequence[Any]) -> Size:
        return _sized("share", parts)

    def risk_size(self, parts: Sequence[Any]) -> Size:
        return _sized("risk", parts)

    def share_size(self, parts: Sequence[Any]) -> Size:
        return _sized("share", parts)

    def full_size(self, _: Any) -> Size:
        return Size("share", 100)

    def money_size(self, parts: Sequence[Any]) -> list[Any]:
        money, *rest = parts
        size = staked(money)
        markets = [part for part in rest if isinstance(part, Setting)]
        return [_capped(size, rest), *markets]

    def coin_size(self, parts: Sequence[Any]) -> Size:
        return _capped(parts[0], parts[1:])

    def size(self, parts: Sequence[Any]) -> Any:
        return parts[0]

    def levered_size(self, parts: Sequence[Any]) -> Any:
        first, *caps = parts
        size, *rest = first if isinstance(first, list) else [first]
        return [_capped(replace(size, levered=True), caps), *rest]

    def half_of(self, _: Any) -> float:
        return 50

    def quarter_of(self, _: Any) -> float:
        return 25

    # leverage ---------------------------------------------------------------------
    def times(self, parts: Sequence[Token]) -> float:
        return tidy(float(next(part for part in parts if part.type == "NUMBER")))

    def leverage(self, parts: Sequence[Any]) -> Leverage:
        (value,) = parts
        if isinstance(value, Leverage):
            return value
        return Leverage(Num(value), f"Use {value:g}x leverage.")

    def no_leverage(self, _: Any) -> Leverage:
        return self.leverage([1])

    def most_leverage(self, parts: Sequence[float]) -> Leverage:
        self.taken[f"leverage of at most {parts[0]:g}x is taken as {parts[0]:g}x"] = (
            None
        )
        return self.leverage(parts)

    def leverage_either(self, parts: Sequence[Any]) -> Leverage:
        high, when, low = parts
        said = f"Use {high:g}x leverage when {{when}}, else {low:g}x."
        return Leverage(Choose(when, Num(high), Num(low)), said)

    def driver(self, parts: Sequence[Number]) -> Number:
        return settled(parts[0])  # type: ignore[no-any-return]

    def leverage_between(self, parts: Sequence[Any]) -> Leverage:
        """Full leverage in a still market, less as it moves: DESIGN's 1 + 10 x ratio."""
        low, high = sorted(parts[:2])
        driver = parts[2]
        if not isinstance(driver, Name) or not driver.name.startswith(
            ("volatility", "atr_percent")
        ):
            raise NotUnderstood(
                "leverage can follow volatility only",
                "give two points, as in 'leverage from 1 at ADX 20 to 3 at ADX 40'",
            )
        calm = Math(Num(1), "+", Math(driver, "/", Num(10)))
        rise = Math(Num(tidy(high - low)), "/", calm)
        self.taken["leverage falls from the higher figure as volatility rises"] = None
        said = f"Leverage from {low:g} to {high:g} with {driver.name}."
        return Leverage(Math(Num(low), "+", rise), said)

    def leverage_ramp(self, parts: Sequence[Any]) -> Leverage:
        """A straight line between two points, level beyond them."""
        start, driver, first, end, *again, last = parts
        if again and again[0] != driver:
            raise NotUnderstood("the two points are of two values", "use one value")
        if not isinstance(first, Num) or not isinstance(last, Num) or first == last:
            raise NotUnderstood("a ramp needs two different figures", "give numbers")
        slope = Num(tidy((end - start) / (last.value - first.value)))
        line = Math(Num(start), "+", Math(slope, "*", Math(driver, "-", first)))
        low, high = Num(min(start, end)), Num(max(start, end))
        said = (
            f"Leverage from {start:g} at {{driver}} of {first.value:g} "
            f"to {end:g} at {{driver}} of {last.value:g}."
        )
        return Leverage(Call("min", (Call("max", (line, low)), high)), said)


def _sized(kind: Literal["risk", "share"], parts: Sequence[Any]) -> Size:
    amount = next(part for part in parts if isinstance(part, int | float))
    sides = [part for part in parts if part in ("long", "short", "both")]
    return _capped(Size(kind, amount, sides=sides[0] if sides else None), parts)


def staked(part: Money | Size) -> Size:
    """Money as a size; a size as it is."""
    if isinstance(part, Size):
        return part
    return Size("money", part.amount, currency=part.currency)


def _capped(size: Size, parts: Sequence[Any]) -> Size:
    """The size under the cap that is among the parts, in one currency."""
    cap = next((part for part in parts if isinstance(part, Size)), None)
    if cap is None:
        return size
    if size.currency not in ("", cap.currency):
        raise NotUnderstood("the size and its limit are in two currencies", "use one")
    return replace(size, cap=cap.cap, currency=cap.currency)
