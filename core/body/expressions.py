"""The body rules about expressions: what may be computed, called and formatted."""

import re
from collections.abc import Iterator

import libcst as cst

from core import allowed
from core.body.bounds import read_bounds
from core.body.broken import RuleBroken, broken_at
from core.body.names import known_names
from core.body.tree import Allowed, Tree, root_name

_WORDS: dict[type[cst.CSTNode], str] = {
    cst.Await: "await",
    cst.Ellipsis: "...",
    cst.Imaginary: "a complex number",
    cst.LeftShift: "<<",
    cst.LeftShiftAssign: "<<=",
    cst.MatrixMultiply: "@",
    cst.MatrixMultiplyAssign: "@=",
    cst.NamedExpr: "a walrus (:=)",
    cst.RightShift: ">>",
    cst.RightShiftAssign: ">>=",
    cst.Yield: "yield",
}
_COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
_FORMAT = re.compile(r",?(\.\d{1,2})?[fged%]?")
_KEYED = frozenset({"sorted", "min", "max", "sort"})


def expressions(tree: Tree, _: Allowed) -> Iterator[RuleBroken]:
    """None of the operators and literals that have no place in ten lines."""
    for node in tree.all(*_WORDS):
        yield broken_at(tree, node, f"{_WORDS[type(node)]} is not allowed")
    for node in tree.all(cst.Power, cst.PowerAssign):
        if _towers(tree, node):
            yield broken_at(tree, node, "** inside an exponent is not allowed")
    for text in tree.all(cst.SimpleString):
        if text.prefix.strip("r") or "\n" in text.value:
            yield broken_at(tree, text, "only plain text on one line is allowed")


def _towers(tree: Tree, node: cst.CSTNode) -> bool:
    """True when the power that owns this operator stands inside an exponent."""
    below = tree.parent(node)
    for above in tree.ancestors(node):
        if _is_exponent(above, below):
            return True
        below = above
    return False


def _is_exponent(above: cst.CSTNode, below: cst.CSTNode | None) -> bool:
    if isinstance(above, cst.BinaryOperation):
        return isinstance(above.operator, cst.Power) and above.right is below
    if isinstance(above, cst.AugAssign):
        return isinstance(above.operator, cst.PowerAssign) and above.value is below
    return False


def comprehensions(tree: Tree, _: Allowed) -> Iterator[RuleBroken]:
    """One `for`, and no comprehension inside another."""
    for node in tree.all(*_COMPREHENSIONS):
        if tree.inside(node, *_COMPREHENSIONS):
            yield broken_at(tree, node, "a comprehension inside another")
        if node.for_in.inner_for_in is not None:
            yield broken_at(tree, node, "a comprehension with two for clauses")


def lambdas(tree: Tree, _: Allowed) -> Iterator[RuleBroken]:
    """A lambda orders things, nothing else."""
    for node in tree.all(cst.Lambda):
        if not _is_sort_key(tree, node):
            yield broken_at(tree, node, "a lambda that is no sort key")


def _is_sort_key(tree: Tree, node: cst.Lambda) -> bool:
    arg = tree.parent(node)
    call = tree.parent(arg) if isinstance(arg, cst.Arg) else None
    if not isinstance(arg, cst.Arg) or not isinstance(call, cst.Call):
        return False
    keyword = arg.keyword.value if arg.keyword else ""
    return keyword == "key" and _called_name(call) in _KEYED and _plain(node)


def _plain(node: cst.Lambda) -> bool:
    """Plain positional parameters, no defaults."""
    parameters = node.params
    return not (
        parameters.kwonly_params
        or parameters.star_kwarg
        or isinstance(parameters.star_arg, cst.Param)
        or any(param.default for param in parameters.params)
    )


def _called_name(call: cst.Call) -> str:
    if isinstance(call.func, cst.Attribute):
        return call.func.attr.value
    return call.func.value if isinstance(call.func, cst.Name) else ""


