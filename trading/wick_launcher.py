"""wick_launcher: Whether Wick is launched for a failed module, and with how many
clones: 3, or 6 where the module guards money (role risk, exit, stop or account), 1
where no budget is left, and never more than 8 at work at a time.

spec prompts/trading/wick_launcher.md@f5bd1c · version 1 · writer offline (library)
"""

from core.wrapper import module


@module("trading.wick_launcher", version="f52ea9")
def wick_launcher(
    failed_role: str, failures_in_hour: int, clones_running: int, budget_left: float
) -> dict:
    urgent = failed_role in ("risk", "exit", "stop", "account")
    wanted = 1 if budget_left <= 0 else 6 if urgent else 3
    count = max(0, min(wanted, 8 - clones_running))
    reason = (
        f"a module of role {failed_role} failed" if count else "enough clones at work"
    )
    if failed_role == "none" or failures_in_hour > 20:
        count = 0
        reason = "nothing failed" if failed_role == "none" else "ask a person"
    return {"launch": count > 0, "clone_count": count, "launch_reason": reason}


# rebuild: asza build trading.wick_launcher --fresh
