"""Check 2: the types. `ty` reads the body against TypedDicts of the contract."""

import re

import libcst as cst

from core.body import Body, source_with
from core.body.tree import scaffold
from core.findings import Finding
from core.gate.trial import Trial, Verdict
from core.sandbox.source import body_start
from core.spec import signature, type_stubs

_LINE = re.compile(r"main\.py:(\d+):\d+: error(?:\[([\w-]+)\])? (.*)")


def check_types(trial: Trial) -> Verdict:
    """Types of every expression and of what is returned."""
    typed = Body(_annotated(trial.body.text), trial.body.hash, trial.body.lines)
    source = source_with(signature(trial.spec, typed=True), typed)
    said = trial.sandbox.type_check(source, type_stubs(trial.spec))
    start = body_start(source)
    found = [_finding(line, start, trial) for line in said]
    return Verdict(f"{len(said)} complaints", tuple(filter(None, found)))


def _finding(line: str, start: int, trial: Trial) -> Finding | None:
    parts = _LINE.match(line)
    if not parts:
        return None
    number, rule, message = parts.groups()
    results = ", ".join(trial.contract.results)
    remedy = f"return a dict literal with {results}, each of its declared type"
    if rule not in ("invalid-return-type", "missing-typed-dict-key", "invalid-key"):
        remedy = "give each operation the types it takes"
    return Finding("types", message, remedy, line=max(1, int(number) - start))


def _annotated(text: str) -> str:
    """The body with `Outputs` written where a dict literal is named, then returned.

    Without it the checker takes `out = {...}` for a plain dict and refuses it.
    """
    module = cst.parse_module(scaffold(text))
    finder = _Returned()
    module.visit(finder)
    if not finder.names:
        return text
    annotated = module.visit(_Annotator(finder.names)).code
    return "\n".join(row[4:] for row in annotated.splitlines()[1:]) + "\n"


class _Returned(cst.CSTVisitor):
    """The names that are returned as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def visit_Return(self, node: cst.Return) -> None:  # noqa: N802 libcst's hook
        if isinstance(node.value, cst.Name):
            self.names.add(node.value.value)


class _Annotator(cst.CSTTransformer):
    """Annotates the first assignment of a dict literal to each of some names."""

    def __init__(self, names: set[str]) -> None:
        super().__init__()
        self._left = set(names)

    def leave_Assign(  # noqa: N802 libcst's hook
        self, original_node: cst.Assign, updated_node: cst.Assign
    ) -> cst.Assign | cst.AnnAssign:
        target = original_node.targets[0].target
        if not isinstance(target, cst.Name) or target.value not in self._left:
            return updated_node
        if len(original_node.targets) > 1 or not isinstance(
            updated_node.value, cst.Dict
        ):
            return updated_node
        self._left.discard(target.value)
        return cst.AnnAssign(
            target=target,
            annotation=cst.Annotation(cst.Name("Outputs")),
            value=updated_node.value,
        )
