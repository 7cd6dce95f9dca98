"""The bounds of calls: what a builtin, a method or `math` may give at most."""

import ast
from typing import TYPE_CHECKING, Any

from core.body.ranges import ranged
from core.body.values import (
    FLAG,
    FLOAT,
    FLOOR,
    INF,
    MAX_BITS,
    NOTHING,
    QUICK,
    REAL,
    Env,
    Span,
    Value,
    bits,
    join,
    listed,
    longest,
    printed,
    text,
)

if TYPE_CHECKING:
    from core.body.expression_bounds import ExpressionBounds

_FLAGS = frozenset({"all", "any", "bool", "isinstance"})
_SAME = frozenset({"list", "tuple", "reversed", "sorted", "dict"})
_TEXT_FLAGS = ("is", "starts", "ends")


def called(reader: "ExpressionBounds", node: ast.Call, env: Env) -> Value:
    """What a call gives at most; its cost goes to the reader."""
    given = [_argument(reader, each, env) for each in node.args]
    given += [_argument(reader, w.value, env) for w in node.keywords if w.arg != "key"]
    reader.cost += 1 + sum(v.length or 0 for v in given) / QUICK
    _keys(reader, node, given, env)
    match node.func:
        case ast.Name(id="range"):
            return ranged(reader, node, env)
        case ast.Name(id=name) if name in reader.answers:
            return reader.answers[name]
        case ast.Name(id=name):
            return _builtin(reader, name, given, len(node.args))
        case ast.Attribute(value=ast.Name(id="math"), attr=name):
            return _math(reader, name, given)
        case ast.Attribute(value=holder, attr=name):
            return _method(reader, holder, name, given, env)
    return NOTHING


def _argument(reader: "ExpressionBounds", node: ast.expr, env: Env) -> Value:
    return reader.value(node.value if isinstance(node, ast.Starred) else node, env)


def _keys(
    reader: "ExpressionBounds", node: ast.Call, given: list[Value], env: Env
) -> None:
    """A sort key runs once for each item."""
    for word in node.keywords:
        if word.arg != "key" or not isinstance(word.value, ast.Lambda):
            continue
        inside, before = dict(env), reader.cost
        holder = given[0] if given else NOTHING
        if isinstance(node.func, ast.Attribute):
            holder = reader.value(node.func.value, env)
        for parameter in word.value.args.args:
            inside[parameter.arg] = join(holder.item, holder)
        reader.cost = 0.0
        reader.value(word.value.body, inside)
        reader.cost = before + (holder.length or 0) * (1 + reader.cost)


def _builtin(
    reader: "ExpressionBounds", name: str, given: list[Value], positional: int
) -> Value:
    one = given[0] if given else NOTHING
    if name in _FLAGS:
        return FLAG
    if name == "len":
        return Value(whole=(0, one.length if one.length is not None else 0))
    if name == "dict" and len(given) > positional:
        return listed(one.length or len(given), one.item, *given, text(64))
    if name in _SAME:
        return listed(one.length or 0, one.item, text(1) if one.text else None)
    if name == "enumerate":
        count = Value(whole=(0, (one.length or 0) + max(0, _high(given[1:]))))
        return listed(one.length or 0, listed(2, count, one.item))
    if name == "zip":
        parts = [v.item for v in given] + [text(1)] * any(v.text for v in given)
        return listed(longest(given), listed(positional, *parts))
    if name in ("min", "max"):
        return _extreme(name, given, positional)
    if name == "sum":
        return _total(reader, given)
    if name == "abs":
        return Value(_absolute(one.whole), _absolute(one.real))
    if name == "float":
        return Value(real=(float("-inf"), INF) if one.text else _as_real(one))
    if name in ("int", "round"):
        return Value(whole=_as_whole(one))
    if name == "str":
        return text(printed(one))
    if name == "divmod":
        both = [reader.binary(op, *given[:2]) for op in (ast.FloorDiv(), ast.Mod())]
        return listed(2, *both)
    return NOTHING


def _high(values: list[Value]) -> Any:
    return max((v.span[1] for v in values), default=0)


