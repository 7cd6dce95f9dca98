"""Trading's vocabulary: its units, roles, starting values and rule words."""

from typing import Any

from core.vocabulary import RuleWords, Vocabulary, base_vocabulary
from trading.shell.vocabulary.grammar import GRAMMAR
from trading.shell.vocabulary.roles import PHASES, ROLES
from trading.shell.vocabulary.starting import SeriesCatalogue
from trading.shell.vocabulary.units import units

EXAMPLES = (
    "Buy when EMA 9 crosses above EMA 21 and RSI is below 70",
    "Sell when the close falls below the lowest low of the last 10 bars",
    "Stop loss 2 ATR below entry, take profit at 2R",
    "Risk 1 % of equity per trade",
)
JOINING = (
    "no entries on Sunday",
    "never buy when RSI is above 70",
    "only trade between 8:00 and 16:00 UTC",
)


def rule_reader(_: Vocabulary) -> Any:
    """A reader of trading's sentences; lark is imported only when one is needed."""
    from trading.shell.vocabulary.reader import TradingReader

    return TradingReader()


VOCABULARY = Vocabulary(
    name="trading.shell.vocabulary",
    units=units(),
    roles=ROLES,
    phases=PHASES,
    starting=SeriesCatalogue(),
    rules=RuleWords(GRAMMAR, rule_reader, EXAMPLES, JOINING),
    capabilities=base_vocabulary().capabilities,
)
