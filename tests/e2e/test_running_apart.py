"""What a process with a key built is run by a process that never had one."""

from typing import Any

import pytest

from tests.e2e.project import Project

KEY = "sk-" + "a" * 40
REQUEST = "Buy when RSI 14 crosses above 30. Sell when RSI 14 is above 70."
SUM = "Write f(a, b). f(2, 3) is 5. f(1, 1) is 2. f(0, 4) is 4. f(-2, 7) is 5."


@pytest.fixture
def keyed() -> dict[str, Any]:
    return {
        "OPENAI_API_KEY": KEY,
        "LLM_ARCHITECT": "offline",
        "LLM_WRITER": "offline",
    }


def test_the_whole_job_is_done_with_a_key_at_hand(project: Project, keyed):
    told = project.data("ask", REQUEST, "--stack", "apart", **keyed)
    assert told["run"]["kind"] == "walk"
    assert told["run"]["totals"]["decisions"] > 0


def test_the_other_process_s_error_is_ours(project: Project, keyed):
    project.data("ask", REQUEST, "--stack", "apart", "--no-run", **keyed)
    given = ("--in", '{"rsi": 3}')
    told = project.data("ask", REQUEST, "--stack", "apart", *given, code=10, **keyed)
    assert "rsi" in told["message"]
    assert KEY not in str(told)


def test_the_other_process_s_error_is_said_once(project: Project, keyed):
    project.data("ask", REQUEST, "--stack", "apart", "--no-run", **keyed)
    for wanted in (("--json",), ()):
        given = ("--in", '{"rsi": 3}', *wanted)
        ran = project.asza("ask", REQUEST, "--stack", "apart", *given, code=10, **keyed)
        assert ran.err.count("apart reads no rsi") == 1


def test_a_module_that_fails_in_the_other_process_is_said_once(project: Project, keyed):
    project.data("ask", SUM, "--stack", "broken", "--no-run", **keyed)
    project.asza("quarantine", "broken.f")
    told = project.asza("ask", SUM, "--stack", "broken", code=11, **keyed)
    assert told.err.count("calls failed") == 1
