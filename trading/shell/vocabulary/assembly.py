"""From what sentences said to one rule a module: sides, stops, sizes made explicit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from core.llm.offline.rules.rule import Assembly, Problem, Rule
from core.llm.offline.rules.tree import Truth, all_of, any_of
from core.llm.offline.rules.wording import figure, say, say_number
from trading.shell.market_names import money_of
from trading.shell.vocabulary.facts import DAY
from trading.shell.vocabulary.guards import guard_rules, money_words
from trading.shell.vocabulary.limits import limit_rules, limits_that_bite, note_sides
from trading.shell.vocabulary.meanings import (
    Condition,
    Entry,
    Exit,
    Guard,
    Leverage,
    Only,
    Setting,
    Side,
    Size,
)
from trading.shell.vocabulary.money import leverage_rule, size_rule, size_words

if TYPE_CHECKING:
    from trading.shell.vocabulary.reader import TradingReader

_UNITS = {"1d": "a day", "1h": "an hour", "1w": "a week", "1m": "a minute"}
_SECONDS = {"m": 60, "h": 3600, "d": DAY, "w": 7 * DAY}
FLAG = {"unit": "flag"}
T = TypeVar("T")


@dataclass(frozen=True)
class Said:
    """Statements by kind, and the sides they trade."""

    statements: Sequence[Any]
    reader: TradingReader

    def all(self, kind: type[T]) -> list[T]:
        """The statements of a kind, in order."""
        return [each for each in self.statements if isinstance(each, kind)]

    @property
    def sides(self) -> tuple[Side, ...]:
        """The sides entered; long when nothing is."""
        entered = {entry.side for entry in self.all(Entry)}
        return tuple(s for s in ("long", "short") if s in entered) or ("long",)


def assemble(statements: Sequence[Any], reader: TradingReader) -> Assembly:
    """The rules of a request, its settings, and what contradicts itself."""
    said = Said(statements, reader)
    problems: list[Problem] = []
    rules = [
        *_conditions(said),
        *_entries(said),
        *_exits(said),
        *guard_rules(said, problems),
        *_sizes(said, problems),
        *_leverage(said, problems),
        *limit_rules(said),
    ]
    note_sides(said)
    settings = _settings(said)
    frame = settings.get("timeframe")
    problems += [*_spans(said, frame), *_times(said, frame), *_orphans(said)]
    problems += [*_charts(said), *_units(said, settings.get("symbols", ()))]
    return Assembly(
        rules=tuple(rules),
        notes=tuple(reader.taken),
        settings=settings,
        problems=tuple(problems),
        exclusive=(
            ("enter_long", "exit_long"),
            ("enter_short", "exit_short"),
            ("enter_long", "enter_short"),
        ),
        possible=tuple(limits_that_bite(said)),
    )


def _conditions(said: Said) -> Iterator[Rule]:
    for each in said.all(Condition):
        intent = f"{each.name} is true when {say(each.when, said.reader)}."
        yield Rule(
            each.name, "condition", intent, {each.name: each.when}, {each.name: FLAG}
        )


def _entries(said: Said) -> Iterator[Rule]:
    filters = tuple(only.when for only in said.all(Only))
    for side, verb in (("long", "Buy"), ("short", "Sell short")):
        ways = tuple(e.when for e in said.all(Entry) if e.side == side)
        if ways:
            when = all_of((any_of(ways), *filters)) if filters else any_of(ways)
            yield _flag_rule(
                f"{side}_entry", "entry", f"enter_{side}", verb, when, said
            )


def _exits(said: Said) -> Iterator[Rule]:
    named = {exit_.side for exit_ in said.all(Exit)}
    entered = {entry.side for entry in said.all(Entry)}
    sides = entered or (named - {None}) or {"long"}
    for side in ("long", "short"):
        ways = tuple(
            e.when
            for e in said.all(Exit)
            if e.side == side or (e.side is None and side in sides)
        )
        if ways:
            verb = f"Exit the {side}"
            when = any_of(ways)
            yield _flag_rule(f"{side}_exit", "exit", f"exit_{side}", verb, when, said)


def _flag_rule(
    name: str, role: str, output: str, verb: str, when: Truth, said: Said
) -> Rule:
    fallback = {output: False} if role == "entry" else None
    intent = f"{verb} when {say(when, said.reader)}."
    return Rule(name, role, intent, {output: when}, {output: FLAG}, fallback=fallback)


def _sizes(said: Said, problems: list[Problem]) -> Iterator[Rule]:
    sizes = list(dict.fromkeys(said.all(Size)))
    if len(sizes) > 1:
        problems.append(_twice("sizes", [size_words(s) for s in sizes]))
    if sizes:
        yield from size_rule(sizes[0], said, problems)


def _leverage(said: Said, problems: list[Problem]) -> Iterator[Rule]:
    wanted = list(dict.fromkeys(said.all(Leverage)))
    if len(wanted) > 1:
        problems.append(_twice("leverages", [each.said for each in wanted]))
    if wanted:
        yield from leverage_rule(wanted[0], said, problems)


def _twice(what: str, said: Sequence[str]) -> Problem:
    return Problem(" / ".join(said), f"there are two {what}", "keep one of them")


def _orphans(said: Said) -> Iterator[Problem]:
    """Filters with nothing to filter."""
    if said.all(Only) and not said.all(Entry) and not said.reader.standing:
        text = say(said.all(Only)[0].when, said.reader)
        why = "a limit on trading needs an entry to limit"
        yield Problem(text, why, "add 'buy when ...'")


def _charts(said: Said) -> Iterator[Problem]:
    frames = list(dict.fromkeys(s.timeframe for s in said.all(Setting) if s.timeframe))
    if len(frames) > 1:
        yield _twice("charts", frames)


def _units(said: Said, pairs: Sequence[str]) -> Iterator[Problem]:
    """Coins of another market than the request's, and money of another."""
    for coin in dict.fromkeys(_pair(s.coin) for s in said.all(Size) if s.coin):
        others = [pair for pair in pairs if _base(pair) != _base(coin)]
        if others:
            amounts = [f"{s.amount:g}" for s in said.all(Size) if _pair(s.coin) == coin]
            why = f"coins of {_base(coin)} do not measure a position in {others[0]}"
            remedy = "size in money or as a share of equity"
            yield Problem(f"{amounts[0]} {_base(coin)}", why, remedy)
    if said.all(Entry):
        yield from _currencies(said, pairs or ("/USD",))


