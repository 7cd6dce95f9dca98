"""The names a body may use: written once, for the check, the prompt and the engines.

Only constants live here, so that the hot path can import them for nothing.
"""

from typing import Final

BUILTINS: Final = frozenset(
    {
        "abs",
        "all",
        "any",
        "bool",
        "dict",
        "divmod",
        "enumerate",
        "float",
        "int",
        "isinstance",
        "len",
        "list",
        "max",
        "min",
        "range",
        "reversed",
        "round",
        "sorted",
        "str",
        "sum",
        "tuple",
        "zip",
    }
)

# Without comb, factorial and perm (one call of them can fill the memory) and nan
# (it passes no contract).
MATH: Final = frozenset(
    {
        "acos",
        "acosh",
        "asin",
        "asinh",
        "atan",
        "atan2",
        "atanh",
        "ceil",
        "copysign",
        "cos",
        "cosh",
        "degrees",
        "dist",
        "e",
        "erf",
        "erfc",
        "exp",
        "expm1",
        "fabs",
        "floor",
        "fmod",
        "fsum",
        "gcd",
        "hypot",
        "inf",
        "isclose",
        "isfinite",
        "isinf",
        "isnan",
        "isqrt",
        "log",
        "log10",
        "log1p",
        "log2",
        "modf",
        "pi",
        "pow",
        "prod",
        "radians",
        "remainder",
        "sin",
        "sinh",
        "sqrt",
        "tan",
        "tanh",
        "tau",
        "trunc",
    }
)

# `get`, `setdefault` and `format` are absent on purpose: the first two invent a
# value for a missing field, the third walks attributes.
METHODS: Final = frozenset(
    {
        "append",
        "copy",
        "count",
        "endswith",
        "extend",
        "find",
        "index",
        "insert",
        "isalnum",
        "isalpha",
        "isdigit",
        "islower",
        "isupper",
        "items",
        "join",
        "keys",
        "lower",
        "lstrip",
        "pop",
        "removeprefix",
        "removesuffix",
        "replace",
        "reverse",
        "rstrip",
        "sort",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "title",
        "update",
        "upper",
        "values",
    }
)

MUTATING_METHODS: Final = frozenset(
    {"append", "extend", "insert", "pop", "reverse", "sort", "update"}
)