def sets(tree: Tree, _: Allowed) -> Iterator[RuleBroken]:
    """A set's order may differ between runs: it may only be looked into."""
    for node in tree.all(cst.Set, cst.SetComp):
        target = tree.parent(node)
        if not (
            isinstance(target, cst.ComparisonTarget)
            and isinstance(target.operator, cst.In | cst.NotIn)
        ):
            yield broken_at(tree, node, "a set used for more than `in`")


def formatted_strings(tree: Tree, names: Allowed) -> Iterator[RuleBroken]:
    """f-strings with a plain format; no other way to format."""
    for node in tree.all(cst.FormattedStringExpression):
        if node.equal or node.conversion or not _plain_format(node):
            yield broken_at(tree, node, "this f-string format is not allowed")
    for text in tree.all(cst.FormattedStringText):
        if "\n" in text.value:
            yield broken_at(tree, text, "only text on one line is allowed")
    for line in dict.fromkeys(read_bounds(names.contract, tree.text).formats):
        yield RuleBroken("% formatting is not allowed", line)


def _plain_format(node: cst.FormattedStringExpression) -> bool:
    parts = node.format_spec or ()
    if not all(isinstance(part, cst.FormattedStringText) for part in parts):
        return False
    text = "".join(
        part.value for part in parts if isinstance(part, cst.FormattedStringText)
    )
    return bool(_FORMAT.fullmatch(text))


def bounds(tree: Tree, names: Allowed) -> Iterator[RuleBroken]:
    """No literal that passes a limit by itself, guarded by a condition or not."""
    for limit in read_bounds(names.contract, tree.text).limits:
        if limit.sure:
            yield RuleBroken(limit.reason, limit.line)


def calls(tree: Tree, names: Allowed) -> Iterator[RuleBroken]:
    """Nothing is called that was computed or passed in."""
    callable_names = allowed.BUILTINS | names.capabilities
    known = known_names(tree, names)
    for node in tree.all(cst.Call):
        if isinstance(node.func, cst.Name):
            name = node.func.value
            if name in known - callable_names:
                yield broken_at(tree, node, f"'{name}' may not be called")
            elif name in names.capabilities and not _keywords_only(node):
                yield broken_at(tree, node, f"call {name} with keyword arguments only")
        elif not isinstance(node.func, cst.Attribute):
            yield broken_at(tree, node, "the result of an expression is called")
    for name_node in tree.all(cst.Name):
        if name_node.value in names.capabilities and not _is_callee(tree, name_node):
            yield broken_at(tree, name_node, f"{name_node.value} may only be called")


def rounding(tree: Tree, names: Allowed) -> Iterator[RuleBroken]:  # noqa: ARG001
    """Monty and CPython give different values for one in three exact half ties."""
    for node in tree.all(cst.Call):
        called = node.func.value if isinstance(node.func, cst.Name) else ""
        if called == "round" and len(node.args) != 1:
            yield broken_at(tree, node, "round is called with a number of digits")


def _keywords_only(node: cst.Call) -> bool:
    return all(arg.keyword is not None for arg in node.args)


def _is_callee(tree: Tree, node: cst.Name) -> bool:
    parent = tree.parent(node)
    if isinstance(parent, cst.Arg) and parent.keyword is node:
        return True
    return isinstance(parent, cst.Call) and parent.func is node


def defaults(tree: Tree, names: Allowed) -> Iterator[RuleBroken]:
    """No value invented for a field that is missing."""
    for node in tree.all(cst.Call):
        if _called_name(node) == "pop" and len(node.args) > 1:
            yield broken_at(tree, node, ".pop with a default hides a missing field")
    for comparison in tree.all(cst.Comparison):
        if any(
            _tests_a_field(comparison.left, t, names) for t in comparison.comparisons
        ):
            yield broken_at(tree, comparison, "this asks whether a field is there")


def _tests_a_field(
    left: cst.CSTNode, target: cst.ComparisonTarget, names: Allowed
) -> bool:
    """`"close" in candle`, where the contract says that every candle has one."""
    return (
        isinstance(target.operator, cst.In | cst.NotIn)
        and isinstance(left, cst.SimpleString)
        and left.evaluated_value in names.fields
        and root_name(target.comparator) is not None
    )
