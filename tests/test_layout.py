"""The directions of imports and the walls between parts, read from the source itself."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STAGES = ("ask_architect.py", "code_generator.py", "file_creator.py")
SDKS = {"openai", "anthropic"}
OURS = ("core", "cli", "trading", "wick")


def sources(*folders: str) -> list[Path]:
    """Every Python file below some folders, and the files at the top."""
    found = [p for folder in folders for p in (ROOT / folder).rglob("*.py")]
    return found + [ROOT / stage for stage in (*STAGES, "asza.py")]


def imported(path: Path) -> Iterator[str]:
    """The top names a file imports, wherever the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").split(".")[0]


def modules(path: Path) -> Iterator[str]:
    """The modules that a file takes names from."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""


def named(path: Path) -> Iterator[str]:
    """The strings that stand in a file as they are."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def below(path: Path, *folders: str) -> bool:
    return any(path.is_relative_to(ROOT / folder) for folder in folders)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_imports_core_and_no_trading_and_no_command(stage: str) -> None:
    ours = {"core", "trading", "wick", "cli", "asza", "bench"}
    assert set(imported(ROOT / stage)) & ours <= {"core"}


def test_only_the_models_folder_imports_a_model_sdk() -> None:
    users = [p for p in sources(*OURS) if SDKS & {*imported(p)}]
    assert users
    assert all(below(p, "core/llm") for p in users)


def test_only_the_fetch_creates_exchange_clients() -> None:
    users = [p for p in sources(*OURS) if "ccxt" in {*imported(p), *named(p)}]
    assert users == [ROOT / "trading/shell/exchanges.py"]
    fetching = [p for p in sources(*OURS) if "trading.shell.exchanges" in modules(p)]
    assert fetching == [ROOT / "trading/shell/fetch.py"]


def test_only_the_store_talks_to_the_database_driver() -> None:
    users = [p for p in sources(*OURS) if "psycopg" in imported(p)]
    assert users
    assert all(below(p, "core/store") for p in users)


def test_only_what_runs_bodies_has_a_broad_except() -> None:
    broad = [
        path.relative_to(ROOT).as_posix()
        for path in sources(*OURS)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and _is_broad(node)
    ]
    assert set(broad) == {
        "core/gate/cross_check_runner.py",
        "core/wrapper.py",
        "wick/runners/cpython_call.py",
    }


def _is_broad(handler: ast.ExceptHandler) -> bool:
    caught = handler.type
    return caught is None or (
        isinstance(caught, ast.Name) and caught.id in ("Exception", "BaseException")
    )


def test_no_file_names_a_package_index() -> None:
    lines = [
        line
        for name in ("requirements.txt", "requirements-dev.txt", "Makefile")
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
    ]
    assert not [line for line in lines if "://" in line or " --index-url" in line]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_and_hashed(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    wanted = [line for line in text.splitlines() if line.strip()]
    assert wanted
    assert all("==" in line and "--hash=sha256:" in line for line in wanted)


def test_the_command_line_starts_without_what_only_some_commands_need() -> None:
    """The incident: `asza list` waited a quarter of a second for pandas."""
    heavy = ("pandas", "numpy", "libcst", "ccxt", "plotly", "dask", "openai")
    told = f"print([name for name in {heavy} if name in sys.modules])"
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys, asza; {told}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "[]\n"