def _currencies(said: Said, pairs: Sequence[str]) -> Iterator[Problem]:
    sums = [(g.distance.currency, g.distance.amount) for g in said.all(Guard)]
    sums += [(s.currency, _money(s)) for s in said.all(Size)]
    for currency, amount in dict.fromkeys(pair for pair in sums if pair[0]):
        others = [pair for pair in pairs if not _paid_in(pair, currency)]
        if others:
            quote = others[0].split("/")[1]
            why = f"prices here are in {quote}, and {currency} is not converted"
            remedy = f"give it in {quote}, or trade a market in {currency}"
            yield Problem(money_words(amount, currency), why, remedy)


def _money(size: Size) -> float:
    """The figure of a size that is money: its own, else its limit."""
    return size.amount if size.kind == "money" else size.cap or 0


def _paid_in(pair: str, currency: str) -> bool:
    return currency in (pair.split("/")[1], money_of(pair))


def _base(pair: str) -> str:
    return pair.split("/")[0]


def _spans(said: Said, frame: str | None) -> Iterator[Problem]:
    """Days taken as bars: right on a chart of days, a guess on any other."""
    for span in said.reader.spans:
        unit = _UNITS[span.chart]
        if span.chart == frame:
            said.reader.taken[f"{unit} is a bar of the {frame} chart"] = None
            continue
        why = f"{unit} is a bar on the {span.chart} chart only"
        bars = re.sub(r"(\d+)[ -]*[a-z]+", r"\1-bar", span.quote, count=1)
        remedy = f"say '{bars}', or add 'on the {span.chart} chart'"
        yield Problem(span.quote, why, remedy)


def _times(said: Said, frame: str | None) -> Iterator[Problem]:
    """Times of day at which no bar of the chart closes."""
    step = int(float(frame[:-1]) * _SECONDS[frame[-1]]) if frame else 1
    for moment in said.reader.moments:
        if 0 < step <= DAY and moment % step:
            why = f"no bar of the {frame} chart closes at that time"
            remedy = f"say 'at {_clock(moment - moment % step)} UTC'"
            yield Problem(f"at {_clock(moment)}", why, remedy)


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"


def _settings(said: Said) -> Mapping[str, Any]:
    symbols = [s for setting in said.all(Setting) for s in setting.symbols]
    symbols = symbols or [size.coin for size in said.all(Size) if size.coin]
    frames = [s.timeframe for s in said.all(Setting) if s.timeframe]
    found: dict[str, Any] = {}
    if symbols:
        found["symbols"] = list(dict.fromkeys(map(_pair, symbols)))
    if frames:
        found["timeframe"] = frames[0]
    return found


def _pair(symbol: str) -> str:
    return symbol if "/" in symbol else f"{symbol}/USD"


__all__ = ["Guard", "Said", "assemble", "figure", "say_number"]
