"""Compile a module's source for CPython in a namespace that holds almost nothing.

This is speed, not safety: a restricted namespace is no sandbox. Only a body whose
certificate matches its hash may come here, in a process that holds no keys.
"""

import __future__

import ast
import builtins
import math
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

from core import allowed
from core.errors import BodyRefused

NativeFunction = Callable[..., Any]


def compile_native(source: str, name: str) -> NativeFunction:
    """The function `name` that `source` defines, as CPython bytecode.

    `source` is what `core.body.function_source` makes: at most `import math`, then
    one `def`. Anything else at the top level raises `BodyRefused`.
    """
    namespace = restricted_namespace()
    exec(native_code(source, name), namespace)  # noqa: S102 the certificate's hash was checked
    function = namespace[name]
    if not isinstance(function, FunctionType):
        raise _not_one_function(name)
    return function


def restricted_namespace() -> dict[str, Any]:
    """Globals for a body: the listed builtins and `math`, nothing else."""
    names = {name: getattr(builtins, name) for name in sorted(allowed.BUILTINS)}
    return {"__builtins__": names, "__name__": "asza_body", "math": math}


def native_code(source: str, name: str) -> CodeType:
    """Bytecode of the one `def`; annotations stay text, `import math` is given."""
    tree = ast.parse(source)
    functions = [node for node in tree.body if not _is_import_math(node)]
    if len(functions) != 1 or not _defines(functions[0], name):
        raise _not_one_function(name)
    tree.body = functions
    flags = __future__.annotations.compiler_flag
    code: CodeType = compile(tree, f"<{name}>", "exec", flags=flags, dont_inherit=True)
    return code


def _is_import_math(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import) and [
        (alias.name, alias.asname) for alias in node.names
    ] == [("math", None)]


def _defines(node: ast.stmt, name: str) -> bool:
    return (
        isinstance(node, ast.FunctionDef)
        and node.name == name
        and not node.decorator_list
    )


def _not_one_function(name: str) -> BodyRefused:
    return BodyRefused(
        f"the source of {name} is not one plain function",
        field="source",
        remedy=f"give `import math` at most, then `def {name}(...)`",
    )
