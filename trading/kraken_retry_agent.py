"""kraken_retry_agent: Whether a failed Kraken call is asked again, and after how long.

spec prompts/trading/kraken_retry_agent.md@0240c1 · version 1 · writer offline
(library)
"""

from core.wrapper import module


@module("trading.kraken_retry_agent", version="8acb06")
def kraken_retry_agent(
    error_class: str, attempt: int, idempotent: bool, seconds_since_first: float
) -> dict:
    first = 3 if error_class in ("busy", "rate_limit") else 0.5
    lost = error_class in ("network", "timeout") and not idempotent
    why = "it may have arrived" if lost else "it may pass"
    if error_class not in ("busy", "rate_limit", "network", "timeout", "nonce"):
        why = "it will not pass"
    elif attempt >= 5 or seconds_since_first > 120:
        why = "tried long enough"
    wait = first * 2 ** max(0, min(4, attempt) - 1) if why == "it may pass" else 0
    return {"retry": wait > 0, "wait_seconds": wait, "retry_reason": why}


# rebuild: asza build trading.kraken_retry_agent --fresh
