"""The function that is to be repaired, found in the text of its file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from core.errors import NotFound, RequestRefused
from wick.plain.preamble import Preamble, preamble_of
from wick.search.normal import without_docstring
from wick.subject import Subject

MOST_LINES = 60
_HARMLESS = frozenset({"cache", "lru_cache", "staticmethod", "override", "final"})


@dataclass(frozen=True, slots=True)
class Found:
    """A function in its file. `node` is it as written; `subject` what is repaired.

    `plainer` is the same subject with only what it surely needs of its file, for an
    engine that cannot run the rest. `notes` say what was left out of account.
    """

    path: Path
    text: str
    name: str
    node: ast.FunctionDef
    subject: Subject
    plainer: Subject
    notes: tuple[str, ...] = ()


def find(target: str) -> Found:
    """The function that `FILE.py::function` names.

    NotFound where there is no such file or function, RequestRefused for what cannot be
    repaired, with the reason.
    """
    path, name = _parts(target)
    text = _read(path)
    tree = _parsed(path, text)
    node = _function(tree, name, path)
    _refuse_unfit(node, name, path)
    before = preamble_of(tree, node)
    return Found(
        path, text, name, node, *_subjects(node, before), notes=_notes(node, before)
    )


def tree_of(text: str) -> ast.Module:
    """A file's text parsed, with or without a byte order mark."""
    return ast.parse(text.removeprefix("\ufeff"))


def _parts(target: str) -> tuple[Path, str]:
    file, mark, name = target.rpartition("::")
    if not (mark and file and name):
        raise RequestRefused(
            "it is not said which function is to be repaired",
            field="target",
            value=target,
            remedy="write FILE.py::function, or FILE.py::Class.method",
        )
    return Path(file), name


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise NotFound(
            f"there is no file {path}",
            field="target",
            value=str(path),
            remedy="give the path of a Python file, from where you are",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise RequestRefused(
            f"{path} cannot be read: {error}",
            field="target",
            value=str(path),
            remedy="make it a readable UTF-8 file",
        ) from error


def _parsed(path: Path, text: str) -> ast.Module:
    try:
        return tree_of(text)
    except SyntaxError as error:
        raise RequestRefused(
            f"it is no Python 3.11: {error.msg}",
            where=f"{path}:{error.lineno}",
            field="target",
            value=(error.text or "").strip(),
            remedy="make the file parse first; Wick repairs what runs and is wrong",
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise RequestRefused(
            f"it does not parse: {error}", where=str(path), remedy="simplify the file"
        ) from error


def _named(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Every function at the top level or in a class there, by the name to ask for."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield f"{node.name}.{inner.name}", inner


def _function(tree: ast.Module, name: str, path: Path) -> ast.FunctionDef:
    found = dict(_named(tree))  # of two with one name the last is what Python calls
    node = found.get(name)
    if node is None:
        raise _not_found(name, list(found), path)
    if not isinstance(node, ast.FunctionDef):
        raise _unfit(name, path, "is async", "repair what it awaits, or a plain part")
    if "." in name and "staticmethod" not in _decorators(node):
        raise _unfit(
            name, path, "is a method that needs its object", "give a static method"
        )
    return node


def _not_found(name: str, names: list[str], path: Path) -> NotFound:
    close = get_close_matches(name, names, n=1, cutoff=0.5)
    there = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    meant = f"did you mean {close[0]}? " if close else ""
    return NotFound(
        f"{path} has no function {name} at its top level",
        field="function",
        value=name,
        remedy=f"{meant}it has {there or 'no function at all'}",
    )


def _refuse_unfit(node: ast.FunctionDef, name: str, path: Path) -> None:
    unknown = [each for each in _decorators(node) if each not in _HARMLESS]
    if unknown:
        raise _unfit(
            name,
            path,
            f"is decorated with @{unknown[0]}, which is not run",
            "repair the plain function, and decorate another name",
        )
    lines = ast.unparse(_stripped(node)).count("\n") + 1
    if lines > MOST_LINES:
        raise _unfit(
            name,
            path,
            f"has {lines} lines of statements, more than {MOST_LINES}",
            "split it, and repair the part that is wrong",
        )


def _unfit(name: str, path: Path, why: str, remedy: str) -> RequestRefused:
    return RequestRefused(
        f"{name} {why}", where=str(path), field="function", value=name, remedy=remedy
    )


def _decorators(node: ast.FunctionDef) -> list[str]:
    """Each decorator by its last name: `functools.lru_cache(maxsize=8)` is lru_cache."""
    called = (
        each.func if isinstance(each, ast.Call) else each
        for each in node.decorator_list
    )
    return [ast.unparse(each).rpartition(".")[2] for each in called]


def _stripped(node: ast.FunctionDef) -> ast.FunctionDef:
    """The function without decorators, docstring and annotations of its signature."""
    bare = ast.parse(ast.unparse(node)).body[0]
    assert isinstance(bare, ast.FunctionDef)  # noqa: S101 it was one
    bare.decorator_list, bare.returns = [], None
    for each in ast.walk(bare.args):
        if isinstance(each, ast.arg):
            each.annotation = None
    bare.body = without_docstring(bare.body)
    return bare


def _subjects(node: ast.FunctionDef, before: Preamble) -> tuple[Subject, Subject]:
    source = ast.unparse(_stripped(node))
    given = node.args
    names = [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    made = [
        Subject(node.name, source, tuple(names), preamble=text)
        for text in (before.all, before.needed)
    ]
    return made[0], made[1]


def _notes(node: ast.FunctionDef, before: Preamble) -> tuple[str, ...]:
    dropped = [each for each in _decorators(node) if each != "staticmethod"]
    told = [f"@{each} is left out while it is tried" for each in dropped]
    return (*told, *before.notes)
