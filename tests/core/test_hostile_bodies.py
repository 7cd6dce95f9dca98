"""Hostile bodies: the gate refuses each, and where one runs it reaches nothing."""

from pathlib import Path
from time import perf_counter

import pytest

from core.body import function_source, parse_body
from core.errors import BodyRefused
from core.gate import run_gate
from core.gate.cross_check import cross_check
from core.sandbox import Sandbox
from core.sandbox.policy import Policy
from tests.core.gate_samples import JUDGE, VOCABULARY, read

CORPUS = sorted((Path(__file__).parents[1] / "corpus/hostile_bodies").glob("*.body"))
ESCAPES = [path for path in CORPUS if not path.stem.startswith(("bomb", "recursion"))]
WITNESS = Path("/tmp/asza-was-here")
SECRET = "canary-7351"
SPEC = read(JUDGE)
ROW = {"x": 0.5, "name": "a", "rows": [{"close": 0.25}]}
SHORT = Policy(seconds=0.2, row_seconds=0.002)


@pytest.fixture(autouse=True)
def canary(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ASZA_CANARY", SECRET)
    yield
    assert not WITNESS.exists()


def named(path: Path) -> str:
    return path.stem


def source_of(path: Path) -> str:
    """The function as it would run if the form check were not there."""
    try:
        return function_source(SPEC, parse_body(path.read_text()))
    except BodyRefused:
        pytest.skip("the parser refuses it already")


def test_the_corpus_covers_every_way_out():
    kinds = {path.stem.partition("_")[0] for path in CORPUS}
    assert kinds == {
        *("argument", "bomb", "chance", "clock", "dunder", "environment", "eval"),
        *("file", "format", "generator", "getattr", "hidden", "import", "memory"),
        *("network", "process", "recursion"),
    }


@pytest.mark.parametrize("path", CORPUS, ids=named)
def test_the_gate_refuses_it_in_bounded_time(sandbox: Sandbox, path: Path):
    began = perf_counter()
    certificate = run_gate(
        SPEC, path.read_text(), sandbox=sandbox, vocabulary=VOCABULARY, policy=SHORT
    )
    assert not certificate.passed
    assert certificate.refusals[0].remedy
    assert perf_counter() - began < 60


@pytest.mark.parametrize("path", CORPUS, ids=named)
def test_the_sandbox_contains_it(sandbox: Sandbox, path: Path):
    outcome = sandbox.call(source_of(path), SPEC.name, ROW, policy=SHORT)
    assert SECRET not in repr(outcome)
    assert sandbox.call("def f() -> dict:\n    return {}\n", "f", {}).ok


@pytest.mark.parametrize("path", ESCAPES, ids=named)
def test_the_cross_check_contains_it(path: Path):
    try:
        outcomes = cross_check(source_of(path), SPEC.name, [ROW], policy=SHORT)
    except (SyntaxError, BodyRefused):
        return
    assert SECRET not in repr(outcomes)
