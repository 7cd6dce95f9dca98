"""Calls: another function, arguments changed over, dropped or wrapped."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from wick.search.text import Edit
from wick.search.view import View

FAMILY = "calls"
_FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "min": ("max", "sum"), "max": ("min", "sum"), "any": ("all",), "all": ("any",),
    "sum": ("len", "max", "min"), "len": ("sum", "max"), "sorted": ("list", "set"),
    "list": ("sorted", "tuple", "set"), "tuple": ("list",), "set": ("list", "sorted"),
    "int": ("round", "float", "str"), "float": ("int",), "str": ("repr",),
    "round": ("int",), "abs": ("float", "-"), "reversed": ("sorted", "list"),
    "range": ("list",), "enumerate": ("list",), "zip": ("list",), "ord": ("int",),
}  # fmt: skip
METHODS: Mapping[str, tuple[str, ...]] = {
    "append": ("extend",), "extend": ("append",), "add": ("discard", "update"),
    "update": ("add",), "discard": ("add",), "remove": ("add", "discard"),
    "floor": ("ceil", "trunc"), "ceil": ("floor",), "trunc": ("floor",),
    "sqrt": ("fabs",), "log": ("log2", "log10"), "log2": ("log",), "log10": ("log",),
    "sin": ("cos",), "cos": ("sin",), "keys": ("values", "items"),
    "values": ("keys", "items"), "items": ("keys", "values"),
    "union": ("intersection", "difference"), "intersection": ("union", "difference"),
    "difference": ("union", "intersection", "symmetric_difference"),
    "symmetric_difference": ("difference", "union"),
    "lower": ("upper", "casefold", "title"), "upper": ("lower", "title"),
    "title": ("capitalize", "upper"), "capitalize": ("title", "upper", "lower"),
    "strip": ("lstrip", "rstrip"), "lstrip": ("rstrip", "strip"),
    "rstrip": ("lstrip", "strip"), "startswith": ("endswith",),
    "endswith": ("startswith",), "find": ("rfind", "index"), "rfind": ("find",),
    "index": ("find", "rindex", "count"), "rindex": ("index",), "count": ("index",),
    "isdigit": ("isalpha", "isalnum"), "isalpha": ("isdigit", "isalnum"),
    "isalnum": ("isalpha", "isdigit"), "isupper": ("islower",),
    "islower": ("isupper",), "ljust": ("rjust", "center"), "rjust": ("ljust",),
    "zfill": ("rjust",), "split": ("rsplit", "splitlines"), "rsplit": ("split",),
    "partition": ("rpartition",), "rpartition": ("partition",), "pop": ("get",),
    "get": ("pop", "setdefault"), "setdefault": ("get",), "sort": ("reverse",),
    "appendleft": ("append",), "popleft": ("pop",), "isspace": ("isalpha",),
    "bisect_left": ("bisect_right",), "bisect_right": ("bisect_left",),
}  # fmt: skip


def edits(view: View) -> Iterator[Edit]:
    """Every call changed in its function or its arguments."""
    for node in view.text.expressions:
        if isinstance(node, ast.Call):
            yield from _functions(view, node)
            yield from _arguments(view, node)
            yield from _unwrapped(view, node)
            yield from _keywords(view, node)


def _functions(view: View, node: ast.Call) -> Iterator[Edit]:
    if isinstance(node.func, ast.Name):
        prior = 0.8
        for other in (*_FUNCTIONS.get(node.func.id, ()), *_helpers(view, node.func.id)):
            yield (
                view.text.replaced(node.func, other, prior, FAMILY)
                if (other != "-")
                else _negated(view, node)
            )
            prior = 0.4
    elif isinstance(node.func, ast.Attribute):
        start = view.text.span(node.func.value)[1] + 1
        end = view.text.span(node.func)[1]
        for other in METHODS.get(node.func.attr, ()):
            said = f".{node.func.attr} -> .{other}"
            yield Edit(start, end, other, node.lineno, 0.8, FAMILY, said)


def _helpers(view: View, name: str) -> list[str]:
    known = (*view.helpers, view.text.function.name)
    return [one for one in known if one != name] if name in known else []


def _negated(view: View, node: ast.Call) -> Edit:
    inner = ", ".join(map(view.text.of, node.args))
    return view.text.replaced(node, f"-({inner})", 0.3, FAMILY)


def _arguments(view: View, node: ast.Call) -> Iterator[Edit]:
    texts = [view.text.of(one) for one in node.args]
    for n in range(len(texts) - 1):
        turned = [*texts[:n], texts[n + 1], texts[n], *texts[n + 2 :]]
        yield _written(view, node, turned, 0.6)
    if len(texts) > 1:
        for n in range(len(texts)):
            yield _written(view, node, texts[:n] + texts[n + 1 :], 0.3)


def _written(
    view: View,
    node: ast.Call,
    texts: list[str],
    prior: float,
    keywords: list[str] | None = None,
) -> Edit:
    named = keywords
    if named is None:
        named = [_keyword(view, one) for one in node.keywords]
    text = f"{view.text.of(node.func)}({', '.join([*texts, *named])})"
    return view.text.replaced(node, text, prior, FAMILY)


def _keyword(view: View, one: ast.keyword) -> str:
    value = view.text.of(one.value)
    return f"{one.arg}={value}" if one.arg else f"**{value}"


def _unwrapped(view: View, node: ast.Call) -> Iterator[Edit]:
    if node.args:
        for n, argument in enumerate(node.args):
            text = view.text.of(argument)
            yield view.text.replaced(node, text, 0.4 if n == 0 else 0.3, FAMILY)
    elif isinstance(node.func, ast.Attribute):
        text = view.text.of(node.func.value)
        yield view.text.replaced(node, text, 0.4, FAMILY)


def _keywords(view: View, node: ast.Call) -> Iterator[Edit]:
    """Sorting the other way round, keyed or not; splitting once; a start to count from."""
    texts = [view.text.of(one) for one in node.args]
    named = {one.arg: view.text.of(one.value) for one in node.keywords if one.arg}
    for name in named:
        kept = [f"{key}={value}" for key, value in named.items() if key != name]
        yield _written(view, node, texts, 0.4, kept)
    for extra, prior in _offered(node, named):
        held = [f"{key}={value}" for key, value in named.items()]
        yield _written(view, node, texts, prior, [*held, extra])


def _offered(node: ast.Call, named: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    if name in ("sorted", "sort") and "reverse" not in named:
        yield "reverse=True", 0.6
    if name in ("sorted", "sort", "min", "max") and "key" not in named:
        yield "key=len", 0.3
        yield "key=str.lower", 0.2
        yield "key=abs", 0.2
        yield "key=lambda one: one[0]", 0.2
        yield "key=lambda one: one[1]", 0.3
        yield "key=lambda one: (len(one), one)", 0.15
        yield "key=lambda one: (-one[1], one[0])", 0.2
    if name in ("min", "max") and "default" not in named and len(node.args) == 1:
        yield "default=0", 0.3
        yield "default=None", 0.3
    if name == "enumerate" and not named and len(node.args) == 1:
        yield "start=1", 0.4
    if name in ("split", "rsplit") and not named:
        yield "maxsplit=1", 0.2
