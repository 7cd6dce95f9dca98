"""Where things stand in a project: stacks, modules, specs, locks. Light."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import NotFound
from core.names import name_fault

if TYPE_CHECKING:
    from core.settings import Settings

STACK_FILE = "stack.toml"


def stack_folder(settings: Settings, stack: str) -> Path:
    """A stack's folder: at the top where it has a stack.toml, else under generated/."""
    if fault := name_fault(stack):
        raise NotFound(
            f"there is no stack '{stack}': {fault}",
            field="stack",
            value=stack,
            remedy="`asza list` shows the stacks",
        )
    top = settings.root / stack
    return top if (top / STACK_FILE).is_file() else settings.root / "generated" / stack


def stack_folders(settings: Settings) -> list[Path]:
    """Every folder with a stack.toml, those at the top first."""
    found = [*settings.root.glob(f"*/{STACK_FILE}")]
    found += [*(settings.root / "generated").glob(f"*/{STACK_FILE}")]
    return [path.parent for path in sorted(found, key=lambda p: (len(p.parts), p))]


def split_id(module: str) -> tuple[str, str]:
    """(stack, name) of a module's id; NotFound when it is not `stack.name`."""
    stack, dot, name = module.partition(".")
    if not dot or name_fault(stack) or name_fault(name):
        raise NotFound(
            f"'{module}' is no module id",
            field="module",
            value=module,
            remedy="write it as stack.name; `asza list` shows them",
        )
    return stack, name


def module_path(settings: Settings, module: str) -> Path:
    """The file of a module, whether it is there or not."""
    stack, name = split_id(module)
    return stack_folder(settings, stack) / f"{name}.py"


def spec_path(settings: Settings, module: str) -> Path:
    """The file of a module's spec, whether it is there or not."""
    stack, name = split_id(module)
    return settings.root / "prompts" / stack / f"{name}.md"


def spec_folder(settings: Settings, stack: str) -> Path:
    """Where a stack's specs stand."""
    return settings.root / "prompts" / stack


def shipped_path(settings: Settings, module: str) -> Path:
    """The body that is shipped with a module's spec, whether there is one or not."""
    stack, name = split_id(module)
    return spec_folder(settings, stack) / "bodies" / f"{name}.txt"


def relative(settings: Settings, path: Path) -> str:
    """A path as the database keeps it: from the project's folder, with slashes."""
    return path.relative_to(settings.root).as_posix()
