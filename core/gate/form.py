"""Check 1: the body rules. It proves what the body cannot name, say or hide."""

from core.body import check_canonical
from core.body.rules import BODY_RULES, MAX_LINES
from core.body.tree import Tree, allowed_for
from core.findings import Finding
from core.gate.trial import Trial, Verdict


def check_form(trial: Trial) -> Verdict:
    """Every body rule; an input the body never names is a note."""
    names = allowed_for(trial.spec)
    found = check_canonical(trial.body, names)
    figure = f"{trial.body.lines} of {MAX_LINES} lines, {len(BODY_RULES)} rules"
    return Verdict(figure, (*found, *(() if found else _unread(trial))))


def _unread(trial: Trial) -> tuple[Finding, ...]:
    tree = Tree(trial.body.text)
    return tuple(
        Finding(
            "form",
            f"the input '{name}' is never read",
            "use it, or take it out of the spec",
            severity="note",
        )
        for name in trial.contract.parameters
        if not tree.mentions(name)
    )
