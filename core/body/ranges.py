"""The bounds of `range`: how many rounds it takes at least and at most."""

import ast
from typing import TYPE_CHECKING

from core.body.values import INF, MAX_RANGE, Env, Span, Value, bits, hull, listed

if TYPE_CHECKING:
    from core.body.expression_bounds import ExpressionBounds


def ranged(reader: "ExpressionBounds", node: ast.Call, env: Env) -> Value:
    spans = range_spans(reader, node, env)
    if spans is None:
        reader.limit("the arguments of a range are not plain")
        return listed(MAX_RANGE, Value(whole=(-MAX_RANGE, MAX_RANGE)))
    start, stop, step = spans
    least = least_rounds(reader, node, env)
    if least > MAX_RANGE:
        reader.limit(f"a range has {least:_} rounds", sure=True)
    up, down = stop[1] - start[0], start[1] - stop[0]
    most = up if step[0] > 0 else max(up, down)
    stride = step[0] if step[0] > 0 else 1
    length = max(0, -(-most // stride))
    if length > MAX_RANGE:
        reader.limit(f"a range may have over {MAX_RANGE:_} rounds")
        length = MAX_RANGE
    return listed(length, Value(whole=hull(start, stop)))


def range_spans(
    reader: "ExpressionBounds", node: ast.expr, env: Env
) -> tuple[Span, Span, Span] | None:
    """Start, stop and step of a `range(...)`; None when it is something else."""
    match node:
        case ast.Call(func=ast.Name(id="range"), args=parts) if 1 <= len(parts) <= 3:
            whole = [reader.value(part, env).whole for part in parts]
            found = [span for span in whole if span is not None]
            if len(found) < len(parts) or any(_starred(part) for part in parts):
                return None
            start, stop = (found[0], found[1]) if len(found) > 1 else ((0, 0), found[0])
            return start, stop, found[2] if len(found) == 3 else (1, 1)
    return None


def least_rounds(reader: "ExpressionBounds", node: ast.expr, env: Env) -> float:
    """How many rounds a loop over `node` takes at least."""
    spans = range_spans(reader, node, env)
    if spans is None:
        return 0
    start, stop, step = spans
    if step != (1, 1):
        step = (step[0], max(1, step[1]))
    return max(0, (stop[0] - start[1]) // step[1]) if bits(stop) < INF else 0


def _starred(node: ast.expr) -> bool:
    return isinstance(node, ast.Starred)
