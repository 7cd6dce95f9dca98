"""A module's file as libcst nodes: header + body + footer in, and back out again.

What a file says of its own origin is for people. Only its body is read back for use,
and a body from a file proves nothing until it has passed the gate.
"""

from __future__ import annotations

import hashlib
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import libcst as cst

from core.atomic import read_text
from core.body import Body, parse_body
from core.errors import BodyRefused, NotFound
from core.formatting import canonical_format
from core.template_footer import render_footer
from core.template_header import VersionInfo, render_header

if TYPE_CHECKING:
    from core.spec import Spec


@dataclass(frozen=True, slots=True)
class ModuleFile:
    """A module as its file has it.

    `version` is the body hash that the decorator claims, `body` the text under the
    `def` without its docstring, `hash` the sha256 of the whole file.
    """

    module: str
    version: str
    name: str
    body: str
    text: str
    hash: str

    def canonical(self) -> Body:
        """The body in canonical form; BodyRefused if it is not a body at all."""
        return parse_body(self.body)


def render_module(spec: Spec, body: Body, info: VersionInfo) -> str:
    """The whole file: the body goes in as nodes under the rendered signature."""
    head = cst.parse_module(f"{render_header(spec, body, info)}    ...\n")
    block = _function(cst.parse_module(f"def body():\n{_indented(body.text)}")).body
    function = _function(head)
    replaced = head.deep_replace(function, function.with_changes(body=block))
    filled = cst.ensure_type(replaced, cst.Module)
    footer = cst.parse_module(render_footer(spec)).header
    blank = cst.EmptyLine(indent=False)
    whole = filled.with_changes(footer=[blank, blank, *footer])
    return canonical_format(whole.code)


def read_module(path: Path) -> ModuleFile:
    """The module in a file; BodyRefused with `where` if it is no generated module."""
    text = read_text(path)
    if text is None:
        raise NotFound(
            f"there is no module {path.name}",
            where=str(path),
            remedy="`asza build` writes it",
        )
    try:
        return parse_module_text(text)
    except BodyRefused as refused:
        refused.where = str(path)
        raise


def parse_module_text(text: str) -> ModuleFile:
    """The module in a text; BodyRefused if it is no generated module."""
    try:
        tree = cst.parse_module(text)
    except (cst.ParserSyntaxError, RecursionError, UnicodeError) as error:
        raise _refused(f"it does not parse: {str(error).splitlines()[0]}") from error
    function = _function(tree)
    module, version = _claims(function)
    return ModuleFile(
        module=module,
        version=version,
        name=function.name.value,
        body=_body_text(function),
        text=text,
        hash=text_hash(text),
    )


def text_hash(text: str) -> str:
    """sha256 (hex) of a file's text."""
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


def is_generated(text: str) -> bool:
    """Whether a text looks like a module's file; cheap, and never the last word."""
    return "\n@module(" in text and "from core.wrapper import module" in text


def _function(tree: cst.Module) -> cst.FunctionDef:
    found = [node for node in tree.body if isinstance(node, cst.FunctionDef)]
    if len(found) != 1:
        raise _refused(f"it defines {len(found)} functions, not one")
    return found[0]


def _claims(function: cst.FunctionDef) -> tuple[str, str]:
    """The module and the version that `@module(...)` names."""
    for decorator in function.decorators:
        call = decorator.decorator
        if isinstance(call, cst.Call) and _is_module(call.func):
            values = {a.keyword.value if a.keyword else "": a.value for a in call.args}
            return _text(values.get("")), _text(values.get("version"))
    raise _refused("its function is not marked with @module")


def _is_module(called: cst.BaseExpression) -> bool:
    """Whether this is `module`; libcst's matchers would cost 0.3 s to import."""
    return isinstance(called, cst.Name) and called.value == "module"


def _text(node: cst.BaseExpression | None) -> str:
    if isinstance(node, cst.SimpleString) and isinstance(node.evaluated_value, str):
        return node.evaluated_value
    raise _refused("@module does not name a module and a version as plain text")


def _body_text(function: cst.FunctionDef) -> str:
    block = function.body
    if not isinstance(block, cst.IndentedBlock):
        raise _refused("its body stands on the line of its def")
    kept = (
        block.body[1:]
        if function.get_docstring(clean=False) is not None
        else block.body
    )
    if not kept:
        raise _refused("its function has no body")
    code = cst.Module(body=[]).code_for_node(block.with_changes(body=kept))
    return textwrap.dedent(code.removeprefix("\n")).strip("\n") + "\n"


def _indented(text: str) -> str:
    return textwrap.indent(text, "    ")


def _refused(why: str) -> BodyRefused:
    return BodyRefused(
        f"this is not a module that ASZA wrote: {why}",
        field="module",
        remedy="`asza build <module> --fresh --force` writes it again",
    )
