"""What a person sets for a session: markets, span, and `--set` values, checked once."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cli.uncertified import reservations
from core.errors import ConfigError
from core.names import suggest
from trading.shell.market_names import market_meant, market_typed

if TYPE_CHECKING:
    from cli.output import Output
    from core.stack import Stack
    from trading.shell.config import TradeSettings
    from trading.shell.law.limits import Limits
    from trading.shell.venue.orders import Mode

MARKET = re.compile(r"[A-Z0-9]{2,10}/[A-Z0-9]{2,5}(:[A-Z0-9]{2,5})?")
EXPONENT = re.compile(r"[+-]?\d+(\.\d+)?[eE][+-]?\d+")
NEAREST = 3  # names in a remedy
TABLES = ("session", "costs", "limits")


@dataclass(frozen=True)
class Chosen:
    """Settings, limits and stack of one session, and `shown`: what differs from files."""

    settings: "TradeSettings"
    limits: "Limits"
    stack: "Stack"
    shown: Mapping[str, Any]


def choose(
    stack: "Stack",
    mode: "Mode",
    given: Sequence[str],
    *,
    symbols: Sequence[str] = (),
    timeframe: str | None = None,
    limits_file: Path | None = None,
    more: Mapping[str, Any] | None = None,
) -> Chosen:
    """The files' values, with what was typed over them, and `more` over that.

    `given` are `name=value`: a parameter of the stack, or a key of a table, as
    costs.slippage=0.001, session.deposit=500, limits.trades_day=5.
    """
    from core.stack.parameters import (
        parameters,
        require_readable,
        with_parameters,
    )
    from trading.shell.config import FILE, read_settings, settings_of
    from trading.shell.law.limits import read_limits

    asked = {**dict(map(_pair, given)), **(more or {})}
    tables: dict[str, dict[str, Any]] = {name: {} for name in TABLES}
    own: dict[str, Any] = {}
    for name, value in asked.items():
        _known(name, stack, "--sweep" if name in (more or {}) else "--set")
        table, dot, key = name.partition(".")
        if dot:
            tables[table][key] = _listed(value) if key == "symbols" else value
        else:
            own[name] = value
    if symbols:
        tables["session"]["symbols"] = list(symbols)
    if timeframe:
        tables["session"]["timeframe"] = timeframe
    base = read_settings().model_dump()
    merged = {
        "session": {**base["session"], **tables["session"]},
        "costs": {**base["costs"], **tables["costs"]},
    }
    changed = with_parameters(stack, own, "--set")
    require_readable(stack, own, "--set")
    return Chosen(
        settings_of(merged, where="--set" if any(tables.values()) else str(FILE)),
        _limits(read_limits(mode, limits_file), mode, tables["limits"]),
        changed,
        {**parameters(changed), **{k: v for k, v in asked.items() if k not in own}},
    )


def say_held(output: "Output", chosen: Chosen) -> None:
    """Say, before anything is played, which limits are held at the hard law or do not
    bind yet, and which modules are not run or have nothing that vouches for them."""
    told = reservations(chosen.stack)
    for line in (*chosen.limits.clamped, *_not_yet(chosen.limits), *told):
        output.say(line, "yellow")


def _not_yet(limits: "Limits") -> Iterator[str]:
    """That a limit of one's own on losses in a row is not the one that binds at first."""
    from trading.shell.law.limits import read_limits

    usual, own = read_limits(limits.profile), limits.consecutive_losses
    if own != usual.consecutive_losses and own < limits.losses_allowed(0):
        yield (
            f"consecutive_losses {own} binds after {limits.learning_trades} closed trades;"
            f" until then it is consecutive_losses_learning {limits.losses_allowed(0)}"
        )


def with_same_parameters(stack: "Stack", as_in: "Stack") -> "Stack":
    """A stack read anew, run with the parameters that a session began with."""
    from core.stack.parameters import parameters, with_parameters

    kept = {n: v for n, v in parameters(as_in).items() if n in parameters(stack)}
    return with_parameters(stack, kept)


def _limits(limits: "Limits", mode: "Mode", over: Mapping[str, Any]) -> "Limits":
    if not over:
        return limits
    from trading.shell.law.ceilings import CEILINGS
    from trading.shell.law.limits import limits_of

    values = {key: getattr(limits, key) for key in CEILINGS}
    return limits_of(mode, {**values, **over}, where="--set", table="limits")


def _known(name: str, stack: "Stack", option: str) -> None:
    from core.stack.parameters import parameters

    known = [*parameters(stack), *_keys()]
    if name not in known:
        raise ConfigError(
            f"there is no setting called '{name}'",
            field=option,
            value=name,
            remedy=_nearest(name, known),
        )


def _nearest(name: str, known: Sequence[str]) -> str:
    """A remedy: the names most like this one; a key of a table counts without it too."""
    alike = {key: key for key in known}
    alike |= {key.partition(".")[2]: key for key in known if "." in key}
    close = get_close_matches(name, alike, n=2 * NEAREST, cutoff=0.7)
    found = list(dict.fromkeys(alike[one] for one in close))[:NEAREST]
    quoted = [f"'{one}'" for one in found]
    return f"did you mean {' or '.join(quoted)}?" if quoted else suggest(name, known)


def _keys() -> list[str]:
    """What can be set beside a stack's own parameters."""
    from trading.shell.config import Costs, SessionSettings
    from trading.shell.law.ceilings import CEILINGS

    keys = {
        "session": list(SessionSettings.model_fields),
        "costs": list(Costs.model_fields),
        "limits": list(CEILINGS),
    }
    return [f"{table}.{key}" for table in TABLES for key in keys[table]]


def _pair(text: str) -> tuple[str, Any]:
    import yaml

    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise typer.BadParameter(f"'{text}' is not name=value", param_hint="--set")
    if EXPONENT.fullmatch(value.strip()):  # a text to YAML, a number to TOML
        return name.strip(), float(value)
    try:
        return name.strip(), yaml.safe_load(value)
    except yaml.YAMLError:
        return name.strip(), value.strip()


def _listed(value: Any) -> Any:
    """Markets with commas between, as `--symbols` takes them."""
    return list(symbols_of(value, "--set")) if isinstance(value, str) else value


def second_of(text: str | None, option: str) -> int | None:
    """A date or time as typed, in UTC seconds."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"'{text}' is no date: write 2021-05-19 or 2021-05-19T13:00",
            param_hint=option,
        ) from None
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return int(aware.timestamp())


def symbols_of(text: str | None, option: str = "--symbols") -> tuple[str, ...]:
    """Markets as typed with an option, commas between."""
    found = tuple(
        market_typed(part.strip()) for part in (text or "").split(",") if part.strip()
    )
    if text is not None and not found:
        raise typer.BadParameter("name at least one market, as BTC/USD")
    for one in found:
        if not MARKET.fullmatch(one):
            known = market_meant(one) or "BTC/USD, a perpetual as BTC/USD:USD"
            raise typer.BadParameter(
                f"'{one}' is no market: write it as {known}", param_hint=option
            )
    return found
