"""equity_reconciler: Prove equity to the cent.

spec prompts/trading/equity_reconciler.md@b37837 · version 1 · writer offline
(library)
"""

from core.wrapper import module


@module("trading.equity_reconciler", version="9b6d03")
def equity_reconciler(
    deposits_cents: int,
    realised_cents: int,
    unrealised_cents: int,
    fees_cents: int,
    funding_cents: int,
    equity_cents: int,
    equity_before_cents: int,
    ledger_steps: list[dict],
) -> dict:
    due = deposits_cents + realised_cents + unrealised_cents
    gap = equity_cents - due + fees_cents + funding_cents
    before, broken = equity_before_cents, ""
    for step in ledger_steps:
        if step["equity_cents"] != before + step["change_cents"]:
            broken = step["event"]
            break
        before = step["equity_cents"]
    sound = gap == 0 and broken == ""
    return {"difference_cents": gap, "reconciled": sound, "broken_event": broken}


# rebuild: asza build trading.equity_reconciler --fresh