def _extreme(name: str, given: list[Value], positional: int) -> Value:
    if positional == 1:
        one = given[0]
        return join(one.item, text(1) if one.text else None, *given[1:])
    whole = join(*given)
    if whole.length is not None:
        return whole
    spans = [v.span for v in given]
    pick = min if name == "min" else max
    low, high = pick(s[0] for s in spans), pick(s[1] for s in spans)
    return Value(_clip(whole.whole, low, high), _clip(whole.real, low, high))


def _clip(span: Span | None, low: Any, high: Any) -> Span | None:
    if span is None:
        return None
    bottom, top = max(span[0], low), min(span[1], high)
    return (bottom, top) if bottom <= top else span


def _total(reader: "ExpressionBounds", given: list[Value]) -> Value:
    one, item = given[0] if given else NOTHING, given[0].item if given else None
    if item is None:
        return Value(whole=(0, 0))
    if item.length is not None and len(given) > 1:
        length = (one.length or 0) * item.length + (given[1].length or 0)
        reader.cost += length * (one.length or 0) / QUICK
        return Value(length=length, item=join(item.item, given[1].item))
    count = Value(whole=(0, one.length or 0))
    start = given[1] if len(given) > 1 else Value(whole=(0, 0))
    total = reader.multiply(Value(item.whole, item.real), count)
    if item.real or start.real:
        return join(Value(total.whole, FLOAT), start)
    return reader.add(total, start)


def _absolute(span: Span | None) -> Span | None:
    return (0, max(map(abs, span))) if span else None


def _as_real(one: Value) -> Span:
    low, high = one.span
    wide = bits(one.whole) > 1000
    return FLOAT if wide else (float(low), float(high))


def _as_whole(one: Value) -> Span:
    if one.text:
        return -(10**4300), 10**4300
    low, high = one.span
    least, most = FLOOR
    bottom = least if low == -INF else int(low) - 1
    return bottom, most if high == INF else int(high) + 1


def _math(reader: "ExpressionBounds", name: str, given: list[Value]) -> Value:
    one = given[0] if given else NOTHING
    if name in ("floor", "ceil", "trunc"):
        return Value(whole=_as_whole(one))
    if name.startswith("is") and name != "isqrt":
        return FLAG
    if name == "isqrt":
        return Value(whole=_absolute(one.whole))
    if name == "gcd":
        return Value(whole=_absolute(join(*given).whole))
    if name == "modf":
        return listed(2, REAL)
    if name == "prod":
        item = one.item or NOTHING
        if item.whole and bits(item.whole) * (one.length or 0) > MAX_BITS:
            reader.limit(f"a product may have over {MAX_BITS} bits")
        return Value(FLOOR if item.whole else (1, 1), FLOAT if item.real else None)
    if name == "sqrt":
        high = one.span[1]
        wide = bits(one.whole) > 1000
        return Value(real=(0.0, INF if wide else max(0.0, float(high)) ** 0.5))
    return REAL


def _method(
    reader: "ExpressionBounds",
    holder: ast.expr,
    name: str,
    given: list[Value],
    env: Env,
) -> Value:
    one, first = reader.value(holder, env), given[0] if given else NOTHING
    length = one.length or 0
    reader.cost += length / QUICK if name not in ("append", "keys") else 0
    if name in ("append", "insert"):
        reader.hold(holder, given[-1] if given else NOTHING, 1, env)
    elif name in ("extend", "update"):
        added = join(first.item, text(1) if first.text else None)
        reader.hold(holder, added, first.length or 0, env)
    elif name in ("count", "find", "index"):
        return Value(whole=(-1, length))
    elif name.startswith(_TEXT_FLAGS):
        return FLAG
    elif name == "join":
        inside = (first.item.length or 0) if first.item else 1
        return text((first.length or 0) * (inside + length))
    elif name == "replace":
        other = (given[1].length or 0) if len(given) > 1 else 0
        return text((length + 1) * (other + 1))
    elif name in ("split", "splitlines"):
        return listed(length + 1, text(length))
    elif name == "items":
        return listed(length, listed(2, one.item))
    elif name == "pop":
        return join(one.item)
    elif name in ("copy", "keys", "values"):
        return listed(length, one.item)
    elif one.text:
        return text(length * 3)
    return NOTHING
