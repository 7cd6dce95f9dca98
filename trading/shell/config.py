"""trading/settings.toml: how a session trades and what its simulated markets cost."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import ConfigError
from core.requirements import requirement
from trading.shell.candles import seconds_of
from trading.shell.market_names import in_dollars
from trading.shell.toml_files import read_toml

FILE = Path(__file__).resolve().parent.parent / "settings.toml"

Share = Annotated[Decimal, Field(ge=0, le=Decimal("0.05"))]
Symbol = Annotated[
    str, Field(pattern=r"^[A-Z0-9]{2,10}/[A-Z0-9]{2,5}(:[A-Z0-9]{2,5})?$")
]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SessionSettings(_Table):
    """What is traded. `entry_expires` are bars, `ask_seconds` seconds."""

    symbols: Annotated[tuple[Symbol, ...], Field(min_length=1, max_length=50)]
    timeframe: str = "5m"
    deposit: Annotated[Decimal, Field(gt=0, le=Decimal(10**9))] = Decimal(200)
    entry_expires: Annotated[int, Field(ge=1, le=1000)] = 3
    ask_seconds: Annotated[float, Field(gt=0, le=120)] = 8.0


class SymbolCosts(_Table):
    """Costs of one market where they differ from the rest."""

    slippage: Share | None = None
    spread: Share | None = None


class Costs(_Table):
    """What trading costs beside fees, as shares of the price; `funding` is hourly."""

    slippage: Share = Decimal("0.0005")
    spread: Share = Decimal("0.0005")
    participation: Annotated[Decimal, Field(gt=0, le=1)] = Decimal("0.10")
    funding: Annotated[Decimal, Field(ge=Decimal("-0.0025"), le=Decimal("0.0025"))] = (
        Decimal(0)
    )
    symbols: Mapping[Symbol, SymbolCosts] = Field(default_factory=dict)

    def slippage_of(self, symbol: str) -> Decimal:
        """Share of the price a market order of `symbol` loses."""
        own = self.own(symbol)
        return self.slippage if own is None or own.slippage is None else own.slippage

    def spread_of(self, symbol: str) -> Decimal:
        """Share of the price between bid and ask of `symbol`."""
        own = self.own(symbol)
        return self.spread if own is None or own.spread is None else own.spread

    def own(self, symbol: str) -> SymbolCosts | None:
        """A market's own costs, or those of the same market in dollars, if any."""
        return self.symbols.get(symbol) or self.symbols.get(in_dollars(symbol))


class TradeSettings(_Table):
    """The whole file."""

    session: SessionSettings
    costs: Costs = Costs()


def read_settings(path: Path = FILE) -> TradeSettings:
    """The settings in `path`; ConfigError names every key at fault."""
    remedy = ", or restore trading/settings.toml"
    return settings_of(read_toml(path, "the trading settings", remedy), where=str(path))


def settings_of(data: Mapping[str, Any], *, where: str = "") -> TradeSettings:
    """Settings from plain data, checked once."""
    try:
        settings = TradeSettings.model_validate(data)
    except ValidationError as error:
        raise _refused(error, where) from error
    seconds_of(settings.session.timeframe)
    return settings


def _refused(error: ValidationError, where: str) -> ConfigError:
    first = error.errors()[0]
    told = "; ".join(map(_told, error.errors()))
    return ConfigError(
        told,
        field=_place(first),
        value=first.get("input"),
        where=where,
        remedy=_remedy(first),
    )


def _told(problem: Mapping[str, Any]) -> str:
    place, kind = _place(problem), problem["type"]
    if kind == "extra_forbidden":
        return f"{place} is no setting"
    if kind == "string_pattern_mismatch":  # only markets have a form
        return f"{place} must be a market, as BTC/USD or BTC/USD:USD"
    return f"{place} {requirement(problem)}"


def _place(problem: Mapping[str, Any]) -> str:
    """The key at fault, its tables before it."""
    return ".".join(str(part) for part in problem["loc"] if part != "[key]")


def _remedy(problem: Mapping[str, Any]) -> str:
    if problem["type"] != "extra_forbidden":
        return "correct the value; trading/settings.toml shows the defaults"
    name = str(problem["loc"][-1])
    near = get_close_matches(name, list(_keys(TradeSettings)), n=1)
    return f"did you mean '{near[0]}'?" if near else "remove the key"


def _keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _keys(kind)
