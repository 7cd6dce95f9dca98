"""Sizes and leverage as rules: what a new position is worth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.llm.offline.rules.rule import Problem, Rule
from core.llm.offline.rules.tree import (
    Call,
    Choose,
    Flag,
    Math,
    Name,
    Num,
    Number,
    names_in,
)
from core.llm.offline.rules.wording import figure, say, say_number
from trading.shell.vocabulary.guards import money_words, sides_of
from trading.shell.vocabulary.meanings import Guard, Leverage, Size
from trading.shell.vocabulary.units import HIGHEST_PRICE

if TYPE_CHECKING:
    from trading.shell.vocabulary.assembly import Said

MOST_EQUITY = 10_000_000
"""The most equity that leverage multiplies: 50 times it is still money."""
MOST_MONEY = 1_000_000_000
MOST_LEVERAGE = 50
PERCENT = {"unit": "percent", "minimum": 0}


def size_rule(size: Size, said: Said, problems: list[Problem]) -> Iterator[Rule]:
    """`notional`: money a new position is worth, leverage included."""
    if size.amount <= 0:
        problems.append(
            Problem(size_words(size), "a size lies above 0", "give a larger one")
        )
        return
    if size.kind in ("risk", "share") and not 0 < size.amount <= 100:
        why = "a share of equity lies above 0 and up to 100 %"
        problems.append(Problem(f"{size.amount:g}%", why, "give such a share"))
        return
    if size.kind == "risk" and not _stopped(size, said):
        why = "a risk per trade needs a stop to measure it by"
        remedy = "add a stop, such as 'stop loss 2 ATR below entry'"
        problems.append(Problem(f"risk {size.amount:g}%", why, remedy))
        return
    levered = size.levered or (bool(said.all(Leverage)) and size.kind != "coins")
    if size.kind == "coins" and said.all(Leverage) and not levered:
        text = f"{figure(size.amount)} coins are the whole position"
        said.reader.taken[f"{text}: leverage does not multiply them"] = None
    lets: dict[str, Number] = {}
    if size.kind == "risk":
        tree, text, lets = _risked(size, levered, said)
    else:
        tree, text = _staked(size)
    if levered:
        text = f"{text} times leverage"
        tree = tree if size.kind == "risk" else Math(tree, "*", Name("leverage"))
    text += _cap_said(size)
    yield Rule(
        name="position_size",
        role="size",
        intent=f"{text}.",
        outputs={"notional": _capped(tree, size)},
        schemas={"notional": {"unit": "money"}},
        inputs=_equity(size, levered, tree) | _closes(size, levered),
        lets=lets,
        assumes=_ordered(size, said),
    )


def size_words(size: Size) -> str:
    """A size in short: "$100", "0.5 BTC", "10%"."""
    if size.kind == "money":
        return money_words(size.amount, size.currency)
    if size.kind == "coins":
        return f"{figure(size.amount)} {size.coin or 'coins'}"
    return f"{'risk ' if size.kind == 'risk' else ''}{figure(size.amount)}%"


def _capped(tree: Number, size: Size) -> Number:
    return tree if size.cap is None else Call("min", (tree, Num(size.cap)))


def _cap_said(size: Size) -> str:
    if size.cap is None:
        return ""
    return f" at most {money_words(size.cap, size.currency)}"


def _share(size: Size) -> Number:
    if size.amount == 100:
        return Name("equity")
    return Math(Math(Name("equity"), "*", Num(size.amount)), "/", Num(100))


def _staked(size: Size) -> tuple[Number, str]:
    amount = figure(size.amount)
    if size.kind == "money":
        return Num(size.amount), f"Invest {money_words(size.amount, size.currency)}"
    if size.kind == "coins":
        return Math(Num(size.amount), "*", Name("close")), f"Invest {amount} coins"
    return _share(size), f"Use {amount}% of equity"


def _risked(
    size: Size, levered: bool, said: Said
) -> tuple[Number, str, dict[str, Number]]:
    """What loses the share of equity at the stop; never more than equity can carry."""
    sides = _stopped(size, said)
    lets: dict[str, Number] = {"risk": _share(size)}
    stop = _stop(sides)
    if isinstance(stop, Choose):
        lets["stop"] = stop
        stop = Name("stop")
    gap = Call("abs", (Math(Name("close"), "-", stop),))
    lets["asked"] = Math(Math(Name("risk"), "*", Name("close")), "/", gap)
    carried: Number = Name("equity")
    if levered:
        carried = Math(carried, "*", Name("leverage"))
    words = " and ".join(sides) if len(sides) > 1 else f"{sides[0]}s"
    text = f"Risk {figure(size.amount)}% of equity for {words}"
    return Call("min", (Name("asked"), carried)), text, lets


def _stop(sides: tuple[str, ...]) -> Number:
    if len(sides) == 1:
        return Name(f"{sides[0]}_stop_price")
    return Choose(Flag("enter_long"), Name("long_stop_price"), Name("short_stop_price"))


def _stopped(size: Size, said: Said) -> tuple[str, ...]:
    """The sides whose stops measure the risk."""
    if size.sides is not None:
        return ("long", "short") if size.sides == "both" else (size.sides,)
    stops = [guard for guard in said.all(Guard) if guard.kind == "stop"]
    return tuple(s for s in said.sides if any(s in sides_of(g, said) for g in stops))


def _ordered(size: Size, said: Said) -> tuple[str, ...]:
    if size.kind != "risk":
        return ()
    order = {"long": "long_stop_price < close", "short": "close < short_stop_price"}
    return tuple(order[side] for side in _stopped(size, said))


def _equity(size: Size, levered: bool, tree: Number) -> dict[str, dict[str, object]]:
    if "equity" not in names_in(tree):
        return {}
    schema: dict[str, object] = {"unit": "money"}
    if levered:
        schema |= {"minimum": -MOST_EQUITY, "maximum": MOST_EQUITY}
    return {"equity": schema | {"minimum": 0} if size.kind == "risk" else schema}


def _closes(size: Size, levered: bool) -> dict[str, dict[str, object]]:
    """Closes at which so many coins are still an amount of money."""
    highest = MOST_MONEY / size.amount / (MOST_LEVERAGE if levered else 1)
    if size.kind != "coins" or highest >= HIGHEST_PRICE:
        return {}
    return {"close": {"unit": "price", "maximum": highest}}


def leverage_rule(
    wanted: Leverage, said: Said, problems: list[Problem]
) -> Iterator[Rule]:
    """`leverage`: from 1 to 50."""
    numbers = [n.value for n in _numbers(wanted.value)]
    if any(not 1 <= number <= 50 for number in numbers):
        why = "leverage lies from 1 to 50"
        problems.append(Problem(wanted.said, why, "give a figure in that range"))
        return
    value = wanted.value
    text = wanted.said
    if isinstance(value, Choose):
        text = text.format(when=say(value.when, said.reader))
    elif "{driver}" in text:
        text = text.format(driver=say_number(_driver(value), said.reader))
    reads = [n for n in names_in(value) if n.startswith(("volatility", "atr_percent"))]
    yield Rule(
        name="leverage_choice",
        role="leverage",
        intent=text,
        outputs={"leverage": value},
        schemas={"leverage": {"unit": "leverage"}},
        inputs={} if isinstance(value, Choose) else dict.fromkeys(reads, PERCENT),
        fallback={"leverage": 1},
    )


def _driver(value: Number) -> Number:
    return Name(names_in(value)[0])


def _numbers(value: Number) -> list[Num]:
    if isinstance(value, Choose):
        return [n for n in (value.then, value.otherwise) if isinstance(n, Num)]
    return [value] if isinstance(value, Num) else []
