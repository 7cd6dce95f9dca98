"""The body rules about names, attributes and arguments."""

from collections.abc import Iterator

import libcst as cst

from core import allowed
from core.body.broken import RuleBroken, broken_at
from core.body.tree import Allowed, Tree, root_name, targets
from core.names import suggest

_ALWAYS = frozenset({"math", "True", "False", "None"})


def names(tree: Tree, names: Allowed) -> Iterator[RuleBroken]:
    """Every name that is read is one the spec, the body or the list gives."""
    known = known_names(tree, names)
    for node in _read_names(tree):
        if node.value not in known:
            message = f"the name '{node.value}' is not allowed"
            yield broken_at(tree, node, message, suggest(node.value, known))


def known_names(tree: Tree, names: Allowed) -> frozenset[str]:
    """The names this body may read."""
    own = {*names.parameters, *names.capabilities, *tree.locals}
    return _ALWAYS | allowed.BUILTINS | own


def _read_names(tree: Tree) -> Iterator[cst.Name]:
    """Names that are looked up; not attributes, keywords or the scaffold's own."""
    for node in tree.all(cst.Name):
        parent = tree.parent(node)
        if isinstance(parent, cst.FunctionDef) or tree.line(node) == 0:
            continue
        if tree.inside(node, cst.Import, cst.ImportFrom):
            continue
        if isinstance(parent, cst.Attribute) and parent.attr is node:
            continue
        if isinstance(parent, cst.Arg) and parent.keyword is node:
            continue
        yield node


def shadows(tree: Tree, names: Allowed) -> Iterator[RuleBroken]:
    """No local hides what a reader takes for granted."""
    taken = allowed.BUILTINS | names.capabilities | {"math"}
    for node in tree.assigned:
        if node.value in taken:
            yield broken_at(tree, node, f"'{node.value}' may not be assigned")
        elif "__" in node.value:
            yield broken_at(tree, node, f"'{node.value}' has a double underscore")


def attributes(tree: Tree, _: Allowed) -> Iterator[RuleBroken]:
    """Only `math.x` and calls of listed methods."""
    for node in tree.all(cst.Attribute):
        name = node.attr.value
        if _of_math(node):
            if name not in allowed.MATH:
                remedy = suggest(name, allowed.MATH)
                yield broken_at(tree, node, f"math.{name} is not allowed", remedy)
        elif name == "get":
            yield broken_at(tree, node, ".get hides a missing field", "use [...]")
        elif not _is_called(tree, node) or name not in allowed.METHODS:
            yield broken_at(tree, node, f"the attribute .{name} is not allowed")


def _of_math(node: cst.Attribute) -> bool:
    return isinstance(node.value, cst.Name) and node.value.value == "math"


def _is_called(tree: Tree, node: cst.Attribute) -> bool:
    parent = tree.parent(node)
    return isinstance(parent, cst.Call) and parent.func is node


def arguments(tree: Tree, names: Allowed) -> Iterator[RuleBroken]:
    """No assignment into a parameter, no changing method on one."""
    own = set(names.parameters) - tree.locals
    for target in _stored_into(tree):
        if root_name(target) in own:
            yield broken_at(tree, target, f"'{root_name(target)}' is changed in place")
    for node in tree.all(cst.Call):
        if _changing_call(node) and root_name(node.func) in own:
            yield broken_at(tree, node, f"'{root_name(node.func)}' is changed in place")


def _stored_into(tree: Tree) -> Iterator[cst.CSTNode]:
    """Subscripts and attributes that are assigned to."""
    for node in targets(tree):
        for target in _leaves(node):
            if isinstance(target, cst.Subscript | cst.Attribute):
                yield target


def _leaves(target: cst.CSTNode) -> Iterator[cst.CSTNode]:
    if isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            yield from _leaves(element.value)
    else:
        yield target


def _changing_call(node: cst.Call) -> bool:
    return (
        isinstance(node.func, cst.Attribute)
        and node.func.attr.value in allowed.MUTATING_METHODS
    )
